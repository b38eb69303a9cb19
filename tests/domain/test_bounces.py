"""Bounces: what a channel learns later about a message."""

from escalations import events
from tests.domain.conftest import OpenDesk


def test_a_bounce(opened: OpenDesk) -> None:
    """A channel that learns later that a message bounced makes it known as if it had said so."""
    desk = opened()
    bounce = events.ReportDelivery(
        key="T-1/3", recipient="representative", delivered=False, detail="mailbox full"
    )
    desk.say(bounce.model_copy(update={"message_id": "b-1"}))
    desk.say(bounce.model_copy(update={"message_id": "b-1"}))

    desk.expect("undelivered → escalation-manager")
    (entry,) = desk.entries("undelivered")
    assert (entry.recipient, entry.detail) == ("representative", "mailbox full")


def test_a_bounce_without_a_reason(opened: OpenDesk) -> None:
    """A channel need not say why: the fallback hears who was not reached."""
    desk = opened()
    desk.say(events.ReportDelivery(key="T-1/3", recipient="representative", delivered=False))

    desk.expect("undelivered → escalation-manager")
    assert desk.last("undelivered").particulars.text == "representative:"


def test_a_bounce_of_the_fallback_and_a_receipt(opened: OpenDesk) -> None:
    """A bounce from the fallback, and word that a message arrived, are written down alone."""
    desk = opened()
    desk.say(events.ReportDelivery(key="T-1/1", recipient="escalation-manager", delivered=False))
    desk.say(events.ReportDelivery(key="T-1/3", recipient="representative", delivered=True))

    desk.expect()
    assert len(desk.entries("undelivered")) == 1
    assert desk.entries("notified")[-1].recipient == "representative"


def test_a_bounce_of_nothing(opened: OpenDesk) -> None:
    """A report about a message that this case never sent makes no sense, and is written down so."""
    desk = opened()
    for key in ("T-1/4", "T-2/1", "T-1/0", "T-1/x", "T-1", "T-1/\u00b3"):
        desk.say(events.ReportDelivery(key=key, recipient="representative", delivered=False))

    desk.expect()
    assert [entry.what for entry in desk.refusals()] == ["ReportDelivery"] * 6
    assert desk.refusals()[0].because == "this case has sent no message T-1/4"
    assert desk.entries("undelivered") == []


def test_a_bounce_after_the_end(opened: OpenDesk) -> None:
    """It is written down, and nobody is told."""
    desk = opened()
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    desk.say(events.ReportDelivery(key="T-1/3", recipient="representative", delivered=False))
    desk.expect()
    assert len(desk.entries("undelivered")) == 1
