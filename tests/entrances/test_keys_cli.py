"""`escalade keys`, as whoever looks after the keys runs it."""

import json
import re
from pathlib import Path

import pytest

from escalations.cli.main import run
from escalations.encryption import read_keys

A_DAY_AND_LETTERS = r"20\d\d-\d\d-\d\d-[0-9a-f]{4}"


def test_made_added_to_and_rotated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file only its owner can read; a key is added below the active one, then activated."""
    file = tmp_path / "keys"

    assert run(["keys", "new", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert run(["keys", "add", str(file), "--id", "next"]) == 0
    assert run(["keys", "activate", str(file), "next", "--json"]) == 0

    said = capsys.readouterr().out
    first = said.split()[0]
    assert re.fullmatch(A_DAY_AND_LETTERS, first)
    assert said.startswith(f"{first}  encrypts\n{first}  encrypts\nnext  decrypts only\n")
    assert json.loads(said[said.index("{") :]) == {"active": "next", "keys": ["next", first]}
    assert read_keys(file).active == "next"
    assert [each.name for each in tmp_path.iterdir()] == ["keys"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["new", "FILE"], 1, "is there already. `escalade keys add"),
        (["add", "FILE", "--id", "first"], 1, "has a key first already. Name the new one"),
        (["add", "FILE", "--id", "a b"], 2, "allowed: 1 to 40 of letters"),
        (["add", "FILE", "--id", "search"], 2, "names customers in searches"),
        (["activate", "FILE", "gone"], 1, "has no key gone; it has first"),
        (["list", "NOWHERE"], 2, "`escalade keys new"),
    ],
)
def test_refused(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    said: str,
) -> None:
    """What would lose a key, or is none: the file stays as it was."""
    file = tmp_path / "keys"
    run(["keys", "new", str(file), "--id", "first"])
    before = file.read_bytes()
    capsys.readouterr()

    places = {"FILE": str(file), "NOWHERE": str(tmp_path / "nowhere")}
    assert run(["keys", *(places.get(word, word) for word in words)]) == code
    assert said in capsys.readouterr().err
    assert file.read_bytes() == before
