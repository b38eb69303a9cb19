"""The clocks of a case that adopts another revision: consumed time is kept, whatever changes."""

from typing import Any

from escalations import events
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.policy import Priority
from tests.domain.adoptions import FIVE, adopts, consumed, minutes
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.matrices import ladder


def test_consumed_time_is_kept(opened: OpenDesk) -> None:
    """Ten of thirty minutes are gone: of a window of two hours, ten minutes are gone."""
    desk = opened(at=MONDAY, snapshot=ladder("15m..30m", "1h"))
    desk.later(minutes=10)
    desk.told()

    adopts(desk, ladder("1h..2h", "1h"))

    assert consumed(desk) == Duration.parse("10m")
    assert (minutes(desk, Then.REMIND), minutes(desk, Then.CLIMB)) == (50, 110)
    desk.expect("customer_update → customer")


def test_what_is_past_by_the_new_window_is_due_at_once(opened: OpenDesk) -> None:
    """Twenty minutes at a level that has ten by now: the case climbs, once it goes by that."""
    desk = opened(at=MONDAY, snapshot=ladder("15m..30m", "1h"))
    desk.later(minutes=20)
    desk.told()

    adopts(desk, ladder("5m..10m", "1h"))

    assert minutes(desk, Then.CLIMB) == 0
    assert desk.level == 1
    desk.back()
    assert desk.level == 2
    assert desk.told()[0] == "breach → manager, one"


def test_a_reminder_is_not_given_again(opened: OpenDesk) -> None:
    """Reminded by the old window, the level is not reminded by the new one."""
    desk = opened(at=MONDAY, snapshot=ladder("15m..30m", "1h"))
    desk.later(minutes=20)
    adopts(desk, ladder("1h..2h", "1h"))
    adopts(desk, ladder("30m", "1h"))
    adopts(desk, ladder("25m..2h", "1h"))
    desk.told()

    desk.later(minutes=99)

    desk.expect()
    assert len(desk.entries("reminded")) == 1


def test_a_reminder_is_not_skipped(opened: OpenDesk) -> None:
    """A lower bound that the old window had not, and that is past by now, is made up for."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    desk.later(minutes=12)
    desk.told()

    adopts(desk, ladder("10m..30m", "1h"))
    desk.back()

    desk.expect("reminder → one")


def test_an_open_level_gets_a_window_from_now_on(opened: OpenDesk) -> None:
    """Where there was no window, all of it is left, and nobody is told again and again."""
    desk = opened(at=MONDAY, snapshot=ladder("until-resolved", "1h"))
    desk.say(events.Acknowledge(by="rita"))
    desk.later(hours=5)
    desk.told()

    adopts(desk, ladder("15m..30m", "1h"))

    assert (minutes(desk, Then.REMIND), minutes(desk, Then.CLIMB)) == (None, 30)
    assert ClockName.REPEAT not in desk.record.clocks


def test_a_window_counts_on_where_there_is_none(opened: OpenDesk) -> None:
    """From a window to none and back: the time between counts, and so does that before."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "1h"))
    desk.later(hours=1)
    adopts(desk, ladder("until-resolved", "1h"))
    assert desk.next is not None
    assert desk.next[1] is Then.REPEAT
    desk.later(hours=1)

    adopts(desk, ladder("4h", "1h"))

    assert consumed(desk) == Duration.parse("2h")
    desk.told()


def test_another_kind_of_time_keeps_the_share(opened: OpenDesk) -> None:
    """Half of the window is gone, however the new one counts; there and back nothing is."""
    desk = opened(at=MONDAY, snapshot=ladder("20m..30m", "1h"))
    desk.later(minutes=15)
    desk.told()

    adopts(desk, ladder("1bd..4bd", "1h"))

    assert consumed(desk) == Duration.parse("2bd")
    desk.expect("customer_update → customer")
    adopts(desk, ladder("20m..30m", "1h"))
    assert consumed(desk) == Duration.parse("15m")
    assert minutes(desk, Then.REMIND) == 5


def test_a_missed_last_level_climbs_where_there_is_one_above(opened: OpenDesk) -> None:
    """The window was missed already: no second breach, and no more waiting."""
    desk = opened(at=MONDAY, snapshot=ladder("30m"))
    desk.later(hours=3)
    assert desk.record.breached
    desk.told()

    adopts(desk, ladder("4h", "1h"))
    assert minutes(desk, Then.CLIMB) == 0
    desk.back()

    assert desk.level == 2
    assert len(desk.entries("breached")) == 1
    assert desk.told()[0].startswith("level_entered → two")


def test_a_missed_last_level_is_not_missed_again(opened: OpenDesk) -> None:
    """A longer window comes too late for a promise that is broken."""
    desk = opened(at=MONDAY, snapshot=ladder("30m"))
    desk.later(hours=3)
    desk.told()

    adopts(desk, ladder("4h"))

    assert ClockName.WINDOW not in desk.record.clocks
    assert desk.next is not None
    assert desk.next[1] is Then.REPEAT
    desk.expect()


def test_timeouts_that_are_new_begin_now(opened: OpenDesk) -> None:
    """Time that nobody counted is not made up: who has it and who is asked get all of it."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "1h"))
    desk.later(minutes=30)
    desk.told()

    adopts(desk, ladder("4h", "1h", level=FIVE, priorities={"raise_after": "1d"}))

    assert minutes(desk, Then.ASK_AGAIN, ClockName.ACKNOWLEDGEMENT) == 5
    assert minutes(desk, Then.RAISE_PRIORITY, ClockName.AGE) == 24 * 60
    desk.say(events.Acknowledge(by="rita"))
    adopts(desk, ladder("4h", "1h", level={"release_after": "2h"}))
    assert minutes(desk, Then.RELEASE, ClockName.RELEASE) == 120
    assert desk.record.clocks.keys() == {ClockName.WINDOW, ClockName.RELEASE}


def test_nothing_is_asked_or_raised_twice(opened: OpenDesk) -> None:
    """What has happened at this stay does not begin again, by way of a matrix that has it not."""
    whole = ladder("4h", "1h", level=FIVE, priorities={"raise_after": "1h"})
    desk = opened(at=MONDAY, snapshot=whole)
    desk.later(minutes=90)
    assert desk.record.priority == "P2"
    adopts(desk, ladder("4h", "1h"))

    adopts(desk, whole)

    assert desk.record.clocks.keys() == {ClockName.WINDOW}
    desk.told()


def test_a_case_that_waits_gets_clocks_that_stand_still(opened: OpenDesk) -> None:
    """On hold and while the customer tries a fix, what is new in the level's time waits as well."""
    desk = opened(at=MONDAY, snapshot=ladder("until-resolved", "1h"))
    desk.hold("vendor")
    desk.told()
    new = ladder("30m", "1h", level=FIVE, priorities={"raise_after": "1d"})

    adopts(desk, new)

    running = {name: clock.running for name, clock in desk.record.clocks.items()}
    assert running[ClockName.WINDOW] is running[ClockName.ACKNOWLEDGEMENT] is False
    assert running[ClockName.AGE] is True
    desk.resolve()
    adopts(desk, ladder("30m", "1h"))
    adopts(desk, new)
    assert desk.record.clocks[ClockName.AGE].running is False
    desk.told()


def test_what_is_the_same_keeps_its_moment(opened: OpenDesk) -> None:
    """Only what differs is computed anew: a due moment that was promised is not moved for it."""
    desk = opened(at=MONDAY, snapshot=ladder("1/3bd", "1h"))
    desk.later(minutes=7)
    before = desk.record.clocks[ClockName.WINDOW]
    desk.told()

    adopts(desk, ladder("1/3bd", "2h"))

    assert desk.record.clocks[ClockName.WINDOW] == before


def test_newer_holidays_are_adopted_too(opened: OpenDesk) -> None:
    """The same revision with other closed days is another thing to go by: due moments move."""
    office: dict[str, Any] = {"hours": {"mon-fri": ["09:00-17:00"]}}
    keys: dict[str, Any] = {"calendars": {"office": office}, "level": {"calendar": "office"}}
    desk = opened(at=MONDAY, snapshot=ladder("8h", "1h", **keys))
    assert minutes(desk, Then.CLIMB) == 24 * 60
    same = ladder("8h", "1h", **keys)
    closed = same.calendars["office"].model_copy(
        update={"closed": (MONDAY.date().replace(day=12),)}
    )
    desk.told()

    adopts(desk, same.model_copy(update={"calendars": {**same.calendars, "office": closed}}))

    assert minutes(desk, Then.CLIMB) == 48 * 60
    desk.expect("customer_update → customer")


def test_what_happened_at_another_stay_does_not_count(opened: OpenDesk) -> None:
    """Taken at the level before, the case is nobody's here: a reminder that is new is given."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "30m"))
    desk.say(events.Acknowledge(by="rita"))
    desk.hand_up()
    desk.told()

    adopts(desk, ladder("30m", "10m..30m"))

    assert minutes(desk, Then.REMIND) == 10


def test_the_share_is_of_what_was_promised(opened: OpenDesk) -> None:
    """Word that is due sooner than its priority asks keeps its own share, not that of the terms."""
    promised = {"update_every": {"P3": "1bd", "P2": "30d"}}
    desk = opened(at=MONDAY, snapshot=ladder("5bd", "1h", customer=promised))
    desk.later(hours=12)
    desk.say(events.SetPriority(by="carla", priority=Priority.P2, why="it hurts"))
    assert consumed(desk, ClockName.UPDATE) == Duration.parse("0.5bd")
    desk.told()

    adopts(desk, ladder("5bd", "1h", customer={"update_every": {"P2": "8h"}}))

    assert consumed(desk, ClockName.UPDATE) == Duration.parse("4h")
