"""One verb per message: what a backend or the CLI says to a case, with its fields spelled out."""

from abc import ABC, abstractmethod
from datetime import datetime

from escalations import events
from escalations.adoption import Adopted
from escalations.events import AdoptPolicy, Command, Fact, ResolutionKind
from escalations.policy import HoldReason, Priority
from escalations.record import Summary


class Verbs(ABC):
    """Facts are reported and never refused while a case is open; commands may be refused.

    A `message_id` makes a repeated message change nothing; each gets one of its own if `None`.
    """

    @abstractmethod
    async def report(self, case: str, fact: Fact) -> None:
        """Report a fact."""

    @abstractmethod
    async def send(
        self, case: str, command: Command | AdoptPolicy, answer: type[Summary] = Summary
    ) -> Summary:
        """Give a command; the answer is the case after it, a summary of that kind."""

    async def customer_replied(
        self,
        case: str,
        *,
        text: str,
        channel: str = "other",
        by: str | None = None,
        at: datetime | None = None,
        message_id: str | None = None,
    ) -> None:
        """The customer said something."""
        fact = events.CustomerReplied(
            text=text, channel=channel, by=by, at=at, message_id=message_id
        )
        await self.report(case, fact)

    async def raise_trigger(
        self, case: str, trigger: str, *, by: str, note: str = "", message_id: str | None = None
    ) -> None:
        """A fact that moves the case at once."""
        fact = events.RaiseTrigger(trigger=trigger, by=by, note=note, message_id=message_id)
        await self.report(case, fact)

    async def add_note(
        self, case: str, *, by: str, text: str, message_id: str | None = None
    ) -> None:
        """Something the others should know."""
        await self.report(case, events.AddNote(by=by, text=text, message_id=message_id))

    async def withdraw(
        self, case: str, *, by: str, why: str, message_id: str | None = None
    ) -> None:
        """The case is given up."""
        await self.report(case, events.Withdraw(by=by, why=why, message_id=message_id))

    async def resolve(
        self,
        case: str,
        *,
        by: str,
        summary: str,
        kind: ResolutionKind = ResolutionKind.FIX,
        message_id: str | None = None,
    ) -> None:
        """It is solved, says a system that does not wait for an answer."""
        fact = events.Resolve(by=by, summary=summary, kind=kind, message_id=message_id)
        await self.report(case, fact)

    async def report_delivery(
        self, case: str, *, key: str, recipient: str, delivered: bool, detail: str = ""
    ) -> None:
        """What became of a message that was sent, such as a bounce."""
        fact = events.ReportDelivery(
            key=key, recipient=recipient, delivered=delivered, detail=detail
        )
        await self.report(case, fact)

    async def acknowledge(self, case: str, *, by: str, message_id: str | None = None) -> Summary:
        """Take the case."""
        return await self.send(case, events.Acknowledge(by=by, message_id=message_id))

    async def assign(
        self, case: str, *, by: str, to: str, message_id: str | None = None
    ) -> Summary:
        """Make somebody the owner."""
        return await self.send(case, events.Assign(by=by, to=to, message_id=message_id))

    async def hand_up(
        self, case: str, *, by: str, from_level: int, reason: str, message_id: str | None = None
    ) -> Summary:
        """Pass the case on to the next level; `from_level` is the one the sender saw."""
        command = events.HandUp(by=by, from_level=from_level, reason=reason, message_id=message_id)
        return await self.send(case, command)

    async def hand_back(
        self,
        case: str,
        *,
        by: str,
        from_level: int,
        to_level: int,
        advice: str,
        message_id: str | None = None,
    ) -> Summary:
        """Give the case back to a lower level; `from_level` is the one the sender saw."""
        command = events.HandBack(
            by=by, from_level=from_level, to_level=to_level, advice=advice, message_id=message_id
        )
        return await self.send(case, command)

    async def complete_action(
        self, case: str, *, by: str, action: str, evidence: str = "", message_id: str | None = None
    ) -> Summary:
        """One of the level's actions is done."""
        command = events.CompleteAction(
            by=by, action=action, evidence=evidence, message_id=message_id
        )
        return await self.send(case, command)

    async def update_customer(
        self, case: str, *, by: str, text: str, message_id: str | None = None
    ) -> Summary:
        """Tell the customer how it stands."""
        return await self.send(case, events.UpdateCustomer(by=by, text=text, message_id=message_id))

    async def rate(
        self, case: str, *, score: int, comment: str = "", message_id: str | None = None
    ) -> Summary:
        """The customer's answer to the survey, from 1 to 5."""
        command = events.Rate(score=score, comment=comment, message_id=message_id)
        return await self.send(case, command)

    async def set_priority(
        self, case: str, *, by: str, priority: Priority, why: str, message_id: str | None = None
    ) -> Summary:
        """Say how important it is."""
        command = events.SetPriority(by=by, priority=priority, why=why, message_id=message_id)
        return await self.send(case, command)

    async def hold(
        self,
        case: str,
        *,
        by: str,
        reason: HoldReason,
        note: str = "",
        message_id: str | None = None,
    ) -> Summary:
        """Let the clock stand still."""
        command = events.Hold(by=by, reason=reason, note=note, message_id=message_id)
        return await self.send(case, command)

    async def resume(self, case: str, *, by: str, message_id: str | None = None) -> Summary:
        """Let the clock go on."""
        return await self.send(case, events.Resume(by=by, message_id=message_id))

    async def propose_resolution(
        self,
        case: str,
        *,
        by: str,
        summary: str,
        kind: ResolutionKind = ResolutionKind.FIX,
        message_id: str | None = None,
    ) -> Summary:
        """A fix or a workaround is there; the customer is asked."""
        command = events.ProposeResolution(by=by, summary=summary, kind=kind, message_id=message_id)
        return await self.send(case, command)

    async def confirm_resolution(
        self, case: str, *, by: str, message_id: str | None = None
    ) -> Summary:
        """The customer agrees."""
        return await self.send(case, events.ConfirmResolution(by=by, message_id=message_id))

    async def reject_resolution(
        self, case: str, *, by: str, why: str, message_id: str | None = None
    ) -> Summary:
        """The customer does not agree."""
        return await self.send(case, events.RejectResolution(by=by, why=why, message_id=message_id))

    async def adopt_policy(
        self,
        case: str,
        *,
        by: str,
        policy: str | None = None,
        preview: bool = False,
        message_id: str | None = None,
    ) -> Adopted:
        """Have it go by another policy, or by its own as that is now; a preview changes nothing."""
        counts = None if preview else message_id
        command = AdoptPolicy(by=by, policy=policy, preview=preview, message_id=counts)
        after = await self.send(case, command, Adopted)
        return after if isinstance(after, Adopted) else Adopted(**dict(after))
