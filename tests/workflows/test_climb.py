"""The real matrix on a real server, in virtual time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.record import Ending, Status
from tests import harness
from tests.domain.matrices import matrix
from tests.harness import Desk

YEAR = 2037
"""Years ahead: the server's clock is put forward to it. Its days are those of 2026."""


def _utc(month: int, day: int, hour: int, minute: int = 0, *, year: int = YEAR) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


async def test_seven_levels_over_holidays_and_a_weekend(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """An unanswered case climbs from 15 minutes to senior management, in business time only."""
    own_days = {"dates": [f"{YEAR}-12-24", f"{YEAR}-12-31"]}
    policy = matrix(calendars={"office": {"holidays": own_days}}).policy

    async with harness.desk(environment, tmp_path, more=[policy]) as desk:
        case = await desk.open(at=_utc(12, 23, 8))
        await case.forward_to(_utc(1, 6, 12, year=YEAR + 1))
        record, summary = await case.record(), await case.summary()

    climbed = [
        (entry.level, entry.at.replace(microsecond=0) - timedelta(seconds=entry.at.second))
        for entry in record.timeline
        if entry.type == "level_entered"
    ]
    assert climbed == [
        (1, _utc(12, 23, 8)),
        (2, _utc(12, 23, 8, 30)),
        (3, _utc(12, 23, 9, 30)),
        (4, _utc(12, 23, 11, 30)),
        (5, _utc(12, 23, 16, 30)),
        # 17:30 in Paris; the 24th is a day of our own, the 25th a holiday, then a weekend
        (6, _utc(12, 29, 16, 30)),
        # the 31st is a day of our own, then New Year and a weekend: 30th, 4th, 5th
        (7, _utc(1, 5, 16, 30, year=YEAR + 1)),
    ]
    reminded = [entry.level for entry in record.timeline if entry.type == "reminded"]
    assert reminded == [1, 2, 3, 4, 5, 6]
    assert record.status is Status.OPEN
    assert record.breached
    assert summary.due is not None
    assert (summary.due.then, summary.level_name) == ("repeat", "Senior management")


async def test_everybody_is_told_once(desk: Desk) -> None:
    """Opening tells manager, customer and level; each moment whom it concerns, and no more."""
    case = await desk.open()
    opening = case.told()
    await case.forward(timedelta(minutes=6))
    unacknowledged = case.told()
    await case.forward(timedelta(minutes=10))
    reminder = case.told()
    await case.forward(timedelta(minutes=15))
    climb = case.told()

    def who(told: list[tuple[str, str]]) -> list[str]:
        return sorted(recipient for recipient, _ in told)

    assert who(opening) == ["customer", "escalation-manager", "representative"]
    assert who(unacknowledged) == ["escalation-manager", "representative"]
    assert who(reminder) == ["representative"]
    assert who(climb) == ["customer", "escalation-manager", "representative", "support-manager"]


async def test_from_complaint_to_confirmation(desk: Desk) -> None:
    """Taken, resolved, confirmed: the run ends with its record, and the customer hears of it."""
    case = await desk.open()
    await case.command(names.Update.ACKNOWLEDGE, events.Acknowledge(by="ada"))
    await case.forward(timedelta(minutes=20))
    case.told()

    resolved = await case.command(
        names.Update.PROPOSE_RESOLUTION, events.ProposeResolution(by="ada", summary="Refunded.")
    )
    await case.command(names.Update.CONFIRM_RESOLUTION, events.ConfirmResolution(by="customer"))
    record = await case.handle.result()

    assert resolved.status is Status.RESOLVED
    assert record.ending is Ending.CONFIRMED
    assert [entry.type for entry in record.timeline if entry.type == "reminded"] == []
    assert record.outbox == []
    assert {recipient for recipient, _ in case.told()} == {
        "customer",
        "escalation-manager",
        "representative",
    }
