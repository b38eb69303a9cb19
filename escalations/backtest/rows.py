"""The rows of a log, each with what it says; those that cannot be used are counted by reason."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from escalations.backtest.findings import Findings
from escalations.backtest.log import Log, Record
from escalations.backtest.logged import Step
from escalations.backtest.mapping import Mapping
from escalations.backtest.moments import reader
from escalations.model import printable

_LONGEST_OWNER: Final = 200  # characters


class Row(NamedTuple):
    """A row that can be used."""

    line: int
    case: str
    steps: list[Step]
    opened_at: datetime | None
    record: Record


class Rows:
    """What a log says, row by row."""

    def __init__(self, mapping: Mapping, log: Log, adjusted: Findings) -> None:
        self.read = 0
        """Rows that were read, whatever they say."""
        self.used = 0
        self.passed_over = 0
        """Rows about something else (`only`)."""
        self.unusable = log.findings
        self.adjusted = adjusted
        self._log = log
        self._one_a_case = mapping.rows == "one-a-case"
        self._only = [(log.get(name), frozenset(said)) for name, said in mapping.only.items()]
        self._case = log.get(mapping.case)
        self._opened = log.get(mapping.opened)
        self._at = log.get(mapping.at)
        self._state = log.get(mapping.state)
        self._means = {state: meaning.standing for state, meaning in mapping.states.items()}
        self._happened = [
            (name, log.get(name), meaning.standing) for name, meaning in mapping.happened.items()
        ]
        self._moment = reader(mapping.moments, mapping.zone)
        self._owner = log.get(mapping.owner.column if mapping.owner else None)
        self._owners = mapping.owner.values if mapping.owner else {}
        self._nobody = mapping.owner.otherwise if mapping.owner else None

    def __iter__(self) -> Iterator[Row]:
        """The rows that can be used."""
        steps_of = self._of_columns if self._one_a_case else self._of_state
        for line, record in self._log.records():
            self.read += 1
            if self._only and any(get(record) not in said for get, said in self._only):
                self.passed_over += 1
            elif (case := self._case(record)) is None:
                self.unusable.add("no case number", line)
            elif (steps := steps_of(record, line)) is not None:
                self.used += 1
                yield Row(line, case, steps, self._opened_at(record, line), record)

    def _of_state(self, record: Record, line: int) -> list[Step] | None:
        """What a row of its own says: the state after it, or what happened."""
        if (text := self._at(record)) is None:
            self.unusable.add("no moment", line)
        elif (at := self._moment(text)) is None:
            self.unusable.add(f"the moment {text!r}, which is none of `moments`", line)
        elif (state := self._state(record)) is None:
            self.unusable.add("no state", line)
        elif (says := self._means.get(state)) is None:
            self.unusable.add(f"the state {state!r}, which `states` does not name", line)
        else:
            return [Step(at, says, self._owner_of(record))]
        return None

    def _of_columns(self, record: Record, line: int) -> list[Step] | None:
        """What a row says that is a whole case: a moment for each thing that happened."""
        steps = []
        for name, get, says in self._happened:
            if (text := get(record)) is None:
                continue
            if (at := self._moment(text)) is None:
                self.adjusted.add(f"{name} {text!r}, which is no moment: it did not happen", line)
            else:
                steps.append(Step(at, says, self._owner_of(record)))
        if self._moment(self._opened(record) or "") is None and not steps:
            self.unusable.add("no moment", line)
            return None
        return sorted(steps, key=lambda step: step.at)

    def _opened_at(self, record: Record, line: int) -> datetime | None:
        if (text := self._opened(record)) is None:
            return None
        if (moment := self._moment(text)) is None:
            self.adjusted.add(f"opened {text!r}, which is no moment: its first row counts", line)
        return moment

    def _owner_of(self, record: Record) -> str | None:
        text = self._owner(record)
        if self._owners or text is None:
            return self._owners.get(text or "", self._nobody)
        if len(text) <= _LONGEST_OWNER and text.isprintable():
            return text
        return printable(text, _LONGEST_OWNER) or None
