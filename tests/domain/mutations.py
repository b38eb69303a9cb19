"""Domain mutation: each rule of the engine broken by hand, and the story that catches it.

The table is `mutants/<module>.toml`: the rule in words, the lines as they stand, the broken ones,
and the one test that must fail then. `test_mutations.py` keeps it true to the engine in every run.

`make mutants` (`python -m tests.domain.mutations [WORD…]`) breaks each rule in a copy of the
checkout, runs its test there, and fails if one stays green. Words choose modules, or rules and
tests that contain them.
"""

import argparse
import ast
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TABLE = CHECKOUT / "tests" / "domain" / "mutants"
COPIED = ("escalations", "policies", "tests", "pyproject.toml")
SECONDS = 20
"""Of processor time, after which a story that has not failed yet counts as one that hangs."""
PATIENCE = 10
"""So many times as long by the clock: on a busy machine a story waits for its turn."""


@dataclass(frozen=True)
class Mutation:
    """One rule, broken."""

    module: str
    rule: str
    was: str
    now: str
    test: str

    @property
    def file(self) -> Path:
        """The module, from the checkout's root."""
        return Path("escalations", f"{self.module}.py")

    @property
    def story(self) -> str:
        """The test, as pytest is asked for it."""
        return f"tests/domain/{self.test}"

    def line(self, source: str) -> int:
        """The first line that is broken, from 1."""
        start = source.index(self.was)
        pairs = enumerate(zip(self.was, self.now, strict=False))
        same = next((n for n, (was, now) in pairs if was != now), min(len(self.was), len(self.now)))
        return source.count("\n", 0, start + same) + 1


@cache
def source(module: str) -> str:
    """A module of the engine as it stands."""
    return (CHECKOUT / "escalations" / f"{module}.py").read_text("utf-8")


def modules() -> list[str]:
    """The modules whose rules are broken."""
    return sorted(file.stem for file in TABLE.glob("*.toml"))


def mutations() -> Iterator[Mutation]:
    """The whole table."""
    for module in modules():
        rows = tomllib.loads((TABLE / f"{module}.toml").read_text("utf-8"))["mutation"]
        for row in rows:
            yield Mutation(module=module, **row)


def functions(module: str) -> dict[str, range]:
    """Each function of a module and its lines; a class's methods are functions too."""
    return {
        node.name: range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(ast.parse(source(module)))
        if isinstance(node, ast.FunctionDef)
    }


def cases(module: str) -> dict[str, range]:
    """Each case of a module's dispatches and its lines, but those that nothing falls into."""
    return {
        ast.unparse(case.pattern) + (f" if {ast.unparse(case.guard)}" if case.guard else ""): range(
            case.pattern.lineno, (case.body[-1].end_lineno or 0) + 1
        )
        for node in ast.walk(ast.parse(source(module)))
        if isinstance(node, ast.Match)
        for case in node.cases
        if "assert_never" not in ast.unparse(case.body[0])
    }


def asked_for(words: Sequence[str]) -> list[Mutation]:
    """Those of a module, or whose rule or test has the word in it; all without words."""
    named = set(words) & set(modules())
    others = set(words) - named
    return [
        each
        for each in mutations()
        if not words
        or each.module in named
        or any(word in each.rule or word in each.test for word in others)
    ]


def run(folder: Path, *stories: str) -> tuple[int, str]:
    """What pytest says of these stories in the copy: its exit code and its words."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    most = SECONDS * len(stories)
    try:
        done = subprocess.run(  # our own interpreter and our own tests
            [*command, "--confcutdir", "tests/domain", "--timeout=0", *stories],
            cwd=folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            preexec_fn=partial(resource.setrlimit, resource.RLIMIT_CPU, (most, most + 1)),
            capture_output=True,
            text=True,
            timeout=PATIENCE * most,
        )
    except subprocess.TimeoutExpired:
        return 1, "it hangs"
    if done.returncode == -signal.SIGXCPU:
        return 1, "it hangs"
    return done.returncode, done.stdout + done.stderr


def survives(mutation: Mutation, folder: Path) -> str | None:
    """Why a broken rule was not caught; `None` if its story fails, and leaves the copy whole."""
    file = folder / mutation.file
    whole = file.read_text("utf-8")
    file.write_text(whole.replace(mutation.was, mutation.now), "utf-8")
    try:
        code, words = run(folder, mutation.story)
    finally:
        file.write_text(whole, "utf-8")
    if code == 0:
        return "survives"
    return None if code == 1 else f"could not be tried: {words.strip().splitlines()[-1]}"


def copied(folder: Path) -> None:
    """The checkout, as far as the domain's tests need it."""
    for name in COPIED:
        origin = CHECKOUT / name
        if origin.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "histories")
            shutil.copytree(origin, folder / name, ignore=ignored)
        else:
            shutil.copy2(origin, folder / name)


def main() -> int:
    """Break them one by one, say what came of each; 1 if one survives."""
    parser = argparse.ArgumentParser(
        prog="make mutants", description="Break each rule of the engine; a story must catch it."
    )
    parser.add_argument("words", nargs="*", metavar="WORD", help="a module, or words of a rule")
    chosen = asked_for(parser.parse_args().words)
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="escalade-mutants-") as name:
        folder = Path(name)
        copied(folder)
        code, words = run(folder, *dict.fromkeys(each.story for each in chosen))
        if code:
            sys.stdout.write(f"{words}\nthese stories fail while nothing is broken\n")
            return 1
        for each in chosen:
            because = survives(each, folder)
            survivors += because is not None
            verdict = because or "caught"
            sys.stdout.write(f"{each.module:<15} {each.rule:<60} {verdict} by {each.test}\n")
            sys.stdout.flush()
    sys.stdout.write(f"\n{len(chosen)} rules broken, {survivors} not caught\n")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
