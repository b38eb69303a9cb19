"""One command per message: what is said to a case."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from escalations.cli.options import (
    Conversation,
    by_option,
    case_argument,
    heard,
    message_id_option,
    talks,
)
from escalations.cli.printer import Printer, hint

if TYPE_CHECKING:
    from escalations.client import EscalationClient
    from escalations.events import Command, Fact
    from escalations.record import EscalationRecord

Option = Callable[[Callable[..., Any]], Callable[..., Any]]


class MessageCommand(click.Command):
    """A command that says one message; `model` is its name in `events`."""

    model: str


def _message(name: str, model: str, says: str, *options: Option) -> MessageCommand:
    """A command that says a message of that model; its options are the model's fields."""

    def command(case: str, **said: Any) -> Conversation:
        from escalations import events

        message = heard(getattr(events, model), **said)
        if isinstance(message, events.Command):
            return _commanding(case, message)
        return _reporting(case, message)

    callback: Any = message_id_option(talks(command))
    for option in (*options[::-1], case_argument):
        callback = option(callback)
    said: MessageCommand = click.command(name, cls=MessageCommand, help=says)(callback)
    said.model = model
    return said


def _commanding(case: str, command: "Command") -> Conversation:
    async def conversation(client: "EscalationClient", out: Printer) -> None:
        summary = await client.send(case, command)
        if out.as_json:
            out.document(summary.model_dump(mode="json"))
            return
        from escalations.cli.page import summary_lines

        out.lines(summary_lines(summary, datetime.now(UTC)))

    return conversation


def _reporting(case: str, fact: "Fact") -> Conversation:
    async def conversation(client: "EscalationClient", out: Printer) -> int:
        record, because = await reported(client, case, fact)
        if out.as_json:
            out.document(
                {
                    "reported": type(fact).__name__,
                    "counted": None if record is None else because is None,
                    "because": because,
                    "summary": record.summary().model_dump(mode="json") if record else None,
                }
            )
        elif record is None:
            out.text([f"{case} will hear of it when a worker is there: none answers now."])
        else:
            from escalations.cli.page import summary_lines

            out.lines(summary_lines(record.summary(), datetime.now(UTC)))
        if because is not None:
            hint(f"It was written down and changed nothing: {because}.")
        return 0 if because is None else 1

    return conversation


async def reported(
    client: "EscalationClient", case: str, fact: "Fact"
) -> "tuple[EscalationRecord | None, str | None]":
    """Report a fact; the record after it if a worker answers, and why it changed nothing."""
    known = await _record(client, case)
    await client.report(case, fact)
    record = await _record(client, case) if known else None
    before, after = _refusals(known, fact), _refusals(record, fact)
    return record, after[-1] if len(after) > len(before) else None


async def _record(client: "EscalationClient", case: str) -> "EscalationRecord | None":
    """The record, if a worker is there to answer; a fact is kept without one."""
    from escalations.calls import Unanswered

    try:
        return await client.record(case)
    except Unanswered:
        return None


def _refusals(record: "EscalationRecord | None", fact: "Fact") -> list[str]:
    """Why facts of this kind changed nothing so far."""
    from escalations.timeline import Refused

    return [
        entry.because
        for entry in (record.timeline if record else [])
        if isinstance(entry, Refused) and entry.what == type(fact).__name__
    ]


def _words(name: str, help: str | None = None, *, required: bool = True) -> Option:
    return click.option(f"--{name}", required=required, metavar="WORDS", help=help)


_WHY = _words("why", "The reason, for the timeline.")
_NOTE = _words("note", required=False)

MESSAGES = (
    _message(
        "reply",
        "CustomerReplied",
        "The customer said something.",
        _words("text", "What they said."),
        click.option("--channel", metavar="NAME", help="Where: phone, mail, chat …"),
        click.option("--by", metavar="WHO", help="Who of the customer's people."),
        click.option("--at", metavar="MOMENT", help="When: 2026-11-23T09:00:00+01:00."),
    ),
    _message("acknowledge", "Acknowledge", "Take the case.", by_option),
    _message(
        "assign",
        "Assign",
        "Make somebody the owner.",
        by_option,
        click.option("--to", required=True, metavar="WHO", help="The owner to be."),
    ),
    _message(
        "hand-up",
        "HandUp",
        "Pass the case on to the next level.",
        by_option,
        click.option("--from-level", required=True, metavar="N", help="The level you saw."),
        _words("reason"),
    ),
    _message(
        "hand-back",
        "HandBack",
        "Give the case back to a lower level.",
        by_option,
        click.option("--from-level", required=True, metavar="N", help="The level you saw."),
        click.option("--to-level", required=True, metavar="N", help="A lower one."),
        _words("advice", "What they should try."),
    ),
    _message(
        "complete-action",
        "CompleteAction",
        "One of the level's actions is done.",
        by_option,
        click.option("--action", required=True, metavar="NAME", help="As the policy names it."),
        _words("evidence", "What shows it: a link, a number, a sentence.", required=False),
    ),
    _message(
        "update-customer",
        "UpdateCustomer",
        "Tell the customer how it stands.",
        by_option,
        _words("text"),
    ),
    _message(
        "set-priority",
        "SetPriority",
        "Say how important it is.",
        by_option,
        click.option("--priority", required=True, metavar="P1…P4"),
        _WHY,
    ),
    _message(
        "hold",
        "Hold",
        "Let the clock stand still.",
        by_option,
        click.option(
            "--reason", required=True, metavar="NAME", help="customer, vendor, incident, evidence."
        ),
        _NOTE,
    ),
    _message("resume", "Resume", "Let the clock go on.", by_option),
    _message(
        "trigger",
        "RaiseTrigger",
        "Report a fact that moves the case: TRIGGER, as its policy names it.",
        click.argument("trigger"),
        by_option,
        _NOTE,
    ),
    _message(
        "resolve",
        "ProposeResolution",
        "It is solved: the customer is asked.",
        by_option,
        click.option("--kind", metavar="KIND", help="fix, or workaround; a fix if not said."),
        _words("summary", "What solves it."),
    ),
    _message("confirm", "ConfirmResolution", "The customer agrees.", by_option),
    _message("reject", "RejectResolution", "The customer does not agree.", by_option, _WHY),
    _message(
        "rate",
        "Rate",
        "The customer's answer to the survey.",
        click.option("--score", required=True, metavar="1…5", help="From 1, bad, to 5, good."),
        _words("comment", required=False),
    ),
    _message("withdraw", "Withdraw", "The case is given up.", by_option, _WHY),
    _message("note", "AddNote", "Write something down.", by_option, _words("text")),
)
"""One command per message, in the order of a case's life."""
