"""The simulator: one case, driven by a loop instead of a server.

It keeps to the order in which the workflow works, so that both write the same timeline:
what is said at a moment is heard first, then what follows is carried out and what is due is done,
then the results of earlier sends come in. `tests/workflows/test_differential.py` holds it to that.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from escalations.clock import Deadline
from escalations.durations import Duration
from escalations.effects import Effect
from escalations.engine import Case, waits
from escalations.errors import Refused
from escalations.events import Event
from escalations.model import Instant
from escalations.record import EscalationRecord
from escalations.simulation.world import Prompt, World
from escalations.timeline import TimelineEntry

Utterance = Event | Callable[[EscalationRecord], Event]
"""What is said, or what makes it of the case as it stands when it is said."""

MAX_STEPS: Final = 20_000
"""Of one case: one that recurs every minute for months is cut where it has taken so many."""
ALWAYS: Final = "always"
"""The calendar that never closes."""
_SAID: Final = 0
_REPORTED: Final = 1


@dataclass(frozen=True, slots=True)
class Promise:
    """A deadline, and the time that had to be consumed for it.

    None was where a moment of the day is waited for, such as the end of somebody's quiet hours.
    """

    deadline: Deadline
    after: Duration | None
    calendar: str


@dataclass(slots=True)
class Step:
    """One decision: what it answers, what it wrote down, what it sends."""

    at: Instant
    cause: Event | Promise | None
    """What was said or reported, or what was due; `None`: the opening."""
    entries: list[TimelineEntry]
    effects: list[Effect] = field(default_factory=list)
    released: list[Effect] = field(default_factory=list)
    """Messages of earlier decisions that waited for quiet hours to end, and go out now."""
    refused: str | None = None
    """Why a command changed nothing."""


class Simulation:
    """One case and its world, from the opening on."""

    def __init__(self, case: Case, world: World | None = None) -> None:
        """Of a case that has just been opened."""
        self.case = case
        self.world: World = world or Prompt()
        self.at = case.record.opened_at
        self._waiting: set[str] = set()
        """The keys of the messages that wait for somebody's quiet hours to end."""
        self.steps: list[Step] = []
        self._decided(Step(self.at, None, list(case.record.timeline), list(case.record.outbox)))
        self._coming: list[tuple[Instant, int, int, int, Utterance]] = []
        self._numbered = 0
        self._act()

    @property
    def finished(self) -> bool:
        """Whether the case has ended and nothing is on its way any more."""
        return self.case.closed and not self.case.record.outbox

    @property
    def unsaid(self) -> list[tuple[Instant, Utterance]]:
        """What nobody has heard: the case had ended, or time has not gone on so far."""
        return [(each[0], each[4]) for each in sorted(self._coming) if each[1] == _SAID]

    def say(self, said: Utterance, at: Instant) -> None:
        """Have something said at a moment, now or later; of one moment, in the order of calls."""
        self._expect(at, _SAID, said)

    def until(self, horizon: Instant) -> None:
        """Let time go on: to the case's ending, or so far, but for no more than `MAX_STEPS`."""
        while not self.finished and len(self.steps) < MAX_STEPS:
            at = self._next_moment()
            if at is None or at > horizon:
                self.at = max(self.at, horizon)
                return
            self.at = max(self.at, at)
            if self._hear(_SAID):
                self._act()
            if self._hear(_REPORTED) or self._is_due():
                self._act()

    def _is_due(self) -> bool:
        """Whether the world has come to the next deadline."""
        deadline = self.case.next_deadline
        return deadline is not None and self.world.carried_out_at(deadline) <= self.at

    def _next_moment(self) -> Instant | None:
        deadline = self.case.next_deadline
        due = [self.world.carried_out_at(deadline)] if deadline else []
        return min([*due, *(each[0] for each in self._coming[:1])], default=None)

    def _expect(self, at: Instant, kind: int, said: Utterance, place: int = 0) -> None:
        self._numbered += 1
        heappush(self._coming, (at, kind, place, self._numbered, said))

    def _hear(self, kind: int) -> bool:
        """Tell the case what was said, or reported, by now; whether anything counted."""
        heard = False
        while self._coming and self._coming[0][0] <= self.at and self._coming[0][1] == kind:
            heard |= self._tell(heappop(self._coming)[4])
        return heard

    def _tell(self, said: Utterance) -> bool:
        event = said(self.case.record) if callable(said) else said
        last = self._last_entry
        try:
            effects = self.case.handle(event, self.at)
        except Refused as refused:
            self.steps.append(Step(self.at, event, [], refused=str(refused)))
            return False
        self._decided(Step(self.at, event, self._entries_after(last), effects))
        return True

    def _act(self) -> None:
        """Carry out what is decided, and do what is due by now, as the workflow does."""
        self._carry_out()
        while (deadline := self.case.next_deadline) is not None and deadline.at <= self.at:
            last, promise = self._last_entry, self._promise(deadline)
            effects = self.case.fall_due(deadline, self.at)
            self._decided(Step(self.at, promise, self._entries_after(last), effects))
            self._carry_out()

    def _decided(self, step: Step) -> None:
        """Keep a step, with what waited before it and does not any more, unless it was recalled."""
        if self._waiting:
            outbox = [each for each in self.case.record.outbox if each.key in self._waiting]
            step.released = [each for each in outbox if not waits(each)]
            self._waiting = {each.key for each in outbox if waits(each)}
        self._waiting.update(each.key for each in step.effects if waits(each))
        self.steps.append(step)

    def _carry_out(self) -> None:
        if effects := self.case.take_effects():
            for each in self.world.answers(effects, self.at):
                self._expect(each.at, _REPORTED, each.report, each.place)

    def _promise(self, deadline: Deadline) -> Promise:
        clock = self.case.record.clocks.get(deadline.clock)
        if clock is None:
            return Promise(deadline, None, ALWAYS)
        after = next((alarm.after for alarm in clock.alarms if alarm.then is deadline.then), None)
        return Promise(deadline, after, clock.calendar)

    @property
    def _last_entry(self) -> TimelineEntry:
        return self.case.record.timeline[-1]

    def _entries_after(self, last: TimelineEntry) -> list[TimelineEntry]:
        """What has been written since: found from the end, as a long timeline is folded."""
        fresh: list[TimelineEntry] = []
        for entry in reversed(self.case.record.timeline):
            if entry is last:
                break
            fresh.append(entry)
        return fresh[::-1]
