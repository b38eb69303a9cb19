"""A case on a screen, for somebody who was just woken up: what, who, what next, what was said."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from escalations.cli.words import ago, due_in, local, next_step
from escalations.clock import Deadline
from escalations.directions import isolated
from escalations.record import EscalationRecord, Status, Summary
from escalations.sentences import upcoming, why, words_of
from escalations.timeline import Breached, Undelivered

COLOURS: Final = {
    Status.OPEN: "bold yellow",
    Status.ON_HOLD: "bold cyan",
    Status.RESOLVED: "bold green",
    Status.WORKAROUND: "bold green",
    Status.CLOSED: "bold",
}
_LATE: Final = timedelta(seconds=30)
_LABEL: Final = 10  # columns


def summary_lines(summary: Summary, now: datetime) -> Iterator[Text]:
    """A case in three lines: the answer to a command."""
    yield Text.assemble((summary.case, "bold"), "  ", isolated(summary.title))
    yield _standing(summary)
    if summary.due:
        step = next_step(summary.due, summary.level, summary.level_name)
        yield _next(step, summary.due, now)


def case_lines(
    record: EscalationRecord,
    sentences: list[str],
    now: datetime,
    width: int,
    entries: int | None = None,
) -> Iterator[Text]:
    """A case on one page.

    Args:
        record: the case.
        sentences: its timeline in words.
        now: what `in 12 min` is counted from.
        width: of the terminal, in columns.
        entries: how many of the timeline's last to show; all if `None`.
    """
    request, summary = record.request, record.summary()
    yield from wrapped(
        Text.assemble((record.case, "bold"), "  ", (isolated(request.title), "bold")), width
    )
    yield from wrapped(_standing(summary), width)
    yield Text()
    yield from _facts(record, now, width)
    yield from _said("Problem", request.statement, width)
    yield from _said("At stake", request.at_stake, width)
    yield from _said("Last words of the customer", record.last_words, width)
    if not record.closed:
        yield from _level(record, width)
    yield from _timeline(sentences, width, entries)


def _standing(summary: Summary) -> Text:
    line = Text()
    words = words_of("en")
    line.append(words.STATUS[summary.status].upper(), COLOURS[summary.status])
    if summary.ending:
        line.append(f": {why(summary.ending, words)}")
    line.append(f" · level {summary.level} of {summary.levels}, {summary.level_name}")
    line.append(f" · {summary.priority}")
    if summary.category:
        line.append(f" {summary.category}")
    if summary.status is not Status.CLOSED:
        line.append(
            f" · {isolated(summary.owner)} has it" if summary.owner else " · nobody has it yet"
        )
    if summary.breached:
        line.append(" · BREACHED", "bold red")
    if summary.reopened:
        line.append(f" · reopened {summary.reopened}×")
    return line


def _next(step: str, due: Deadline, now: datetime) -> Text:
    late = now - due.at > _LATE
    return Text.assemble(
        (due_in(due.at, now), "bold red" if late else "bold"),
        f", {local(due.at)}: {step}",
        ("; no worker has done it" if late else "", "red"),
    )


def _facts(record: EscalationRecord, now: datetime, width: int) -> Iterator[Text]:
    """Who, when, what next: a label and its words a line."""
    request = record.request
    level = record.snapshot.policy.level(record.level, request.category)
    contact = record.snapshot.policy.contacts[level.contact]
    if record.next_deadline:
        step = upcoming(record)
        yield from _labelled("Next", _next(step, record.next_deadline, now), width)
    if not record.closed:
        has = Text(isolated(record.owner or "") or f"nobody yet; {contact.name} is asked")
        yield from _labelled("Has it", has, width)
        if people := record.people_on_call:
            yield from _labelled("On call", Text(people), width)
    if record.hold:
        held = (
            f"waits for {why(record.hold.reason, words_of('en'))}, by {isolated(record.hold.by)}, "
        )
        yield from _labelled("On hold", Text(held + ago(record.hold.since, now)), width)
    if record.resolution:
        found = record.resolution
        solved = Text(
            f"{found.kind} by {isolated(found.by)}, {ago(found.at, now)}: {isolated(found.summary)}"
        )
        yield from _labelled("Solution", solved, width)
    if record.suggestion:
        tried = f"suggested to the customer: {record.suggestion.title}"
        yield from _labelled("Answer", Text(tried), width)
    if record.survey:
        asked = f"the customer was asked {ago(record.survey.asked_at, now)}"
        yield from _labelled("Survey", Text(asked), width)
    if record.score:
        yield from _labelled("Mark", Text(f"{record.score} of 5"), width)
    customer = " · ".join(filter(None, [isolated(request.customer.name), request.customer.tier]))
    yield from _labelled("Customer", Text(customer), width)
    opened = f"{local(record.opened_at)}, {ago(record.opened_at, now)}, by {request.channel}"
    yield from _labelled("Opened", Text(opened), width)
    if record.hand_offs:
        yield from _labelled("Hands", Text(f"changed {record.hand_offs}×"), width)
    if record.closed_at:
        closed = f"{local(record.closed_at)}, {ago(record.closed_at, now)}"
        yield from _labelled("Closed", Text(closed), width)
    for entry in record.timeline:
        if isinstance(entry, Breached):
            missed = f"{entry.name}, {local(entry.at)}"
            yield from _labelled("Missed", Text(missed, "red"), width)
    yield from _unreached(record, width)


def _unreached(record: EscalationRecord, width: int) -> Iterator[Text]:
    """Who could not be told: a line each, however often, with the last that did not reach them."""
    missed: dict[str, list[Undelivered]] = {}
    for entry in record.timeline:
        if isinstance(entry, Undelivered):
            missed.setdefault(entry.recipient, []).append(entry)
    for who, entries in missed.items():
        last = entries[-1]
        often = f" {len(entries)}×, last" if len(entries) > 1 else ""
        words = f"{who}{often} ({last.notice.replace('_', ' ')}): {last.detail}"
        yield from _labelled("Unreached", Text(words, "red"), width)


def _level(record: EscalationRecord, width: int) -> Iterator[Text]:
    """What is to be done at this level, and when it passes the case on."""
    level = record.snapshot.policy.level(record.level, record.request.category)
    said = {
        "To do here": ", ".join(record.open_actions),
        "Done here": ", ".join(each for each in level.actions if each not in record.open_actions),
        "May grant": ", ".join(f"{what} {amount}" for what, amount in level.may_grant.items()),
        "Passes it on when": ", ".join(level.leaves_on),
    }
    for heading, words in said.items():
        yield from _said(heading, words, width)


def _timeline(sentences: list[str], width: int, entries: int | None) -> Iterator[Text]:
    shown = sentences if entries is None else sentences[-entries:]
    yield Text()
    left_out = len(sentences) - len(shown)
    more = f" (the last {len(shown)} of {len(sentences)}; --all shows them)" if left_out else ""
    yield from wrapped(Text.assemble(("Timeline", "bold"), (more, "dim")), width)
    for sentence in shown:
        yield from sentence_lines(sentence, width)


def sentence_lines(sentence: str, width: int) -> Iterator[Text]:
    """A sentence of the timeline: its moment, and its words beside it or, if narrow, below."""
    moment, _, words = sentence.partition("  ")
    if width < 60:
        yield Text(f"  {moment}", "dim")
        yield from wrapped(Text(words), width, indent=4)
        return
    lines = wrapped(Text(words), width, indent=cell_len(moment) + 4)
    for n, line in enumerate(lines):
        head = Text(f"  {moment}  ", "dim")
        yield head + line[head.cell_len :] if n == 0 else line


def _said(heading: str, words: str, width: int) -> Iterator[Text]:
    if words:
        yield Text()
        yield Text(heading, "bold")
        for paragraph in words.splitlines():
            yield from wrapped(Text(paragraph), width, indent=2)


def _labelled(label: str, words: Text, width: int) -> Iterator[Text]:
    for n, line in enumerate(wrapped(words, width, indent=_LABEL)):
        yield Text(f"{label:<{_LABEL}}", "dim") + line[_LABEL:] if n == 0 else line


def wrapped(text: Text, width: int, indent: int = 0) -> Iterator[Text]:
    """Lines no wider than the terminal, each indented; a long word, such as an id, stays whole."""
    for line in text.divide(_breaks(text.plain, max(10, width - indent))):
        line.rstrip()
        yield Text(" " * indent) + line


def _breaks(text: str, width: int) -> Iterator[int]:
    used = 0
    for word in re.finditer(r"\S+\s*", text):
        if used and used + cell_len(word.group().rstrip()) > width:
            yield word.start()
            used = 0
        used += cell_len(word.group())
