"""What may be said to a running escalation: its signals and queries; its updates are `Commands`.

Handlers tell the engine and return. A signal takes what it gets (`RawValue`), so that a malformed
one becomes an entry of the timeline.
"""

from collections.abc import Sequence

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from escalations import console_page, events, sentences
from escalations.mistakes import in_words
from escalations.model import printable
from escalations.names import Query, Signal
from escalations.record import EscalationRecord, Summary
from workflows.commands import Commands
from workflows.early import Early


class Messages(Commands):
    """All handlers of `Escalation`."""

    def __init__(self) -> None:
        super().__init__()
        self._early: list[Early] = []
        """What was said before the policy was there."""

    def _hear(self, signal: Signal, fact: type[events.Fact], said: RawValue) -> None:
        """A fact reaches the case; one that cannot be understood does so as such."""
        heard: events.Fact | events.Unreadable
        try:
            heard = workflow.payload_converter().from_payload(said.payload, fact)
        except (ApplicationError, ValueError, KeyError, RuntimeError) as error:
            heard = events.Unreadable(signal=signal, problem=printable(in_words(error), 2_000))
        self._tell(heard)

    def _tell(self, heard: events.Fact | events.Unreadable) -> None:
        self._turns += 1
        if self._case is None:
            self._early.append(Early(workflow.now(), heard))
        else:
            self._case.handle(heard, at=workflow.now())

    @workflow.signal(
        name=Signal.CUSTOMER_REPLIED,
        description='The customer said: {"text": "Still broken"}, "channel", "by", "at" if known',
    )
    def customer_replied(self, said: RawValue) -> None:
        """A fact: see `events.CustomerReplied`."""
        self._hear(Signal.CUSTOMER_REPLIED, events.CustomerReplied, said)

    @workflow.signal(
        name=Signal.RESOLVE,
        description='A system says so: {"by": "crm", "kind": "fix", "summary": "Refunded"}',
    )
    def resolve(self, said: RawValue) -> None:
        """A fact: see `events.Resolve`."""
        self._hear(Signal.RESOLVE, events.Resolve, said)

    @workflow.signal(
        name=Signal.RAISE_TRIGGER,
        description='It moves the case: {"by": "ada", "trigger": "legal-threat"}, "note" if any',
    )
    def raise_trigger(self, said: RawValue) -> None:
        """A fact: see `events.RaiseTrigger`."""
        self._hear(Signal.RAISE_TRIGGER, events.RaiseTrigger, said)

    @workflow.signal(
        name=Signal.ADD_NOTE,
        description='For the others to know: {"by": "ada", "text": "They call back at 3"}',
    )
    def add_note(self, said: RawValue) -> None:
        """A fact: see `events.AddNote`."""
        self._hear(Signal.ADD_NOTE, events.AddNote, said)

    @workflow.signal(
        name=Signal.WITHDRAW,
        description='The case ends, given up: {"by": "ada", "why": "Opened by mistake"}',
    )
    def withdraw(self, said: RawValue) -> None:
        """A fact: see `events.Withdraw`."""
        self._hear(Signal.WITHDRAW, events.Withdraw, said)

    @workflow.signal(
        name=Signal.REPORT_DELIVERY,
        description='A bounce: {"key": "T-1/3", "recipient": "customer", "delivered": false}, '
        '"detail" if any',
    )
    def report_delivery(self, said: RawValue) -> None:
        """A fact: see `events.ReportDelivery`."""
        self._hear(Signal.REPORT_DELIVERY, events.ReportDelivery, said)

    @workflow.signal(dynamic=True, description="Any other signal: written down, changes nothing")
    def unknown(self, signal: str, said: Sequence[RawValue]) -> None:
        """A signal that there is not: an entry of the timeline, not kept for ever unheard."""
        problem = f"there is no such signal; there are {', '.join(Signal)}"
        self._tell(events.Unreadable(signal=printable(signal, 100) or "?", problem=problem))

    def current_details(self) -> str:
        """What the Temporal UI shows of the case, written when somebody looks."""
        # Our client gives a run static details and a memo; a new run of it has the memo alone.
        alone = workflow.info().continued_run_id is not None or not workflow.memo()
        return console_page.current_details(self._case.record, alone=alone) if self._case else ""

    @workflow.query(name=Query.RECORD, description="Everything about the case; no argument")
    def record(self) -> EscalationRecord:
        """The whole record."""
        return self._opened_case.record

    @workflow.query(name=Query.SUMMARY, description="The case, short; no argument")
    def summary(self) -> Summary:
        """The short answer."""
        return self._opened_case.record.summary()

    @workflow.query(
        name=Query.TIMELINE,
        description='What happened, in words; argument "en" (or none), "fr", "fi"',
    )
    def timeline(self, language: str | None = None) -> list[str]:
        """A sentence an entry, in English, French or Finnish."""
        return sentences.timeline(self._opened_case.record, language)
