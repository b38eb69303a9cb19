"""A desk without a server: cases in virtual time, driven by the simulator's loop."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from escalations.calendars import BusinessTime
from escalations.durations import Duration, Unit
from escalations.engine import Case
from escalations.errors import CaseEnded, Refused
from escalations.mistakes import RequestMistakes, mistakes
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.simulation.moments import moment
from escalations.simulation.running import Simulation
from escalations.simulation.scenario import MESSAGES, Line
from escalations.simulation.world import Absence, Prompt
from escalations.snapshot import take
from escalations.testing.case import TestedCase
from escalations.testing.newest import NewestCase

BEGINNING: Final = "2026-03-02 10:00"
"""Where time begins unless a test says otherwise: a Monday."""
_ANCIENT: Final = datetime(2026, 1, 1, tzinfo=UTC)


class DeskCase(TestedCase):
    """A case in virtual time."""

    def __init__(self, desk: "Desk", simulation: Simulation) -> None:
        super().__init__()
        self._desk, self._simulation = desk, simulation

    @property
    def record(self) -> EscalationRecord:
        """Everything about it, as it stands."""
        return self._simulation.case.record

    def say(self, message: str, **said: Any) -> None:
        """See `TestedCase.say`.

        Raises:
            Refused: a command that cannot be as the case stands.
            CaseEnded: the case is over, and nobody hears it any more.
            RequestInvalid: there is no such message, or a field has a mistake.
        """
        if message not in MESSAGES:
            msg = f"There is no message {message!r}; there are {', '.join(MESSAGES)}."
            raise Refused(msg)
        if self._simulation.finished:
            msg = f"{self.record.case} has ended ({self.record.ending}): nothing is heard any more."
            raise CaseEnded(msg)
        at = self._desk.now
        try:
            event = Line(at, message, said)(self.record)
        except ValidationError as error:
            raise RequestMistakes(mistakes(error)) from None
        heard = len(self._simulation.steps)
        self._simulation.say(event, at)
        self._simulation.until(at)
        for step in self._simulation.steps[heard:]:
            if step.refused is not None:
                raise Refused(step.refused)

    def go_on(self, until: datetime) -> None:
        """Time goes on, and everything that is due on the way is done at its moment."""
        self._simulation.until(until)


class Desk(NewestCase[DeskCase]):
    """Where cases of one policy are opened; its verbs speak to the newest one."""

    def __init__(self, policy: Policy | Path | str, at: str = BEGINNING) -> None:
        """A desk.

        Args:
            policy: or its file.
            at: the moment it is, in the policy's zone: `2026-12-24 16:40`, `fri 16:40`.

        Raises:
            PolicyInvalid: the file has mistakes; all of them are named.
        """
        super().__init__(policy)
        self.now = moment(at, self.policy.timezone, _ANCIENT)
        self._absent: list[Absence] = []

    def open(self, **said: Any) -> DeskCase:
        """Open a case; what the request leaves out is made up.

        `desk.open(category="billing", priority="P1", customer={"tier": "strategic"})`.

        Raises:
            RequestInvalid: fields have mistakes, or the policy does not know them.
        """
        request = self.request(self.now, {"case": f"T-{len(self.cases) + 1}", **said})
        snapshot = take(self.policy, max(request.reported_at, self.now).year)
        world = Prompt(self._absent, "nobody there", timezone=self.policy.timezone)
        case = DeskCase(self, Simulation(Case.open(request, snapshot, self.now), world))
        self.cases.append(case)
        case.go_on(self.now)
        return case

    def forward(self, span: str) -> None:
        """Let time pass: `45s`, `2h`, `3d`, `1w` by the wall clock; `1bd` of the level's calendar.

        Raises:
            ValueError: it is no span; the message says what is allowed.
        """
        duration = Duration.parse(span)
        if duration.unit is not Unit.BUSINESS_DAYS:
            self._go_on(self.now + timedelta(microseconds=int(duration.amount)))
            return
        record = self.case.record
        calendar = record.snapshot.policy.level(record.level, record.request.category).calendar
        self._go_on(BusinessTime.of(record.snapshot.calendars[calendar]).add(self.now, duration))

    def forward_to(self, written: str) -> None:
        """Let time pass up to a moment in the policy's zone: `2026-03-03 09:15`, `fri 16:40`.

        Raises:
            ValueError: it is no moment, or it has passed.
        """
        at = moment(written, self.policy.timezone, self.now)
        if at < self.now:
            msg = f"{written} has passed: time does not go back."
            raise ValueError(msg)
        self._go_on(at)

    def _go_on(self, until: datetime) -> None:
        for case in self.cases:
            case.go_on(until)
        self.now = until

    def absent(self, *recipients: str) -> None:
        """No channel reaches these from now on: contacts, roles, `customer`."""
        self._absent += [Absence(each, self.now) for each in recipients]
