"""The simulator drives one case: what is said, what falls due, who is reached."""

from datetime import timedelta

import pytest

from escalations import events
from escalations.clock import Deadline
from escalations.engine import Case
from escalations.model import Instant
from escalations.policy import HoldReason
from escalations.record import Ending, Status
from escalations.simulation import running
from escalations.simulation.running import Promise, Simulation
from escalations.simulation.world import Absence, Prompt, World
from escalations.snapshot import Snapshot
from tests.domain.desk import Desk
from tests.domain.matrices import call_centre, in_paris, ladder, paris, request

OPENED_AT = paris("2026-12-22 01:30")
YES = events.ConfirmResolution(by="ada")
FIXED = events.ProposeResolution(by="rita", summary="Cable replaced")


def simulated(
    snapshot: Snapshot | None = None, world: World | None = None, at: Instant = OPENED_AT
) -> Simulation:
    """A case that has just been opened."""
    asked = request(reported_at=at)
    return Simulation(Case.open(asked, snapshot or call_centre(), at), world)


def after(**amount: float) -> Instant:
    """So long after the opening."""
    return OPENED_AT + timedelta(**amount)


def test_nobody_does_anything() -> None:
    """Left alone, a case climbs by itself to the top, where it is told of again and again."""
    simulation = simulated()
    simulation.until(after(weeks=4))

    record = simulation.case.record
    climbed = [
        (entry.level, in_paris(entry.at))
        for entry in record.timeline
        if entry.type == "level_entered"
    ]
    assert climbed == [
        (1, "Tue 22 Dec 01:30"),
        (2, "Tue 22 Dec 02:00"),
        (3, "Tue 22 Dec 03:00"),
        (4, "Tue 22 Dec 05:00"),
        (5, "Tue 22 Dec 10:00"),
        (6, "Mon 28 Dec 10:00"),
        (7, "Mon 04 Jan 10:00"),
    ]
    assert [step.at for step in simulation.steps] == sorted(step.at for step in simulation.steps)
    assert not simulation.finished
    assert simulation.at == after(weeks=4)


def test_it_does_what_a_desk_does() -> None:
    """The loop decides nothing: told the same, the engine comes to the same without it."""
    desk = Desk(at=OPENED_AT)
    desk.later(minutes=3)
    desk.say(events.Acknowledge(by="rita"))
    desk.later(hours=3)
    desk.reply("I want to speak to a manager")
    desk.later(hours=5)
    desk.say(FIXED)
    desk.later(days=30)

    simulation = simulated()
    simulation.say(events.Acknowledge(by="rita"), after(minutes=3))
    simulation.say(
        events.CustomerReplied(text="I want to speak to a manager"), after(hours=3, minutes=3)
    )
    simulation.say(FIXED, after(hours=8, minutes=3))
    simulation.until(after(days=40))

    def what(record: object) -> list[tuple[Instant, str]]:
        return [(each.at, each.type) for each in record.timeline]  # type: ignore[attr-defined] # a record

    ours, theirs = simulation.case.record, desk.record
    assert what(ours) == what(theirs)
    assert ours.ending is Ending.PRESUMED


def test_it_stops_at_the_ending() -> None:
    """Once the case has ended and everybody has heard, time stops; later words are not said."""
    simulation = simulated()
    simulation.say(FIXED, after(minutes=1))
    simulation.say(YES, after(minutes=2))
    simulation.say(events.AddNote(by="rita", text="Nice people."), after(days=2))

    simulation.until(after(weeks=4))

    record = simulation.case.record
    assert (record.status, record.outbox) == (Status.CLOSED, [])
    assert simulation.at == after(minutes=2)
    assert [at for at, _ in simulation.unsaid] == [after(days=2)]
    assert record.timeline[-1].type != "noted"


def test_somebody_speaks_at_a_due_moment() -> None:
    """Whoever takes the case in the second of the reminder is not reminded."""
    simulation = simulated()
    simulation.say(events.Acknowledge(by="rita"), after(minutes=15))

    simulation.until(after(minutes=16))

    types = [entry.type for entry in simulation.case.record.timeline]
    assert "acknowledged" in types
    assert "reminded" not in types


def test_words_of_one_moment_are_heard_in_their_order() -> None:
    """A hold and its end in one second: both count, in the order in which they were said."""
    simulation = simulated()
    simulation.say(events.Hold(by="rita", reason=HoldReason.VENDOR), after(minutes=5))
    simulation.say(events.Resume(by="rita"), after(minutes=5))

    simulation.until(after(minutes=6))

    types = [entry.type for entry in simulation.case.record.timeline]
    assert [each for each in types if each in ("held", "resumed")] == ["held", "resumed"]


def test_a_refused_command_is_a_step_of_its_own() -> None:
    """A command that cannot be changes nothing, and the step says why."""
    simulation = simulated()
    simulation.until(OPENED_AT)
    simulation.say(YES, after(minutes=1))
    before = simulation.case.record.model_dump_json()

    simulation.until(after(minutes=1))

    assert simulation.case.record.model_dump_json() == before
    assert simulation.steps[-1].entries == []
    assert "no resolution waits" in (simulation.steps[-1].refused or "")


def test_what_is_said_may_depend_on_how_the_case_stands() -> None:
    """Something that is made of the record is made when it is said."""
    simulation = simulated()
    simulation.say(
        lambda record: events.AddNote(by=record.level_name, text="I see."), after(hours=2)
    )

    simulation.until(after(hours=2))

    noted = [each.by for each in simulation.case.record.timeline if each.type == "noted"]
    assert noted == ["Account manager"]


@pytest.mark.parametrize(
    ("minutes", "reached"),
    [pytest.param(4, True, id="back again"), pytest.param(90, False, id="still away")],
)
def test_somebody_is_away(minutes: float, reached: bool) -> None:
    """Who cannot be reached for a while is told nothing then; the fallback hears of it."""
    away = Absence("one", OPENED_AT, after(minutes=minutes))
    simulation = simulated(ladder("30m..1h", "2h"), Prompt([away]))

    simulation.until(after(minutes=31))

    entries = simulation.case.record.timeline
    told = [each for each in entries if each.type == "notified" and each.recipient == "one"]
    missed = [each for each in entries if each.type == "undelivered"]
    fallback = [
        each for each in entries if each.type == "notified" and each.notice == "undelivered"
    ]
    assert bool(told) is reached
    assert len(missed) == len(fallback) == (1 if reached else 2)


def test_a_due_moment_says_what_was_consumed() -> None:
    """Each step of time knows the time that had to pass, at the priority's speed."""
    fast = Simulation(Case.open(request(priority="P1"), call_centre(), OPENED_AT))
    fast.until(after(hours=1))

    promises = [step.cause for step in fast.steps if isinstance(step.cause, Promise)]

    assert [(str(each.after), each.deadline.then, each.calendar) for each in promises[:3]] == [
        ("5m", "ask_again", "always"),
        ("7m30s", "remind", "always"),
        ("15m", "climb", "always"),
    ]


def test_a_world_that_is_late() -> None:
    """A late worker does what is overdue in its order, and later time counts from then."""

    class Late(Prompt):
        def carried_out_at(self, deadline: Deadline) -> Instant:
            return max(deadline.at, after(hours=1))

    simulation = simulated(world=Late())
    simulation.until(after(hours=1))

    done = [
        (step.at, step.cause.deadline.then)
        for step in simulation.steps
        if isinstance(step.cause, Promise)
    ]
    assert done == [(after(hours=1), then) for then in ("ask_again", "remind", "climb")]
    due = simulation.case.next_deadline
    assert due is not None
    assert due.at == after(hours=1, minutes=30)


def test_steps_hold_every_entry_once_even_where_the_timeline_is_folded() -> None:
    """A case of years has more entries than its record keeps; its steps have them all."""
    small = ladder("until-resolved", level={"repeat_every": "1h"})
    simulation = simulated(small)
    simulation.until(after(days=60))

    told = [entry for step in simulation.steps for entry in step.entries]
    repeats = [entry for entry in told if entry.type == "repeated"]

    assert any(entry.type == "folded" for entry in simulation.case.record.timeline)
    assert len(repeats) == 60 * 24


def test_a_case_that_recurs_too_often_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a matrix repeats and however far one looks, it comes to an end."""
    monkeypatch.setattr(running, "MAX_STEPS", 500)
    simulation = simulated(ladder("until-resolved", level={"repeat_every": "1m"}))

    simulation.until(after(weeks=100))

    assert 500 <= len(simulation.steps) <= 505
    assert not simulation.finished
    assert simulation.at < after(hours=5)
