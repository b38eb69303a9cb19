"""What becomes of a case, path by path: how it is taken, waits, climbs, is solved and ends."""

from contextlib import suppress

from temporalio.client import WorkflowUpdateFailedError

from escalations import events
from escalations.events import ResolutionKind
from escalations.policy import HoldReason
from tests.harness import Desk
from tests.workflows.paths import DAY, HOUR, MINUTE, Handle, open_case, path

WORKAROUND = events.ProposeResolution(by="Kim", kind=ResolutionKind.WORKAROUND, summary="By hand.")
FIX = events.ProposeResolution(by="Kim", summary="The amount is paid back.")
CONFIRMED = events.ConfirmResolution(by="Ada")


@path
async def confirmed(desk: Desk) -> Handle:
    """Taken, solved, and the customer agrees."""
    case = await open_case(desk, "confirmed")
    await case.tell(events.Acknowledge(by="Kim"), events.AddNote(by="Kim", text="Looks easy"))
    await case.forward(10 * MINUTE)
    await case.tell(FIX, CONFIRMED)
    await case.to_the_end()
    return case.handle


@path
async def presumed(desk: Desk) -> Handle:
    """A system reports it solved; the customer says thanks, and then nothing more."""
    case = await open_case(desk, "presumed")
    await case.tell(events.Resolve(by="billing", summary="The amount is paid back."))
    await case.tell(events.CustomerReplied(text="Thank you, I shall look."))
    await case.to_the_end()
    return case.handle


@path
async def climbed(desk: Desk) -> Handle:
    """Nobody takes it: it climbs to the last level, over a holiday, and is repeated there."""
    case = await open_case(desk, "climbed")
    await case.forward(9 * DAY)
    return await case.left_open()


@path
async def acknowledged(desk: Desk) -> Handle:
    """Somebody takes it: no reminder comes any more, and still it climbs in the end."""
    case = await open_case(desk, "acknowledged")
    await case.tell(events.Acknowledge(by="Kim"))
    await case.forward(31 * MINUTE)
    await case.tell(events.Assign(by="Kim", to="Jo"))
    return await case.left_open()


@path
async def acknowledgement_expired(desk: Desk) -> Handle:
    """Nobody takes it in time: they are asked again."""
    case = await open_case(desk, "acknowledgement-expired")
    await case.forward(6 * MINUTE)
    return await case.left_open()


@path
async def hold_customer(desk: Desk) -> Handle:
    """It waits for the customer, who is reminded and then replies: the clock goes on."""
    case = await open_case(desk, "hold-customer")
    await case.tell(events.Acknowledge(by="Kim"))
    await case.tell(events.Hold(by="Kim", reason=HoldReason.CUSTOMER, note="Which invoice?"))
    await case.forward(2 * DAY + HOUR)
    await case.tell(events.CustomerReplied(text="The one of October."))
    await case.forward(31 * MINUTE)
    return await case.left_open()


@path
async def hold_resumed(desk: Desk) -> Handle:
    """The hold is ended by hand, and the case goes on with the time it had left."""
    case = await open_case(desk, "hold-resumed")
    await case.tell(events.Hold(by="Kim", reason=HoldReason.VENDOR))
    await case.forward(HOUR)
    await case.tell(events.Resume(by="Kim"))
    await case.forward(6 * MINUTE)
    return await case.left_open()


@path
async def hold_vendor_over(desk: Desk) -> Handle:
    """The vendor takes longer than the policy allows: the hold ends itself."""
    case = await open_case(desk, "hold-vendor-over")
    await case.tell(events.Hold(by="Kim", reason=HoldReason.VENDOR))
    await case.forward(4 * DAY + 10 * MINUTE)
    return await case.left_open()


@path
async def unreachable(desk: Desk) -> Handle:
    """The customer never answers: the case ends without their word."""
    case = await open_case(desk, "unreachable")
    await case.tell(events.Hold(by="Kim", reason=HoldReason.CUSTOMER))
    await case.to_the_end()
    return case.handle


@path
async def trigger_in_a_reply(desk: Desk) -> Handle:
    """A word of the customer's brings it to management at once."""
    case = await open_case(desk, "trigger-in-a-reply")
    await case.tell(events.CustomerReplied(text="I shall call my lawyer.", by="Ada"))
    await case.forward(MINUTE)
    return await case.left_open()


@path
async def trigger_reported(desk: Desk) -> Handle:
    """Somebody reports a fact that moves it; the same fact again moves it no further."""
    case = await open_case(desk, "trigger-reported")
    await case.tell(events.RaiseTrigger(trigger="legal-threat", by="Kim", note="On the phone"))
    await case.tell(events.RaiseTrigger(trigger="legal-threat", by="Jo"))
    await case.forward(MINUTE)
    return await case.left_open()


@path
async def handed_up(desk: Desk) -> Handle:
    """The desk passes it on by hand; whoever saw the level before is refused."""
    case = await open_case(desk, "handed-up")
    await case.tell(events.HandUp(by="Kim", from_level=1, reason="I may not pay that much."))
    with suppress(WorkflowUpdateFailedError):
        await case.tell(events.HandUp(by="Jo", from_level=1, reason="Nor may I."))
    await case.forward(MINUTE)
    return await case.left_open()


@path
async def rejected(desk: Desk) -> Handle:
    """The customer does not agree: one level up, a fix there, and a retrospective is held."""
    case = await open_case(desk, "rejected")
    await case.tell(FIX, events.RejectResolution(by="Ada", why="Not a cent has come."))
    await case.forward(HOUR)
    await case.tell(FIX, CONFIRMED)
    await case.to_the_end()
    return case.handle


@path
async def workaround_fixed(desk: Desk) -> Handle:
    """A workaround helps until the real fix is there."""
    case = await open_case(desk, "workaround-fixed")
    await case.tell(WORKAROUND, CONFIRMED)
    await case.forward(DAY)
    await case.tell(FIX, CONFIRMED)
    await case.to_the_end()
    return case.handle


@path
async def workaround_overdue(desk: Desk) -> Handle:
    """The real fix does not come in time: the case is open again, one level up."""
    case = await open_case(desk, "workaround-overdue")
    await case.tell(WORKAROUND, CONFIRMED)
    await case.forward(7 * DAY)
    return await case.left_open()


@path
async def withdrawn(desk: Desk) -> Handle:
    """The customer gives it up."""
    case = await open_case(desk, "withdrawn")
    await case.tell(events.Withdraw(by="Ada", why="It was my own mistake."))
    await case.to_the_end()
    return case.handle
