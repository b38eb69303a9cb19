"""Playing a case of a log through a policy: the engine that runs cases, driven by what happened.

The log says who worked on a case and when it was solved; it knows no levels. So nobody of a higher
level is taken to have reacted, and every promise of the policy is held against what happened.
"""

import re
from datetime import datetime, timedelta
from typing import Final

from escalations import events
from escalations.backtest.logged import LoggedCase, Step
from escalations.backtest.mapping import HAPPENED, Means
from escalations.backtest.tally import Tally
from escalations.calendars import zone
from escalations.clock import Then
from escalations.engine import Case, waits
from escalations.errors import Refused
from escalations.policy import Grade, HoldReason, Policy, Priority
from escalations.record import Baton, Status
from escalations.request import Customer, EscalationRequest
from escalations.snapshot import Snapshot, take

_SOMEBODY: Final = "somebody"
_THE_LOG: Final = "the log"
_CUSTOMER: Final = "customer"
_REACH: Final = ["mailto:customer@log.example"]
"""Every customer of a log can be written to; nothing is sent."""
_SILENCE: Final = timedelta(days=3650)
"""No customer's silence after a resolution is waited for longer than that."""
_GOES_ON: Final = frozenset({Means.OPEN, Means.TAKEN, Means.REOPENED})


class Player:
    """A policy, and the tally of what it does to cases.

    With `assumes_updates`, whoever has a case tells the customer how it stands when reminded of it.
    """

    def __init__(self, policy: Policy, *, assumes_updates: bool = True) -> None:
        self.policy = policy
        self.assumes_updates = assumes_updates
        self.tally = Tally()
        self._zone = zone(policy.timezone)
        self._may_wait = any(each.quiet_hours for each in policy.contacts.values())
        self._snapshots: dict[int, Snapshot] = {}

    def snapshot(self, year: int) -> Snapshot:
        """The policy as a case keeps it that opens in that year, holidays of those years in it."""
        if year not in self._snapshots:
            self._snapshots[year] = take(self.policy, year)
        return self._snapshots[year]

    def play(self, logged: LoggedCase) -> None:
        """One case, from its opening to the last that the log says of it."""
        _Play(self, logged).whole()

    def told(self, case: Case, at: datetime) -> None:
        """Count what goes out now, and take it as arrived: only what waits stays in the outbox.

        That is what reports of its delivery would come to, but for their entries in the timeline.
        """
        outbox = case.record.outbox
        if not outbox:
            return
        waiting = [each for each in outbox if waits(each)] if self._may_wait else []
        if waiting:
            outbox = [each for each in outbox if not waits(each)]
        self.tally.told(outbox, at, self._zone)
        case.record.outbox = waiting


class _Play:
    def __init__(self, player: Player, logged: LoggedCase) -> None:
        self.player, self.logged = player, logged
        self.at = logged.opened_at
        self.snapshot = player.snapshot(self.at.year)
        self.case = Case.open(self._request(), self.snapshot, self.at)
        self.standing = Means.OPEN.value
        self.owner: str | None = None
        player.told(self.case, self.at)

    def whole(self) -> None:
        for step in self.logged.steps:
            self.until(step.at)
            self.step(step)
        if self.logged.until is not None:
            self.until(self.logged.until)
        elif self.case.record.status is Status.RESOLVED:
            self.until(self.at + _SILENCE)
        tally = self.player.tally
        tally.ended(self.case.record, self.at, finished=self.logged.finished)
        tally.years[self.logged.opened_at.year] += 1

    def until(self, moment: datetime) -> None:
        """Time goes on to that moment, and what falls due on the way is done in time."""
        case = self.case
        while (deadline := case.next_deadline) is not None and deadline.at <= moment:
            self.at = max(self.at, deadline.at)
            case.fall_due(deadline, self.at)
            self.player.told(case, self.at)
            if self.player.assumes_updates and deadline.then is Then.REMIND_UPDATE:
                self._update(None)
            if case.closed:
                return
        if not case.closed:
            self.at = max(self.at, moment)

    def step(self, step: Step) -> None:
        """Something happened; what follows depends on how the case stood before."""
        self.at = max(self.at, step.at)
        if self.case.closed and not self._opened_again(step):
            return
        if step.says != self.standing:
            self._changed(step.says, step.owner)
        elif step.owner is not None and step.owner != self.owner:
            self._taken(step.owner)
        self.owner = step.owner or self.owner

    def _opened_again(self, step: Step) -> bool:
        """Whether work went on after the case had ended, so that it was opened again."""
        if step.says in (self.standing, Means.NOTHING, *HAPPENED):
            return False
        if step.says not in _GOES_ON and not step.says.startswith("hold:"):
            if step.says == Means.RESOLVED:
                self._assume("solved in the log after ending under the policy")
            self.standing = step.says
            return False
        self._assume("worked on in the log after ending under the policy: opened again")
        self.standing = Means.OPEN.value
        self.case = Case.open_again(Baton(record=self.case.record), self.snapshot, self.at)
        self.player.told(self.case, self.at)
        return True

    def _changed(self, says: str, owner: str | None) -> None:
        record = self.case.record
        match says:
            case Means.NOTHING:
                return
            case Means.CUSTOMER_REPLIED:
                self._say(events.CustomerReplied(text="(a reply)", by=_CUSTOMER))
                return
            case Means.CUSTOMER_UPDATED:
                self._update(owner)
                return
            case Means.RESOLVED:
                self._resolved(owner)
            case Means.CLOSED:
                if record.status is not Status.RESOLVED:
                    self._assume(
                        "closed in the log without being resolved: taken as resolved at that moment"
                    )
                    self._resolved(owner)
                if record.survey is None:
                    self._say(events.ConfirmResolution(by=_CUSTOMER))
            case Means.WITHDRAWN:
                self._say(events.Withdraw(by=_THE_LOG, why="withdrawn"))
            case _:
                self._goes_on(says, owner)
        self.standing = says

    def _goes_on(self, says: str, owner: str | None) -> None:
        """Open, taken or on hold: whatever stood in the way of that is over."""
        record = self.case.record
        if record.status is Status.RESOLVED:
            self._say(events.RejectResolution(by=_CUSTOMER, why="reopened"))
        if record.hold is not None:
            self._say(events.Resume(by=owner or self.owner or _SOMEBODY))
        if says == Means.TAKEN or (owner is not None and owner != self.owner):
            self._taken(owner or self.owner or _SOMEBODY)
        if says.startswith("hold:"):
            self._held(HoldReason(says.removeprefix("hold:")), owner)

    def _taken(self, by: str) -> None:
        record = self.case.record
        if record.status not in (Status.OPEN, Status.ON_HOLD):
            return
        if not record.acknowledged:
            self._say(events.Acknowledge(by=by))
        elif record.owner != by:
            self._say(events.Assign(by=by, to=by))

    def _held(self, reason: HoldReason, owner: str | None) -> None:
        if reason not in self.snapshot.policy.holds:
            self._assume(
                f"on hold for {reason}, for which the policy has no hold: the clock went on"
            )
            return
        self._say(events.Hold(by=owner or self.owner or _SOMEBODY, reason=reason))

    def _resolved(self, owner: str | None) -> None:
        if self.case.record.status is not Status.RESOLVED:
            by = owner or self.owner or _SOMEBODY
            self._say(events.ProposeResolution(by=by, summary="resolved"))

    def _update(self, owner: str | None) -> None:
        """The customer is told how it stands."""
        by = owner or self.owner or _SOMEBODY
        self._say(events.UpdateCustomer(by=by, text="(an update)"))

    def _say(self, event: events.Event) -> None:
        try:
            self.case.handle(event, self.at)
        except Refused:
            self._assume(f"with a {type(event).__name__} that the engine refuses")
            return
        self.player.told(self.case, self.at)

    def _request(self) -> EscalationRequest:
        logged, policy, traits = self.logged, self.player.policy, self.logged.traits
        category = traits.get("category")
        if category is not None and policy.categories and category not in policy.categories:
            self._assume("of a category that the policy does not have: taken as of none")
            category = None
        priority = traits.get("priority")
        if priority is None and not {"impact", "urgency"} <= traits.keys():
            self._assume("without a priority in the log: medium stands for impact or urgency")
        customer = traits.get("customer", "unknown")
        return EscalationRequest(
            case=_case_id(logged.case),
            title=f"Case {logged.case}"[:200],
            statement="(from a log)",
            customer=Customer(id=customer, name=customer, tier=traits.get("tier"), contacts=_REACH),
            policy=policy.policy,
            reported_at=logged.opened_at,
            category=category,
            by=_THE_LOG,
            priority=Priority(priority) if priority else None,
            impact=Grade(traits.get("impact", Grade.MEDIUM)),
            urgency=Grade(traits.get("urgency", Grade.MEDIUM)),
        )

    def _assume(self, what: str) -> None:
        self.player.tally.assumed[what] += 1


def _case_id(text: str) -> str:
    """A number such as `#12/7` as the engine takes it; within one case it need not be unique."""
    return re.sub(r"[^A-Za-z0-9._:\-]", "-", text)[:100] or "-"
