"""What stories about adopting a policy speak: it is adopted, and how the clocks stand then."""

from typing import Any

from escalations import events
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.policy import Policy
from escalations.snapshot import Snapshot, take
from tests.domain.desk import Desk
from tests.domain.matrices import ladder

FIVE = {"acknowledge_within": "5m"}


def adopts(desk: Desk, snapshot: Snapshot, **said: Any) -> None:
    """Olga, who keeps the matrix, has the case go by this one."""
    desk.say(events.Adopt(by="olga", snapshot=snapshot, **said))


def consumed(desk: Desk, name: ClockName = ClockName.WINDOW) -> Duration:
    """How much of its time a clock has consumed by now."""
    return CaseFile(desk.record, desk.at).consumed()[name]


def minutes(desk: Desk, then: Then, clock: ClockName = ClockName.WINDOW) -> float | None:
    """In how many minutes that is due; `None` if it is not to come."""
    due = next(
        (each.due_at for each in desk.record.clocks[clock].alarms if each.then is then), None
    )
    return (due - desk.at).total_seconds() / 60 if due else None


def changed(
    snapshot: Snapshot,
    first: str | None = None,
    contacts: dict[str, Any] | None = None,
    **keys: Any,
) -> Snapshot:
    """The same matrix with another contact at its first level, or other keys."""
    written = snapshot.policy.model_dump(mode="json")
    written["contacts"] |= contacts or {}
    if first is not None:
        written["levels"][0]["contact"] = first
    return take(Policy.model_validate(written | keys), 2026)


def holding(rule: dict[str, str]) -> Snapshot:
    """A matrix with one reason to hold a case, and its rule."""
    return ladder("30m", "1h", holds={"vendor": rule})
