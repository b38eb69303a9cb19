"""What the gate found, for whoever is about to deploy."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from rich.text import Text

from escalations.cli.page import wrapped
from escalations.counting import counted
from workers.replay.verdicts import Difference, Kind, Verdict

_HEADS: Final = {
    Kind.STOPS: ("WOULD STOP", "bold red", "they fail their next task, and wait for other code"),
    Kind.DECIDED: (
        "WOULD BE DECIDED OTHERWISE",
        "bold red",
        "they replay, but go on as other cases than they were",
    ),
    Kind.WORDS: ("WOULD SAY IT IN OTHER WORDS", "bold yellow", "all else is decided the same"),
}
_BESIDE: Final = 13
"""Columns for labels."""
_EXAMPLES: Final = 3
"""Of one kind of difference, so many in full; all are named."""


class Report:
    """Verdicts, counted and kept where something is found."""

    def __init__(self, ignored: Sequence[str] = ()) -> None:
        self._ignored = {Kind(each) for each in ignored}
        self.runs = 0
        self.passed: dict[Kind, int] = dict.fromkeys(self._ignored, 0)
        """How many differ in what is passed over only."""
        self.found: list[Verdict] = []
        self.unread: list[Verdict] = []

    def hear(self, verdict: Verdict) -> None:
        """Count one in."""
        self.runs += 1
        worst = verdict.worst
        if verdict.unread:
            self.unread.append(verdict)
        elif worst is not None and worst.kind in self._ignored:
            self.passed[worst.kind] += 1
        elif worst is not None:
            self.found.append(verdict)

    @property
    def ok(self) -> bool:
        """Whether nothing stands in the way of a deployment."""
        return not self.found and not self.unread

    def of(self, kind: Kind) -> list[Verdict]:
        """Those whose worst difference is of this kind, by name."""
        mine = (each for each in self.found if each.worst is not None and each.worst.kind is kind)
        return sorted(mine, key=lambda each: _natural(each.name))

    def document(self) -> dict[str, Any]:
        """All of it, for a program."""
        return {
            "ok": self.ok,
            "runs": self.runs,
            **{kind.value: [each.name for each in self.of(kind)] for kind in Kind},
            "unread": [{"name": each.name, "why": each.unread} for each in self.unread],
            "passed": {kind.value: number for kind, number in self.passed.items()},
            "findings": [
                each.model_dump(mode="json", exclude={"unread"})
                for kind in Kind
                for each in self.of(kind)
            ],
        }

    def lines(self, what: tuple[str, str], width: int) -> Iterator[Text]:
        """All of it, for a reader; `what` was replayed, in words for one and for many."""
        width = min(width, 100)
        for kind in Kind:
            if named := self.of(kind):
                yield from _section(kind, named, width)
        if self.unread:
            yield Text(f"COULD NOT BE READ ({len(self.unread)})", "bold red")
            for each in self.unread:
                yield from wrapped(Text(f"{each.name}: {each.unread}"), width, 2)
            yield Text()
        yield from wrapped(self._summary(what), width)

    def _summary(self, what: tuple[str, str]) -> Text:
        if self.runs == 0:
            return Text(f"There are no {what[1]}: nothing to replay.")
        replayed = f"{counted(self.runs, *what)} replayed with the code of this checkout: "
        if not self.ok:
            stopped, other = len(self.of(Kind.STOPS)), len(self.of(Kind.DECIDED))
            parts = [
                f"{stopped} would stop" if stopped else "",
                f"{other} would be decided otherwise" if other else "",
                f"{len(self.of(Kind.WORDS))} in other words" if self.of(Kind.WORDS) else "",
                f"{len(self.unread)} not read" if self.unread else "",
            ]
            return Text(f"{replayed}{', '.join(filter(None, parts))}.", "bold red")
        differ = ((counted(n, "differs", "differ"), kind) for kind, n in self.passed.items() if n)
        passed = "".join(f" ({n} in {kind} only)" for n, kind in differ)
        same = "it is decided as it was" if self.runs == 1 else "all are decided as they were"
        return Text(f"{replayed}{same}{passed}.", "bold green")


def _natural(name: str) -> list[tuple[int, str]]:
    """So that T-10 comes after T-9."""
    return [(int(each or 0), rest) for each, rest in re.findall(r"(\d*)(\D*)", name)]


def _section(kind: Kind, named: Sequence[Verdict], width: int) -> Iterator[Text]:
    head, style, meaning = _HEADS[kind]
    yield Text(f"{head} ({len(named)})", style)
    yield from wrapped(Text(f"{meaning}:", "dim"), width, 2)
    yield from wrapped(Text(", ".join(each.name for each in named), "bold"), width, 2)
    alike: dict[tuple[str, ...], list[Verdict]] = {}
    for each in named:
        first = each.differences[0]
        alike.setdefault((first.what, *(one.place for one in first.details)), []).append(each)
    for group in alike.values():
        for verdict in group[:_EXAMPLES]:
            yield Text()
            yield from _example(verdict, width)
        if more := [verdict.name for verdict in group[_EXAMPLES:]]:
            yield from wrapped(Text(f"and alike: {', '.join(more)}"), width, 2)
    yield Text()


def _example(verdict: Verdict, width: int) -> Iterator[Text]:
    """Where it begins, and the worst that comes of it."""
    first, worst = verdict.differences[0], verdict.worst
    yield from _told(Text(verdict.name, "bold"), first, verdict, width)
    if worst is not None and worst is not first:
        yield from _told(Text("  and then"), worst, verdict, width)


def _told(head: Text, found: Difference, verdict: Verdict, width: int) -> Iterator[Text]:
    at = found.at.strftime("%a %d %b %Y %H:%M:%S UTC") if found.at else "?"
    words = Text.assemble(head, f"  event {found.event} of {verdict.events}, {at}")
    yield from wrapped(words, width, 2)
    if found.came:
        yield from labelled("came", "; ".join(found.came), width)
    if not found.details:
        yield from labelled("then", found.then, width, "green")
        yield from labelled("now", found.now, width, "red")
        return
    yield from labelled("decided", found.then, width)
    for detail in found.details:
        yield from labelled("then", f"{detail.place}: {detail.then}", width, "green")
        yield from labelled("now", f"{detail.place}: {detail.now}", width, "red")


def labelled(label: str, words: str, width: int, style: str = "") -> Iterator[Text]:
    """A label and its words, which go on beside it."""
    for n, line in enumerate(wrapped(Text(words, style), width, _BESIDE)):
        yield Text(f"    {label:<{_BESIDE - 4}}", "dim") + line[_BESIDE:] if n == 0 else line
