"""From rows to cases: each is complete once the log can say no more of it.

What is kept grows with the cases that are under way at the same time, never with the log.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from escalations.backtest.findings import Findings
from escalations.backtest.logged import ENDED, LoggedCase, Step, Traits
from escalations.backtest.mapping import HAPPENED, Mapping
from escalations.backtest.rows import Row, Rows

MAX_REMEMBERED: Final = 100_000
"""Complete cases whose numbers are known; a row of one of them comes too late."""
_MAX_STEPS: Final = 10_000
"""Of one case. A number that half a log has is no case's."""


class _UnderWay:
    """A case whose rows are being read."""

    __slots__ = ("case", "last_at", "late", "opened_at", "steps", "traits")

    def __init__(self, case: str) -> None:
        self.case = case
        self.opened_at: datetime | None = None
        self.steps: list[Step] = []
        self.traits: dict[str, str] = {}
        self.last_at: datetime | None = None
        self.late = False

    @property
    def ended(self) -> bool:
        return bool(self.steps) and self.steps[-1].says in ENDED


class Cases:
    """The cases of a log, one after the other, as they become complete."""

    def __init__(self, mapping: Mapping, rows: Rows, traits: Traits) -> None:
        self._mapping, self._rows, self._traits = mapping, rows, traits
        self._adjusted: Findings = rows.adjusted
        self._quiet_for, self._forgotten_after = mapping.quiet
        self._ended: OrderedDict[str, _UnderWay] = OrderedDict()
        self._open: OrderedDict[str, _UnderWay] = OrderedDict()
        self._complete: OrderedDict[str, None] = OrderedDict()
        self._now: datetime | None = None

    def __iter__(self) -> Iterator[LoggedCase]:
        """In the order in which they become complete."""
        of_log = {
            "one-a-case": self._one_by_one,
            "case-by-case": self._one_after_the_other,
            "by-time": self._interleaved,
        }
        yield from of_log[self._mapping.rows]()

    def _one_by_one(self) -> Iterator[LoggedCase]:
        for row in self._rows:
            if not self._too_late(row, "the case a second time, where each has one row"):
                case = self._begun(row)
                self._add(case, row)
                yield self._completed(case)

    def _one_after_the_other(self) -> Iterator[LoggedCase]:
        case: _UnderWay | None = None
        for row in self._rows:
            if case is None or row.case != case.case:
                if self._too_late(row, "its case was complete: its rows do not stand together"):
                    continue
                if case is not None:
                    yield self._completed(case)
                case = self._begun(row)
            self._add(case, row)
        if case is not None:
            yield self._completed(case)

    def _interleaved(self) -> Iterator[LoggedCase]:
        for row in self._rows:
            at = row.steps[0].at
            if self._now is None or at >= self._now:
                self._now = at
            else:
                self._adjusted.add(
                    "earlier than the row before it, and used all the same", row.line
                )
            yield from self._quiet(self._now)
            case = self._ended.pop(row.case, None) or self._open.pop(row.case, None)
            if case is None:
                if self._too_late(row, "its case was complete: see `quiet_for`"):
                    continue
                case = self._begun(row)
            self._add(case, row)
            (self._ended if case.ended else self._open)[row.case] = case
        for cases in (self._ended, self._open):
            for case in cases.values():
                yield self._completed(case)

    def _quiet(self, now: datetime) -> Iterator[LoggedCase]:
        """The cases of which no row came for so long that none is expected."""
        for cases, at_most in (
            (self._ended, self._quiet_for),
            (self._open, self._forgotten_after),
        ):
            while cases:
                longest = next(iter(cases.values()))
                if longest.last_at is not None and now - longest.last_at <= at_most:
                    break
                cases.popitem(last=False)
                yield self._completed(longest)

    def _begun(self, row: Row) -> _UnderWay:
        return _UnderWay(row.case)

    def _add(self, case: _UnderWay, row: Row) -> None:
        if len(case.steps) >= _MAX_STEPS:
            self._rows.used -= 1
            self._rows.unusable.add(f"more than {_MAX_STEPS} rows of one case", row.line)
            return
        case.opened_at = case.opened_at or row.opened_at
        self._traits.add(case.traits, row.record, row.line)
        for step in row.steps:
            if case.last_at is not None and step.at < case.last_at:
                case.late = True
                self._adjusted.add("earlier than its case's row before: put in order", row.line)
            else:
                case.last_at = step.at
            if case.opened_at is not None and step.at < case.opened_at:
                self._adjusted.add("before its case was opened: taken as at its opening", row.line)
            if (
                not case.steps
                or step.says in HAPPENED
                or (step.says, step.owner)
                != (
                    case.steps[-1].says,
                    case.steps[-1].owner,
                )
                or case.late
            ):
                case.steps.append(step)

    def _too_late(self, row: Row, reason: str) -> bool:
        if row.case not in self._complete:
            return False
        self._rows.used -= 1
        self._rows.unusable.add(reason, row.line)
        return True

    def _completed(self, case: _UnderWay) -> LoggedCase:
        self._complete[case.case] = None
        if len(self._complete) > MAX_REMEMBERED:
            self._complete.popitem(last=False)
        if case.late:
            case.steps.sort(key=lambda step: step.at)
        opened_at = case.opened_at or case.steps[0].at
        return LoggedCase(
            case=case.case,
            opened_at=opened_at,
            steps=tuple(
                step if step.at >= opened_at else Step(opened_at, step.says, step.owner)
                for step in case.steps
            ),
            traits=self._traits.whole(case.traits),
            until=self._mapping.until_at,
        )
