"""What operators see in the Temporal UI: nobody's words can break it, and it fits its columns."""

import pytest

from escalations import console, events
from escalations.effects import Notify, TellCustomer
from escalations.names import SearchAttribute
from escalations.policy import Priority
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import paris, request


def test_a_new_case_can_be_found(opened: OpenDesk) -> None:
    """The search attributes of the contract, with nothing where there is nothing to filter by."""
    desk = opened(at=paris("2026-12-22 10:00"), category="billing")

    attributes = console.search_attributes(desk.record)

    assert attributes == {
        SearchAttribute.STATUS: "open",
        SearchAttribute.PRIORITY: "P3",
        SearchAttribute.CATEGORY: "billing",
        SearchAttribute.CUSTOMER: "ACME",
        SearchAttribute.OWNER: None,
        SearchAttribute.POLICY: desk.record.snapshot.reference,
        SearchAttribute.LEVEL: 2,
        SearchAttribute.DUE_AT: paris("2026-12-22 10:30"),
        SearchAttribute.BREACHED: False,
        SearchAttribute.REASONS: None,
    }
    assert str(attributes[SearchAttribute.POLICY]).startswith("call-centre@")


def test_an_old_case_can_be_found(opened: OpenDesk) -> None:
    """Owner, breach and reasons; a closed case is due no more, and a reason is named once."""
    desk = opened()
    desk.later(minutes=31)
    desk.trigger("formal-complaint")
    desk.trigger("manager-requested")
    desk.trigger("formal-complaint")
    desk.say(events.Acknowledge(by="rita"))
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()

    attributes = console.search_attributes(desk.record)

    assert attributes[SearchAttribute.OWNER] == "rita"
    assert attributes[SearchAttribute.BREACHED] is True
    assert attributes[SearchAttribute.DUE_AT] is None
    assert attributes[SearchAttribute.STATUS] == "closed"
    assert attributes[SearchAttribute.REASONS] == ["formal-complaint", "manager-requested"]


@pytest.mark.parametrize("character", ["x", "é", "\U0001f600"])
def test_attributes_fit_their_column(opened: OpenDesk, character: str) -> None:
    """PostgreSQL has 255 bytes for each, whatever people are called, and never half a character."""
    desk = opened(customer={"id": character * 100})
    desk.say(events.Assign(by="x", to=character * 200))
    desk.told()
    attributes = console.search_attributes(desk.record)
    for name in (SearchAttribute.OWNER, SearchAttribute.CUSTOMER):
        value = attributes[name]
        assert isinstance(value, str)
        assert 100 <= len(value.encode()) <= 255
        assert set(value) == {character}


@pytest.mark.parametrize(
    ("priority", "category", "summary"),
    [
        ("P1", "billing", "P1 Billing: Line is down (Ada of ACME)"),
        ("P1", "it-request", "P1 It request: Line is down (Ada of ACME)"),
        (None, "billing", "Billing: Line is down (Ada of ACME)"),
        ("P2", None, "P2: Line is down (Ada of ACME)"),
        (None, None, "Line is down (Ada of ACME)"),
    ],
)
def test_static_summary(priority: str | None, category: str | None, summary: str) -> None:
    """One line for the list of runs, with as much as is known when the case is opened."""
    known = Priority(priority) if priority else None
    assert console.static_summary(request(category=category), known) == summary


def test_a_long_title_does_not_hide_the_customer() -> None:
    """The line is 200 characters at most, and the customer's name is in it."""
    summary = console.static_summary(
        request(title="x" * 200, customer={"name": "Ada " + "y" * 100}), None
    )
    assert len(summary) <= 200
    assert "(Ada " in summary


@pytest.mark.parametrize("title", ["*" * 200, "\U0001f600" * 200, "\\" * 150, "نص" * 100])
def test_no_title_breaks_its_line(title: str) -> None:
    """However a title is written: Temporal's 400 bytes are enough, no escape is cut in half, and
    the customer is still named."""
    summary = console.static_summary(request(title=title), Priority.P1)
    assert len(summary.encode()) <= 390
    assert summary.endswith("… (Ada of ACME)")
    assert "\\…" not in summary.replace("\\\\", "")


def test_a_title_is_no_markdown() -> None:
    """The UI reads the line as Markdown; a title in it is shown as it was written."""
    summary = console.static_summary(request(title="<b>us</b> *now*"), None)
    assert summary == r"\<b\>us\</b\> \*now\* (Ada of ACME)"


def test_static_details() -> None:
    """The problem and what is at stake; what is not said takes no room."""
    plain = console.static_details(request())
    assert plain == "**Problem**\n\n> The line has been down since Monday."
    at_stake = console.static_details(request(at_stake="The opening on Friday"))
    assert at_stake == f"{plain}\n\n**At stake**\n\n> The opening on Friday"


def test_static_details_have_a_limit() -> None:
    """Temporal keeps 20,000 bytes of details; emoji take four each."""
    line = "\U0001f600" * 299 + "\n"
    long = console.static_details(request(statement=line * 60, at_stake=line * 60))
    assert len(long.encode()) <= 20_000
    assert "**At stake**" in long


def test_a_timer_says_what_it_waits_for(opened: OpenDesk) -> None:
    """In the UI a timer reads as what will happen and when, by the policy's clock."""
    desk = opened(at=paris("2026-12-22 10:00"))
    assert desk.case.next_deadline is not None
    assert (
        console.timer_summary(desk.record, desk.case.next_deadline)
        == "Ask Representative again at 22 Dec 10:05 CET: nobody has taken it, "
        "if nothing comes first"
    )
    desk.say(events.Acknowledge(by="rita"))
    assert desk.case.next_deadline is not None
    assert (
        console.timer_summary(desk.record, desk.case.next_deadline)
        == "Level 1 → 2 at 22 Dec 10:30 CET: Support manager, if nothing comes first"
    )


def test_a_send_says_whom_it_tells() -> None:
    """One activity, one line: what is sent, and to whom."""
    desk = Desk()
    desk.later(minutes=30)
    sends = [each for each in desk.sent[-3:] if isinstance(each, Notify | TellCustomer)]
    assert console.send_summary(sends) == (
        "breach → Escalation manager, Call-centre representative; "
        "level entered → Call-centre support manager; "
        "customer handed over → Ada of ACME"
    )


def test_a_send_to_many_fits_its_line() -> None:
    """Names of any length and script: Temporal keeps 400 bytes of a summary."""
    desk = Desk(team={"customer-success-manager": {"name": "ن" * 200, "reach": ["mailto:x@y.z"]}})
    sends = [each for each in desk.sent if isinstance(each, Notify | TellCustomer)]
    person = sends[0].to[0].model_copy(update={"name": "ن" * 200})
    summary = console.send_summary([sends[0].model_copy(update={"to": [person] * 3})])
    assert len(summary.encode()) <= 390


def test_summaries_of_what_is_fetched_fit_any_script() -> None:
    """Who wants a policy adopted may have a name in any script: the server keeps so many bytes."""
    long = console.copy_summary("call-centre", "字" * 200)

    assert len(long.encode()) <= 390
    assert long.startswith("Copy policy call-centre, asked by 字字")
    assert console.copy_summary("call-centre") == "Copy policy call-centre"
    assert console.rota_summary("board") == "Who is on call: board"
