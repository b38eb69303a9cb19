"""Each control of SECURITY.md taken out, and the test that fails then.

The table is `controls/<threat>.toml`: the control in words, the file, the text as it stands, the
one that takes it out, and the tests that must fail, each by itself. `test_security.py` keeps it
true to the code and to SECURITY.md in every run.

`make controls` (`python -m tests.taking_out [WORD…]`) takes each control out in a copy of the
checkout and runs its tests there; it fails if one stays green, hangs, or had failed before. Words
choose threats (`T5`), or controls, files and tests that contain them. All of it takes some tens of
minutes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
TABLE: Final = CHECKOUT / "tests" / "controls"
LEFT_OUT: Final = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "*.db")
SECONDS: Final = 150
"""After which a test hangs, which says nothing: a busy machine must not catch a control."""
NOT_GREEN: Final = "DOES NOT PASS while every control stands"
HUNG: Final = 124
HANGS: Final = "from pytest-timeout"
"""What pytest says of a test that was stopped for its time."""


@dataclass(frozen=True)
class Control:
    """One control, and how it is taken out."""

    threat: str
    control: str
    file: str
    was: str
    now: str
    tests: tuple[str, ...]

    def source(self, folder: Path = CHECKOUT) -> str:
        """The file as it stands."""
        return (folder / self.file).read_text("utf-8")

    def without(self, folder: Path = CHECKOUT) -> str:
        """The file with the control taken out."""
        return self.source(folder).replace(self.was, self.now)


def controls() -> Iterator[Control]:
    """The whole table, by threat."""
    for file in sorted(TABLE.glob("T*.toml")):
        for row in tomllib.loads(file.read_text("utf-8"))["control"]:
            tests = tuple(row.pop("tests"))
            yield Control(threat=f"T{int(file.stem[1:])}", tests=tests, **row)


def asked_for(words: Sequence[str]) -> list[Control]:
    """Those of a threat, or with the word in what they say; all without words."""
    return [
        each
        for each in controls()
        if not words
        or any(
            word == each.threat or word in f"{each.control} {each.file} {each.tests}"
            for word in words
        )
    ]


def run(folder: Path, *tests: str) -> tuple[int, str]:
    """What pytest says of these tests in the copy: its exit code and its words."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(  # our own interpreter and our own tests
            [*command, f"--timeout={SECONDS}", *tests],
            cwd=folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=2 * SECONDS,
        )
    except subprocess.TimeoutExpired:
        return HUNG, "it hangs"
    words = done.stdout + done.stderr
    return HUNG if HANGS in words else done.returncode, words


def is_green(folder: Path, test: str) -> bool:
    """Whether a test passes while every control stands: else its failure says nothing."""
    code, words = run(folder, test)
    return code == 0 and " passed" in words


def stays_green(control: Control, test: str, folder: Path) -> str | None:
    """Why a test did not catch it; `None` if it fails. The copy is whole again afterwards."""
    file, whole = folder / control.file, control.source(folder)
    file.write_text(control.without(folder), "utf-8")
    try:
        code, words = run(folder, test)
    finally:
        file.write_text(whole, "utf-8")
    if code == 0:
        return "STAYS GREEN"
    return None if code == 1 else f"could not be tried: {words.strip().splitlines()[-1]}"


def main() -> int:
    """Take them out one by one, say what came of each; 1 if a test stays green."""
    parser = argparse.ArgumentParser(
        prog="make controls", description="Take each control of SECURITY.md out; a test must fail."
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="a threat, or words of a control")
    chosen = asked_for(parser.parse_args().words)
    missed = tried = 0
    with tempfile.TemporaryDirectory(prefix="escalade-controls-") as name:
        folder = Path(name) / "checkout"
        shutil.copytree(CHECKOUT, folder, ignore=LEFT_OUT)
        passes = cache(partial(is_green, folder))
        for each in chosen:
            for test in each.tests:
                because = NOT_GREEN if not passes(test) else stays_green(each, test, folder)
                tried, missed = tried + 1, missed + (because is not None)
                sys.stdout.write(f"{each.threat:<4} {each.control}: {because or 'red'}, {test}\n")
                sys.stdout.flush()
    sys.stdout.write(f"\n{len(chosen)} controls taken out, {tried} tests, {missed} not red\n")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
