"""Exports for tests of the importers: the fixtures, and small ones made for one claim."""

import json
from pathlib import Path
from typing import Any

from escalations import policy_file
from escalations.importing.exports import Export
from escalations.importing.importing import import_policies
from escalations.importing.result import Imported, NotCarried, Weight
from escalations.policy import Level, Policy

FIXTURES = Path(__file__).parent / "imports"
TOOLS = ("pagerduty", "opsgenie", "grafana-oncall", "goalert", "iris")


def files(tool: str) -> list[Path]:
    """The fixture of a tool."""
    return sorted((FIXTURES / tool).glob("*.json"))


def exports(tool: str) -> list[Export]:
    """The fixture of a tool, as it is read."""
    return [Export.of(path.name, path.read_text("utf-8")) for path in files(tool)]


def answers(**said: Any) -> list[Export]:
    """Answers of an API by the names of their files."""
    return [
        Export.of(f"{name}.json", json.dumps(answer, indent=1)) for name, answer in said.items()
    ]


def imported(tool: str) -> Imported:
    """What comes of a tool's fixture; that it is recognised is part of the claim."""
    return import_policies(exports(tool))


def made(result: Imported, number: int = 0) -> Policy:
    """The policy that a file says which the import has made."""
    return policy_file.read(result.policies[number].text)


def times(policy: Policy) -> list[tuple[str, str]]:
    """The levels' names and windows."""
    return [(level.name, str(level.within)) for level in policy.levels]


def last(policy: Policy) -> Level:
    """The last level."""
    return policy.levels[-1]


def said_of(result: Imported, what: str) -> NotCarried:
    """The one entry of the list whose `what` begins so."""
    found = [entry for entry in result.not_carried if entry.what.startswith(what)]
    assert len(found) == 1, [entry.what for entry in result.not_carried]
    return found[0]


def differs(result: Imported) -> list[str]:
    """What makes cases go another way."""
    return [entry.what for entry in result.not_carried if entry.weight is Weight.DIFFERS]
