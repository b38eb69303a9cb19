"""A scenario: the case that is opened, and what is said to it when.

What a scenario leaves out has a default that a reader would have guessed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, get_args

from escalations import events
from escalations.engine import Case
from escalations.events import Command, Event, Fact
from escalations.model import Instant
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest
from escalations.rota import Roster, RotaQuestion
from escalations.simulation.running import Simulation
from escalations.simulation.world import Absence, Prompt
from escalations.snapshot import take

ReadRota = Callable[[RotaQuestion], Roster]
"""Answers who is on call: `RotaFiles.roster`, say."""

HORIZON: Final = timedelta(weeks=4)
"""How long a case is looked at after the last thing that is said to it."""

UNSAID: Final = "…"
"""Somebody's words, where a scenario leaves them out."""
_WORDS: Final = ("text", "summary", "why", "reason", "advice")
_BY_CUSTOMER: Final = frozenset({"confirm_resolution", "reject_resolution", "rate"})


def _wire_name(message: type[Any]) -> str:
    """`HandUp` → `hand_up`."""
    name = "".join(f"_{each.lower()}" if each.isupper() else each for each in message.__name__)
    return name.lstrip("_")


MESSAGES: Final[Mapping[str, type[events.Message]]] = {
    _wire_name(each): each for each in (*get_args(Fact), *get_args(Command))
}
"""What may be said, by its name on the wire."""


def main_field(message: type[events.Message]) -> str:
    """What a message is mostly about: `hold: customer` is its reason, `acknowledge: rita` by whom.

    The first field that must be said, but for who says it and what they saw.
    """
    required = [name for name, each in message.model_fields.items() if each.is_required()]
    return next((each for each in required if each not in ("by", "from_level", "to_level")), "by")


@dataclass(frozen=True)
class Line:
    """One thing that is said."""

    at: Instant
    message: str
    """Its name on the wire."""
    said: Mapping[str, Any]

    def __call__(self, record: EscalationRecord) -> Event:
        """The event, of a case as it stands then.

        Raises:
            ValidationError: fields have mistakes.
        """
        event: Any = MESSAGES[self.message].model_validate({**self._unsaid(record), **self.said})
        said: Event = event
        return said

    def _unsaid(self, record: EscalationRecord | None) -> dict[str, Any]:
        fields = MESSAGES[self.message].model_fields
        filled: dict[str, Any] = {name: UNSAID for name in _WORDS if name in fields}
        filled = {name: words for name, words in filled.items() if fields[name].annotation is str}
        if record is None:
            return {**filled, **{n: 1 for n in ("from_level", "to_level") if n in fields}}
        if "by" in fields and fields["by"].is_required():
            level = record.snapshot.policy.level(record.level, record.request.category)
            by_customer = self.message in _BY_CUSTOMER
            filled["by"] = record.request.customer.name if by_customer else level.contact
        if "channel" in fields:
            filled["channel"] = record.request.channel
        if "from_level" in fields:
            filled["from_level"] = record.level
        if "to_level" in fields:
            filled["to_level"] = max(1, record.level - 1)
        return filled

    def check(self) -> None:
        """Whether it can be said at all.

        Raises:
            ValidationError: fields have mistakes; those that a scenario leaves out are none.
        """
        message = MESSAGES[self.message]
        somebody = {"by": "somebody"} if "by" in message.model_fields else {}
        message.model_validate({**somebody, **self._unsaid(None), **self.said})


@dataclass(frozen=True)
class Scenario:
    """One case, and what is said to it."""

    request: EscalationRequest
    opened_at: Instant
    timezone: str
    """The zone in which its moments were written and are shown."""
    until: Instant
    """Where time stops if the case has not ended before."""
    lines: Sequence[Line] = ()
    absent: Sequence[Absence] = ()
    summary: str = field(default="")

    def play(self, policy: Policy, read_rota: ReadRota | None = None) -> Simulation:
        """Open the case and let time go on to its ending, or as far as the scenario looks.

        `read_rota` tells who is on call; without it every rota is one that cannot be read.
        """
        snapshot = take(policy, max(self.request.reported_at, self.opened_at).year)
        case = Case.open(self.request, snapshot, self.opened_at)
        simulation = Simulation(
            case, Prompt(self.absent, read_rota=read_rota, timezone=policy.timezone)
        )
        for line in self.lines:
            simulation.say(line, line.at)
        simulation.until(self.until)
        return simulation


def request_of(policy: Policy, opened_at: Instant, said: Mapping[str, Any]) -> dict[str, Any]:
    """A whole request from what matters of it; as plain data, yet to be validated."""
    customer = said.get("customer", {})
    team = said.get("team", {})
    roles = [each.role for each in policy.stakeholders if each.role is not None]
    return {
        "case": "SIMULATED",
        "title": "A simulated case",
        "statement": "What the customer said is not in this scenario.",
        "policy": policy.policy,
        "reported_at": opened_at,
        "channel": "phone",
        "by": "service-desk",
        **said,
        "customer": {
            "id": "customer",
            "name": "The customer",
            "contacts": ["mailto:customer@example.com"],
            **customer,
        }
        if isinstance(customer, dict)
        else customer,
        "team": {
            **{
                role: {
                    "name": role.replace("-", " ").capitalize(),
                    "reach": [f"mailto:{role}@example.com"],
                }
                for role in roles
            },
            **team,
        }
        if isinstance(team, dict)
        else team,
    }
