"""A simulated case for a reader: what happens when, who is told by which address, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from escalations import events, sentences
from escalations.clock import ClockName, Deadline
from escalations.effects import Effect, Notify, Recipient, TellCustomer
from escalations.events import Delivery
from escalations.model import Instant
from escalations.opening_hours import clocks_change, zone
from escalations.simulation.happenings import Happening, Told, folded, plain
from escalations.simulation.running import Promise, Simulation, Step
from escalations.simulation.words import words
from escalations.timeline import TimelineEntry


@dataclass(frozen=True)
class Story:
    """All of it, in one zone and one language."""

    simulation: Simulation
    timezone: str
    language: str
    happenings: Sequence[Happening]
    summary: str = ""
    """What the scenario is about, in its own words."""

    @classmethod
    def of(
        cls, simulation: Simulation, timezone: str, language: str | None = None, summary: str = ""
    ) -> "Story":
        """What a simulation came to."""
        language = language or "en"
        teller = _Teller(simulation, timezone, language)
        return cls(simulation, timezone, language, list(teller.happenings()), summary)

    def moment(self, at: datetime) -> str:
        """`Tue 2026-12-22 16:40`; seconds where there are some, the zone where it matters."""
        here = at.astimezone(zone(self.timezone))
        named = f" {here:%Z}" if self.clocks_change else ""
        day = DAYS.get(self.language.partition("-")[0], DAYS["en"])[here.weekday()]
        seconds = f":{here:%S}" if here.second else ""
        return f"{day} {here:%Y-%m-%d %H:%M}{seconds}{named}"

    @cached_property
    def clocks_change(self) -> bool:
        """Whether the clocks are changed while it lasts, so that a time alone says too little."""
        deadline = self.simulation.case.record.next_deadline
        moments = [each.at for each in self.happenings] + [self.simulation.at]
        moments += [deadline.at] if deadline else []
        local = zone(self.timezone)
        offsets = {each.astimezone(local).utcoffset() for each in moments}
        return len(offsets) > 1 or any(clocks_change(each, self.timezone) for each in moments)

    @property
    def title(self) -> str:
        """What this is."""
        record = self.simulation.case.record
        at = f"{self.moment(record.opened_at)} ({self.timezone})"
        return words(self.language)["title"].format(policy=record.snapshot.policy.policy, at=at)

    @property
    def about(self) -> str:
        """What kind of case this is: `P2 · billing · Ada threatens to leave`."""
        request = self.simulation.case.record.request
        opened = next(each for each in self.happenings[0].entries if each.type == "opened")
        return " · ".join(filter(None, [opened.priority, request.category, self.summary]))

    @property
    def end(self) -> str:
        """How it ended, or where it was cut."""
        said, record = words(self.language), self.simulation.case.record
        lines = []
        if record.closed_at is not None and record.ending is not None:
            ending = sentences.why(record.ending, sentences.words_of(self.language))
            at = self.moment(record.closed_at)
            lines.append(said["ended"].format(at=at, ending=ending))
            if unsaid := len(self.simulation.unsaid):
                lines.append(said["unsaid"].format(count=unsaid))
        else:
            deadline = record.next_deadline
            lines.append(
                said["cut"].format(
                    at=self.moment(self.simulation.at),
                    status=sentences.words_of(self.language).STATUS[record.status],
                    next=sentences.upcoming(record, self.language),
                    due=self.moment(deadline.at) if deadline else "",
                )
            )
        return " ".join(lines)

    def folded(self) -> list[Happening]:
        """The same with what recurs without anything else told once."""
        return list(folded(self.happenings))

    def document(self) -> dict[str, Any]:
        """All of it as plain data."""
        record = self.simulation.case.record
        return {
            "policy": record.snapshot.reference,
            "scenario": self.summary,
            "timezone": self.timezone,
            "opened_at": record.opened_at.isoformat(),
            "looked_until": self.simulation.at.isoformat(),
            "cut": not self.simulation.case.closed,
            "end": self.end,
            "unsaid": [at.isoformat() for at, _ in self.simulation.unsaid],
            "summary": record.summary().model_dump(mode="json"),
            "happenings": [plain(each) for each in self.happenings],
        }


DAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fr": ("lun", "mar", "mer", "jeu", "ven", "sam", "dim"),
    "fi": ("ma", "ti", "ke", "to", "pe", "la", "su"),
}
"""The days of the week, Monday first, as they are short in each language."""


class _Teller:
    def __init__(self, simulation: Simulation, timezone: str, language: str) -> None:
        self.simulation, self.timezone, self.language = simulation, timezone, language
        self.said = words(language)
        self.results: dict[tuple[str, str], Delivery] = {
            (result.key, result.recipient): result
            for step in simulation.steps
            if isinstance(step.cause, events.Delivered)
            for result in step.cause.deliveries
        }

    def happenings(self) -> Iterator[Happening]:
        """Steps that a reader wants to know of: a delivered message stands where it was sent."""
        level = 1
        for step in self.simulation.steps:
            entries = tuple(each for each in step.entries if each.type != "notified")
            told = tuple(self._told(step))
            if not entries and not told and step.refused is None:
                continue
            level = entries[-1].level if entries else level
            yield Happening(
                at=step.at,
                level=level,
                kinds=tuple(each.type for each in entries),
                words=tuple(self._words(step, entries)),
                why=self._why(step),
                told=told,
                entries=entries,
                refused=step.refused,
                waited=bool(step.released),
            )

    def _words(self, step: Step, entries: Iterable[TimelineEntry]) -> Iterator[str]:
        for entry in entries:
            yield sentences.sentence(entry, self.timezone, self.language)
        if step.refused is not None:
            yield self.said["refused"].format(because=step.refused)
        if not entries and (late := [*self._sent(step.released)]):
            names = ", ".join(dict.fromkeys(each.name for each in late))
            yield self.said["waited"].format(names=names)

    def _told(self, step: Step) -> Iterator[Told]:
        """Who hears, or waits for it; of what was said later, the row of that moment tells."""
        yield from self._sent(step.released)
        yield from self._sent(step.effects)

    def _sent(self, effects: Iterable[Effect]) -> Iterator[Told]:
        for effect in effects:
            if isinstance(effect, Notify | TellCustomer):
                until = effect.not_before if isinstance(effect, Notify) else None
                for recipient in effect.to:
                    yield self._one(effect.key, effect.notice, recipient, until)

    def _one(self, key: str, notice: str, recipient: Recipient, until: Instant | None) -> Told:
        result = None if until else self.results.get((key, recipient.key))
        if until is not None:
            detail = self.said["waits"].format(at=sentences.moment(until, self.timezone))
        elif result is None:
            detail = self.said["under_way"]
        elif result.address is None:
            detail = self.said["unreached"]
        else:
            detail = ""
        address = result.address if result else None
        return Told(recipient.key, recipient.name, str(notice), address, detail, until)

    def _why(self, step: Step) -> str:
        match step.cause:
            case None:
                return self.said["opening"]
            case Promise(deadline=Deadline(clock=ClockName.QUIET)):
                return self.said["quiet"]
            case Promise(deadline=deadline, after=None):
                return deadline.clock.replace("_", " ")
            case Promise(after=after, calendar="always"):
                return self.said["due"].format(after=after)
            case Promise(after=after, calendar=calendar):
                return self.said["due_on"].format(after=after, calendar=calendar)
            case events.RosterRead():
                return self.said["rota"]
            case events.Delivered() | events.RetrospectiveStarted():
                return self.said["report"]
            case _:
                return self.said["said"]
