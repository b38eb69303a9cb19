"""What the papers say is so: every requirement and policy key has its row, every pin its hash."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from tests.house import CHECKOUT

LINES = {"A": 67, "B": 42, "C": 50, "D": 42}
"""How many lines each list of requirements has."""

NAMED_BY_THE_POLICY = frozenset(
    {
        "calendars",
        "calendars.*.hours",
        "contacts",
        "priorities.matrix",
        "priorities.raise_for_tier",
        "priorities.speed",
        "levels.may_grant",
        "triggers",
        "triggers.*.phrases",
        "categories",
        "categories.*.levels",
        "holds",
        "customer.update_every",
    }
)
"""Where a mapping's keys are the policy's own words (levels, tiers, languages …) and not ours."""

MET = re.compile(r"`\S|open: \w")
STATE = re.compile(r"(works|shown)\b|open: \w")
PLACE = re.compile(r"`([\w.-]+/[\w./-]*|Makefile)`")


def rows(page: str, first: str) -> list[list[str]]:
    """The cells of the page's table rows whose first cell looks like that."""
    lines = [line for line in page.splitlines() if re.match(rf"\| {first} \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def faults_of_requirements(page: str) -> list[str]:
    """Requirements without a row or with two, rows that say nothing, files that are not there."""
    found = rows(page, r"[A-D]\d+")
    times = Counter(row[0] for row in found)
    wanted = [f"{letter}{n}" for letter, last in LINES.items() for n in range(1, last + 1)]
    return [
        *(f"{id_} has {times[id_]} rows" for id_ in wanted if times[id_] != 1),
        *(f"{id_} is no requirement" for id_ in times.keys() - set(wanted)),
        *(f"{row[0]} says nothing" for row in found if len(row) != 3 or not MET.match(row[2])),
        *(
            f"{row[0]} names {place}, which is not there"
            for row in found
            for place in PLACE.findall(row[-1])
            if not (CHECKOUT / place).exists()
        ),
    ]


def faults_of_keys(page: str, policy: Any) -> list[str]:
    """Keys of the policy language that the page is silent about."""
    stated = {row[0].strip("`"): row[1] for row in rows(page, r"`[\w.*]+`")}
    return [
        *(f"{key} has no row" for key in sorted(set(keys(policy)) - stated.keys())),
        *(f"{key} says nothing" for key, state in stated.items() if not STATE.match(state)),
    ]


def requirements_page() -> str:
    return (CHECKOUT / "docs/requirements.md").read_text("utf-8")


def keys(value: Any, path: str = "") -> Iterator[str]:
    """The keys of the policy language that a policy uses: `levels.within`, `triggers.*.to` …"""
    match value:
        case dict() if value:
            for key, below in value.items():
                name = "*" if path in NAMED_BY_THE_POLICY else key
                yield from keys(below, f"{path}.{name}".lstrip("."))
        case [{}, *_]:
            for item in value:
                yield from keys(item, path)
        case _:
            yield path


def test_every_requirement_has_one_honest_row() -> None:
    """Each line A1 … D42 stands once: met in files that are there, or said to be open for what."""
    assert faults_of_requirements(requirements_page()) == []


@pytest.mark.parametrize(
    ("row", "changed", "fault"),
    [
        (r"\| D24 .*\n", "", "D24 has 0 rows"),
        (r"(\| D24 .*\n)", r"\1\1", "D24 has 2 rows"),
        (r"\| D24 \|", "| D43 |", "D43 is no requirement"),
        (r"(\| D24 \| [^|]*).*\n", r"\1| |\n", "D24 says nothing"),
        (r"(\| D24 \| [^|]*).*\n", r"\1| open |\n", "D24 says nothing"),
        (
            r"(\| D24 \| [^|]*).*\n",
            r"\1| `docs/no.md` |\n",
            "D24 names docs/no.md, which is not there",
        ),
    ],
)
def test_dishonest_row_is_caught(row: str, changed: str, fault: str) -> None:
    """A row that is lost, doubled, invented, empty or names a missing file is found."""
    page = re.sub(row, changed, requirements_page(), count=1)
    assert fault in faults_of_requirements(page)


def test_every_key_of_the_matrix_works_or_is_open() -> None:
    """No key that the real matrix uses is ignored in silence."""
    matrix = yaml.safe_load((CHECKOUT / "policies/call-centre.yaml").read_text("utf-8"))
    assert faults_of_keys(requirements_page(), matrix) == []


def test_silent_key_is_caught() -> None:
    """A key the page does not know, or knows nothing of, is found, however deep it lies."""
    policy = {"triggers": {"storm": {"to": "next", "alarm": "loud"}}, "levels": [{"dress": "tie"}]}
    assert faults_of_keys("| `triggers.*.to` | perhaps |", policy) == [
        "levels.dress has no row",
        "triggers.*.alarm has no row",
        "triggers.*.to says nothing",
    ]


def pins(lock: str) -> dict[str, str]:
    """Name → version of every pin, and each has a hash on the line after it."""
    pinned = re.findall(
        r"^([\w.-]+)==(\S+)(?: ; [^\\\n]+)? \\\n +--hash=sha256:[0-9a-f]{64}", lock, re.M
    )
    assert len(pinned) == len(re.findall(r"^[a-z]", lock, re.M)), "a line without version or hash"
    return dict(pinned)


def places(lock: str) -> list[str]:
    """What in a lock says where from instead of what."""
    return re.findall(r"^\s*-(?!-hash).*|.*/.*", lock, re.M)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_names_no_place(name: str) -> None:
    """A lock says what and never where from: no index, no link, no path."""
    lock = (CHECKOUT / name).read_text("utf-8")
    assert places(lock) == []


@pytest.mark.parametrize(
    "line",
    [
        "--extra-index-url somewhere",
        "    --find-links wheels",
        "#   via /srv/app/pyproject.toml",
        "click @ https://example.com/click.whl",
    ],
)
def test_place_in_a_lock_is_caught(line: str) -> None:
    """An index, a link or a path in a lock is found."""
    assert places(f"click==8.5.1 \\\n    --hash=sha256:{'0' * 64}\n{line}\n") != []


def test_pin_without_hash_is_caught() -> None:
    """A line that pins nothing, or pins without a hash, is found."""
    for line in ("click==8.5.1\n", f"click \\\n    --hash=sha256:{'0' * 64}\n"):
        with pytest.raises(AssertionError, match="without version or hash"):
            pins(line)


def test_lock_holds_what_the_project_declares() -> None:
    """Every dependency is pinned within the bounds of `pyproject.toml`; the two locks agree."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    runtime = pins((CHECKOUT / "requirements.txt").read_text("utf-8"))
    everything = pins((CHECKOUT / "requirements-dev.txt").read_text("utf-8"))

    for lock, declared in (
        (runtime, project["dependencies"] + extras["worker"]),
        (everything, extras["embedded"] + extras["otel"] + extras["dev"]),
    ):
        for wanted in map(Requirement, declared):
            if wanted.name != project["name"]:
                assert wanted.specifier.contains(lock[wanted.name.lower()]), wanted
    assert runtime.items() <= everything.items()
