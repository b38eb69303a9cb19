"""Worker and server killed at random moments, on the embedded default."""

from pathlib import Path

import pytest

from tests.deployment.kills.many import kills, torture

LIVES = range(1, 31)
"""Seeds, each a life of its own: as many as six minutes hold. `make torture` has fifty."""


@pytest.mark.timeout(3_000)
async def test_lives_under_fire(tmp_path: Path) -> None:
    """`kill -9` of worker and server at random moments: every case ends as it would have, nothing
    is skipped, and a mail that comes twice has the same Message-ID."""
    said: list[str] = []

    total = await torture(tmp_path, said.append, kills(LIVES))

    assert total.faults == [], "\n".join(said)
    assert len(said) == len(LIVES)
