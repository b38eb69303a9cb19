"""Walking through one history in a terminal: what came, what was decided, how the case stands."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from escalations import sentences
from escalations.calendars import BusinessTime
from escalations.cli.printer import Printer
from escalations.clock import Clock
from escalations.durations import Duration
from escalations.names import Workflow, escalation_id
from escalations.record import EscalationRecord
from escalations.retrospective.record import RetrospectiveRecord
from escalations.temporal import encryption
from workers.replay.compare import verdict
from workers.replay.decisions import Decision
from workers.replay.jobs import Job, Server, Unreadable, history_of
from workers.replay.past import Past, Task
from workers.replay.present import Present, replay
from workers.replay.report import Report, labelled
from workers.replay.verdicts import Kind, Verdict
from workers.replay.words import in_words

_KEYS = "n next · q quit"


@dataclass(frozen=True)
class Step:
    """One task of a run."""

    number: int
    task: Task
    then: list[Decision]
    now: list[Decision]
    record: dict[str, Any] | None
    """After it; `None` while the case is being opened, and where the replay had stopped."""


def steps(past: Past, present: Present) -> Iterator[Step]:
    """The tasks of a run, each with what is decided now in its place."""
    decided, last = iter(present.decided), len(past.tasks)
    for number, task in enumerate(past.tasks, 1):
        now = list(islice(decided, len(task.decided)))
        if number == last:
            now += [each for each in decided if not past.open or each.after <= task.started]
        until = past.tasks[number].started if number < last else None
        stands = [each.record for each in present.stands if until is None or each.after < until]
        yield Step(number, task, task.decided, now, stands[-1] if stands else None)


async def walk(
    places: tuple[Path, ...], cases: tuple[str, ...], server: Server, out: Printer
) -> int:
    """Walk through one history, of a file or of a case's present run; 1 if it is decided otherwise.

    Raises:
        UsageError: it cannot be read.
    """
    job = Job(file=places[0]) if places else Job(workflow_id=escalation_id(cases[0]))
    client, codec = await server.connected(), encryption(server.keys)
    try:
        history = await history_of(job, client, codec)
        past, present = await replay(history, codec=codec, looks=True)
    except (Unreadable, ValueError) as error:
        raise click.UsageError(f"{job.name}: {error}") from None
    found = verdict(past, present, job.name)
    if out.as_json:
        out.document(_document(past, present, found))
    else:
        _print(past, present, found, out)
    return 1 if found.worst is not None and found.worst.kind is not Kind.WORDS else 0


def _document(past: Past, present: Present, found: Verdict) -> dict[str, Any]:
    return {
        **found.model_dump(mode="json"),
        "steps": [
            {
                "number": each.number,
                "at": each.task.at.isoformat(),
                "event": each.task.started,
                "came": each.task.came,
                "decided": [in_words(one) for one in each.then],
                "decided_now": [in_words(one) for one in each.now],
                "stands": each.record and standing(past.workflow, each.record, each.task.at),
            }
            for each in steps(past, present)
        ],
    }


def _print(past: Past, present: Present, found: Verdict, out: Printer) -> None:
    width, total = min(out.width, 100), len(past.tasks)
    out.lines([Text.assemble((found.name, "bold"), f"  {past.workflow_id}, {past.events} events")])
    asks = out.on_terminal and sys.stdin.isatty()
    for each in steps(past, present):
        out.lines(_lines(past, each, total, width))
        if asks and each.number < total and not _goes_on():
            return
    report = Report()
    report.hear(found)
    out.lines([Text(), *report.lines(("history", "histories"), width)])


def _goes_on() -> bool:
    """Whether the next one is wanted: `n`, a space or Enter; `q` and Ctrl-C end it."""
    sys.stdout.write(f"{_KEYS} ")
    sys.stdout.flush()
    while True:
        key = click.getchar()
        if key in ("n", "N", " ", "\r", "\n", "q", "Q", "\x1b"):
            sys.stdout.write("\r" + " " * len(_KEYS) + "\r")
            sys.stdout.flush()
            return key not in ("q", "Q", "\x1b")


def _lines(past: Past, step: Step, total: int, width: int) -> Iterator[Text]:
    task = step.task
    yield Text()
    yield Text.assemble(
        (f"{step.number}/{total}", "bold"),
        f"  {task.at.strftime('%a %d %b %Y %H:%M:%S UTC')}",
        (f"  event {task.started}", "dim"),
    )
    for words in task.came or ["nothing"]:
        yield from labelled("came", words, width)
    then, now = [in_words(each) for each in step.then], [in_words(each) for each in step.now]
    for words in then or ["nothing"]:
        yield from labelled("decided", words, width)
    if now != then:
        for words in now or ["nothing more"]:
            yield from labelled("now", words, width, "red")
    if step.record is not None:
        for label, words in standing(past.workflow, step.record, task.at).items():
            yield from labelled(label, words, width, "bold" if label == "stands" else "")


def standing(workflow: str, record: dict[str, Any], at: datetime) -> dict[str, str]:
    """How a run stands at a moment: where, what comes next and when, and its clocks."""
    if workflow == Workflow.RETROSPECTIVE:
        return _of_retrospective(RetrospectiveRecord.model_validate(record))
    case = EscalationRecord.model_validate(record)
    summary, timezone = case.summary(), case.snapshot.policy.timezone
    ending = f", {summary.ending}" if summary.ending else ""
    owner = f"{summary.owner} has it" if summary.owner else "nobody has it"
    status = f"{summary.status.replace('_', ' ')}{ending}"
    found = {
        "stands": f"{status}, level {summary.level} of {summary.levels} "
        f"({summary.level_name}), {summary.priority}, {owner}",
        "next": _when(sentences.upcoming(case), case.next_deadline, timezone),
    }
    clocks = [
        _clock(name, clock, clock.consumed_by(at, _time(case, clock)), timezone)
        for name, clock in case.clocks.items()
    ]
    return found | ({"clocks": "; ".join(clocks)} if clocks else {})


def _time(case: EscalationRecord, clock: Clock) -> BusinessTime:
    return BusinessTime.of(case.snapshot.calendars[clock.calendar])


def _of_retrospective(record: RetrospectiveRecord) -> dict[str, str]:
    due = record.next_deadline
    then = "" if due is None else due.then.replace("_", " ")
    missing = ", ".join(each.replace("_", " ") for each in record.missing) or "nothing"
    return {
        "stands": f"{record.status}, missing: {missing}",
        "next": _when(then, due, record.request.timezone),
    }


def _when(words: str, due: Any, timezone: str) -> str:
    return f"{sentences.moment(due.at, timezone)}  {words}" if due else words or "nothing"


def _clock(name: str, clock: Clock, consumed: Duration, timezone: str) -> str:
    rings = ", ".join(
        f"{alarm.then.replace('_', ' ')} at {alarm.after}"
        + (f" ({sentences.moment(alarm.due_at, timezone)})" if alarm.due_at else "")
        for alarm in clock.alarms
    )
    stands = "" if clock.running else ", stands still"
    return f"{name.replace('_', ' ')} {consumed}{stands}: {rings or 'rings no more'}"
