"""What is said at the very moment at which something is due: exactly one of the two happens."""

from datetime import datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from escalations import events
from escalations.clock import ClockName, Then
from escalations.effects import Effect, Notice, Notify
from escalations.engine import Case
from escalations.errors import Refused
from tests.domain.matrices import call_centre, paris, request

INTERLEAVINGS = 1_000
OPENED_AT = paris("2026-12-22 10:00")
MICROSECONDS = st.integers(-1_500_000, 1_500_000) | st.integers(-2, 2)
"""How long after the due moment somebody speaks; before it if negative."""
LATE = st.integers(0, 1_000_000) | st.just(0)
"""Microseconds that the timer rings late."""
ASKING = {
    Then.ASK_AGAIN: ("acknowledgement_expired", Notice.UNACKNOWLEDGED),
    Then.REMIND: ("reminded", Notice.REMINDER),
}


class Race:
    """A case at the moment at which something is due, and all that is sent from then on."""

    def __init__(self, then: Then) -> None:
        self.case = Case.open(request(reported_at=OPENED_AT), call_centre(), OPENED_AT)
        self.sent: list[Effect] = []
        while (deadline := self.case.next_deadline) and deadline.then is not then:
            self.case.fall_due(deadline, at=deadline.at)
        assert deadline is not None
        self.due_at = deadline.at
        for action in list(self.case.record.open_actions):
            self.case.handle(events.CompleteAction(by="ada", action=action), at=OPENED_AT)
        self.case.take_effects()

    def run(self, said: events.Event, after: int, late: int, together: bool) -> bool:
        """Say it so long after the due moment, while the timer rings so late; whether it counted.

        In one task of Temporal (`together`) what is said comes first.
        """
        spoken_at = self.due_at + timedelta(microseconds=after)
        rings_at = self.due_at + timedelta(microseconds=late)
        if together:
            spoken_at = rings_at = max(spoken_at, rings_at)
        if rings_at < spoken_at:
            self._act(rings_at)
        try:
            self.case.handle(said, at=spoken_at)
        except Refused:
            return False
        self.sent.clear()
        self._act(spoken_at)
        self._act(max(spoken_at, rings_at))
        return True

    def on(self, to_level: int) -> None:
        """Go on until the case has got to a level."""
        while self.case.record.level < to_level:
            deadline = self.case.next_deadline
            assert deadline is not None
            self._act(deadline.at)

    def _act(self, at: datetime) -> None:
        self.sent += self.case.take_effects()
        while (deadline := self.case.next_deadline) is not None and deadline.at <= at:
            self.case.fall_due(deadline, at=at)
            self.sent += self.case.take_effects()

    def count(self, kind: str) -> int:
        """How often it stands in the record."""
        return sum(entry.type == kind for entry in self.case.record.timeline)

    def told(self, notice: Notice) -> int:
        """How often that was sent since something was said that counted."""
        return sum(isinstance(each, Notify) and each.notice is notice for each in self.sent)


@settings(max_examples=INTERLEAVINGS, deadline=None)
@given(then=st.sampled_from(sorted(ASKING)), after=MICROSECONDS, late=LATE, together=st.booleans())
@example(then=Then.REMIND, after=0, late=0, together=True)
@example(then=Then.REMIND, after=-1, late=0, together=False)
def test_an_acknowledgement_races_what_asks_for_it(
    then: Then, after: int, late: int, together: bool
) -> None:
    """Whoever takes the case first is not asked again; who was asked first may take it still; and
    after an accepted acknowledgement nobody is asked at that level."""
    race = Race(then)
    kind, notice = ASKING[then]

    accepted = race.run(events.Acknowledge(by="ada"), after, late, together)
    asked = race.count(kind)
    race.on(to_level=2)

    assert accepted
    assert race.count("acknowledged") == 1
    assert race.count(kind) == asked <= 1
    assert bool(asked) is (after > late and not together)
    assert race.told(notice) == 0


@settings(max_examples=INTERLEAVINGS, deadline=None)
@given(after=MICROSECONDS, late=LATE, together=st.booleans())
def test_handing_up_races_the_climb(after: int, late: int, together: bool) -> None:
    """The level is left once, by hand or by time, and no level is passed over."""
    race = Race(Then.CLIMB)

    by_hand = race.run(
        events.HandUp(by="ada", from_level=1, reason="Not ours."), after, late, together
    )

    left = [entry for entry in race.case.record.timeline if entry.type == "left_level"]
    assert race.case.record.level == 2
    assert [entry.why == "time" for entry in left] == [not by_hand]


@settings(max_examples=INTERLEAVINGS, deadline=None)
@given(after=MICROSECONDS, late=LATE, together=st.booleans())
def test_a_resolution_races_the_climb(after: int, late: int, together: bool) -> None:
    """What is resolved first does not climb; what has climbed first is resolved a level higher."""
    race = Race(Then.CLIMB)

    said = events.ProposeResolution(by="ada", summary="Paid back.")
    accepted = race.run(said, after, late, together)

    record = race.case.record
    assert accepted
    assert record.level == (2 if after > late and not together else 1)
    assert record.clocks[ClockName.WINDOW].running is False
    assert race.count("breached") == record.level - 1
