"""What comes of an import: policies, and everything that has no counterpart here."""

from enum import StrEnum
from typing import Any

from escalations.model import Value


class Weight(StrEnum):
    """What it means that something was not carried over."""

    DIFFERS = "differs"
    """Cases will go another way than people are used to."""
    FILL_IN = "fill_in"
    """Somebody has to add or check it before the policy is used."""
    LEFT_OUT = "left_out"
    """A detail that a policy does not have."""


class NotCarried(Value):
    """One thing of an export that the new policy does not say, or that somebody has to fill in."""

    source: str
    """The tool it is from: `pagerduty` …"""
    place: str
    """File and place: `policies.json: escalation_policies.#1.num_loops`."""
    what: str
    """The thing itself, with its value where that is short."""
    why: str
    """Why it is not carried over, in words for a support lead."""
    advice: str
    """What to do about it."""
    weight: Weight


class ImportedPolicy(Value):
    """One policy that was made."""

    policy: str
    """Its name here."""
    name: str
    """What it is called where it comes from."""
    place: str
    """Where it stands in the export."""
    data: dict[str, Any]
    """What the policy says, as plain data."""
    text: str
    """The same as a YAML file, with what is to be known about it at the top."""


class Imported(Value):
    """What came of one import."""

    source: str
    policies: list[ImportedPolicy]
    not_carried: list[NotCarried]
