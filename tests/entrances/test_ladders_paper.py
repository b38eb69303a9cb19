"""What `docs/ladders.md` shows of our policies is what they do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from escalations.cli.simulated import lines
from escalations.policy_file import read as read_policy
from escalations.rota_calendars.files import RotaFiles
from escalations.simulation.scenario_file import Wishes, read
from escalations.simulation.story import Story
from tests.harness import ROOT

PAPER: Final = (ROOT / "docs" / "ladders.md").read_text("utf-8")
POLICIES: Final = ROOT / "policies"
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
WIDTH: Final = 110
"""Narrow enough for a card a step."""


@pytest.mark.parametrize(
    ("name", "scenario"),
    [
        ("ticket-tiers", "ticket-tiers"),
        ("ticket-tiers", "ticket-tiers-outage"),
        ("social-care", "social-care"),
        ("customer-success", "customer-success"),
        ("follow-the-sun", "follow-the-sun"),
    ],
)
def test_simulated_case(name: str, scenario: str) -> None:
    """A scenario of `docs/scenarios` does what the page shows, line for line, rotas and all."""
    policy = read_policy(POLICIES / f"{name}.yaml")
    said = read(Path(ROOT, "docs", "scenarios", f"{scenario}.yaml"), policy, Wishes(NOW))
    simulation = said.play(policy, RotaFiles(POLICIES).roster)
    story = Story.of(simulation, said.timezone, None, said.summary)

    shown = "\n".join(line.plain.rstrip() for line in lines(story, WIDTH))
    assert f"```\n{shown.strip()}\n```" in PAPER
    assert f"policies/{name}.yaml docs/scenarios/{scenario}.yaml" in PAPER
