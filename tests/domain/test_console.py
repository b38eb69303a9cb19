"""What operators see in the Temporal UI: nobody's words can break it, and it fits its columns."""

import pytest

from escalations import console, events
from escalations.effects import Notify, TellCustomer
from escalations.names import SearchAttribute
from escalations.policy import Priority
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import paris, request

NASTY = "<b>*[click](http://evil.example)* `x` _y_ # ~~z~~ | ![i](j) \\ &amp;"
ESCAPED = (
    r"\<b\>\*\[click\](http://evil.example)\* \`x\` \_y\_ \# \~\~z\~\~ \| \!\[i\](j) \\ \&amp;"
)


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


def test_current_details(opened: OpenDesk) -> None:
    """A short page: where it stands, who has it, what happens next and when, the last words."""
    desk = opened(at=paris("2026-12-22 10:00"))
    desk.reply("Any news?\nIt is urgent")
    desk.told()

    page = console.current_details(desk.record).splitlines()

    assert page[:13] == [
        "**T-1** is **open**",
        "",
        "- Level **1 of 7**: Representative (hierarchical)",
        "- Owner: nobody yet; Call-centre representative is asked",
        "- Next: Ask Representative again: nobody has taken it, **2026-12-22 10:05 CET**",
        f"- Priority P3, policy {desk.record.snapshot.reference}",
        "- Breached: no · reopened: 0 · replies from the customer: 1 · changed hands: 0",
        "",
        "**Last words of the customer**",
        "",
        "> Any news?",
        "> It is urgent",
        "",
    ]
    assert page[13] == "To be done here: record-statement"
    assert page[15] == "This level passes the case on when: unable-to-resolve, manager-requested"
    assert page[17] == "**Latest**"
    assert [line.partition("CET ")[2] for line in page[19:]] == [
        "Opened by service-desk as P3, by other",
        "Level 1 has it: Representative, until 2026-12-22 10:30 CET",
        "The customer said by other: “Any news? It is urgent”",
    ]


@pytest.mark.parametrize(
    ("stage", "first", "following"),
    [
        ("held", "**T-1** is **on hold, waiting for a vendor**", "Remind of the hold, **"),
        ("resolved", "**T-1** is **resolved, waits for the customer**", "Close: the customer"),
        ("closed", "**T-1** is **closed: withdrawn**", "Nothing: the case is closed"),
    ],
)
def test_current_details_at_each_stage(
    opened: OpenDesk, stage: str, first: str, following: str
) -> None:
    """The page says what the case waits for, and of a closed one how it ended."""
    desk = opened()
    match stage:
        case "held":
            desk.hold("vendor")
        case "resolved":
            desk.resolve()
        case _:
            desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    page = console.current_details(desk.record).splitlines()
    assert page[0] == first
    assert page[4].startswith(f"- Next: {following}")


def test_nobody_s_words_are_markdown(opened: OpenDesk) -> None:
    """Whatever a customer or colleague writes is shown as they wrote it, in every place."""
    desk = opened(statement=NASTY, at_stake=NASTY)
    desk.say(events.Assign(by="x", to="*boss*"))
    desk.reply(f"{NASTY}\n---\n===\n~~~\n# Head\n1. one\n+ two")
    desk.say(events.AddNote(by="rita", text=NASTY))
    desk.told()

    details = console.current_details(desk.record)
    assert details.count(ESCAPED) == 3
    assert "- Owner: \\*boss\\*" in details
    assert console.static_details(desk.record.request).count(ESCAPED) == 2
    quoted = [line for line in details.splitlines() if line.startswith("> ")]
    assert quoted[1:] == [
        "> \\---",
        "> \\===",
        "> \\~\\~\\~",
        "> \\# Head",
        "> 1\\. one",
        "> \\+ two",
    ]


def test_long_words_are_not_cut_within_an_escape(opened: OpenDesk) -> None:
    """A line that is cut does not end in half an escape, which would swallow what follows."""
    desk = opened()
    desk.reply("x" + "*" * 400)
    desk.told()
    (line,) = [
        line for line in console.current_details(desk.record).splitlines() if line[:2] == "> "
    ]
    assert line.endswith("\\*")
    assert line.count("\\*") == 299


def test_a_timer_says_what_it_waits_for(opened: OpenDesk) -> None:
    """In the UI a timer reads as what will happen and when, by the policy's clock."""
    desk = opened(at=paris("2026-12-22 10:00"))
    assert desk.case.next_deadline is not None
    assert (
        console.timer_summary(desk.record, desk.case.next_deadline)
        == "Ask Representative again: nobody has taken it at 22 Dec 10:05 CET"
    )
    desk.say(events.Acknowledge(by="rita"))
    assert desk.case.next_deadline is not None
    assert (
        console.timer_summary(desk.record, desk.case.next_deadline)
        == "Level 1 → 2 at 22 Dec 10:30 CET: Support manager"
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
