"""The page of a case in the Temporal UI: what, who, what next, when and why; no words break it."""

import pytest

from escalations import console, events
from escalations.console_page import current_details
from escalations.policy import HoldReason
from tests.domain.conftest import MONDAY, OpenDesk, resolved
from tests.domain.desk import Desk
from tests.domain.matrices import paris, whole_call_centre

NASTY = "<b>*[click](http://evil.example)* `x` _y_ # ~~z~~ | ![i](j) \\ &amp;"
ESCAPED = (
    r"\<b\>\*\[click\](http://evil.example)\* \`x\` \_y\_ \# \~\~z\~\~ \| \!\[i\](j) \\ \&amp;"
)


def page(desk: Desk) -> list[str]:
    """The page's lines."""
    return current_details(desk.record).splitlines()


def test_a_stranger_understands_a_new_case(opened: OpenDesk) -> None:
    """What the problem is, who has it, what happens next and when, and why."""
    desk = opened(at=paris("2026-12-22 10:00"), customer={"tier": "strategic"})
    desk.reply("Any news?\nIt is urgent")
    desk.told()

    assert page(desk) == [
        "**P3 · Line is down** · Ada of ACME, strategic",
        "",
        "- Status: **open**",
        "- Level: **1 of 7, Representative** (hierarchical) since 2026-12-22 10:00 CET",
        "- Owner: **nobody yet**; Call-centre representative is asked",
        "- Next: **2026-12-22 10:05 CET** Ask Representative again: nobody has taken it "
        "(it is to be taken within 5m)",
        "- Later: **2026-12-22 10:15 CET** Remind level 1: Representative "
        "(unresolved for 15m here)",
        "- Later: **2026-12-22 10:30 CET** Level 1 → 2: Support manager "
        "(unless it is resolved before; this level has 30m)",
        "",
        "**Last words of the customer**",
        "",
        "> Any news?",
        "> It is urgent",
        "",
        "To be done here before it is handed up: record-statement",
        "",
        "This level passes the case on when (`raise_trigger`): "
        "unable-to-resolve, manager-requested",
        "",
        "**Latest**",
        "",
        "- 2026-12-22 10:00 CET Opened by service-desk as P3, by other",
        "- 2026-12-22 10:00 CET Level 1 has it: Representative, until 2026-12-22 10:30 CET",
        "- 2026-12-22 10:00 CET The customer said by other: “Any news? It is urgent”",
        "",
        f"{desk.record.snapshot.reference}; replies: 1, changed hands: 0, reopened: 0",
    ]


def test_why_it_is_where_it_is(opened: OpenDesk) -> None:
    """Who handed it up and in which words; what was missed before; what this level may grant."""
    desk = opened(at=paris("2026-12-22 10:00"))
    desk.later(minutes=31)
    desk.work()
    desk.say(events.HandUp(by="rita", from_level=2, reason="All *five* sites are down."))
    desk.told()

    shown = "\n".join(page(desk))
    assert "since 2026-12-22 10:31 CET, because handed up by rita: All \\*five\\* sites" in shown
    assert "- **Breached** 2026-12-22 10:30 CET: Representative missed its window" in shown


def test_a_case_on_hold(opened: OpenDesk) -> None:
    """What it waits for, who said so with which note, what the level has left, and until when."""
    desk = opened(at=MONDAY)
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=10)
    desk.say(events.Hold(by="rita", reason=HoldReason.CUSTOMER, note="Which account?"))
    desk.told()

    lines = page(desk)
    assert lines[2] == (
        "- Status: **on hold, waiting for the customer** since 2027-01-11 10:10 CET, "
        "by rita: Which account?"
    )
    assert lines[4] == "- Owner: **rita**, for Call-centre representative"
    assert lines[6] == "- The clock of the level stands still; when it goes on, it has 20m left"
    assert lines[7] == (
        "- Later: **2027-01-25 10:10 CET** The hold ends "
        "(such a hold lasts 10bd of office hours at most)"
    )


def test_a_case_at_the_last_level(opened: OpenDesk) -> None:
    """There is no climb any more: the page says when senior management hears again, and why."""
    desk = opened(snapshot=whole_call_centre(), at=MONDAY)
    desk.reply("My lawyer will call you.")
    desk.told()

    shown = "\n".join(page(desk))
    assert "**7 of 7, Senior management**" in shown
    assert "because trigger legal-threat by Ada of ACME" in shown
    assert "Tell Senior management again: still unresolved (every 1bd of office hours" in shown
    assert "promised every 1bd of office hours" in shown
    assert "May be granted here: credit any, refund any, cancellation any" in shown


def test_a_case_that_waits_for_the_customer(opened: OpenDesk) -> None:
    """What was proposed, by whom, and what the customer's silence will mean."""
    desk = resolved(opened)
    lines = page(desk)
    assert lines[2] == "- Status: **resolved, waits for the customer**"
    assert lines[5].startswith("- Next: **2027-01-14 10:10 CET** Close: the customer’s silence")
    assert "**Proposed as fix by rita**" in lines
    desk.told()


def test_a_closed_case(opened: OpenDesk) -> None:
    """How it ended and when; nothing is asked of anybody any more."""
    desk = opened(at=MONDAY)
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    lines = page(desk)
    assert lines[2] == "- Status: **closed: withdrawn**, 2027-01-11 10:00 CET"
    assert lines[4:6] == ["- Owner: nobody", "- Next: Nothing: the case is closed"]
    assert not [line for line in lines if "be done here" in line or "Later" in line]


def test_who_does_not_know_of_it(opened: OpenDesk) -> None:
    """A bounce stands on the page until that recipient has been reached again."""
    desk = opened(at=MONDAY)
    key = next(entry.key for entry in desk.record.timeline if entry.type == "notified")
    bounce = events.ReportDelivery(
        key=key, recipient="representative", delivered=False, detail="550 no such mailbox"
    )
    desk.say(bounce)
    desk.told()
    told = [line for line in page(desk) if line.startswith("- **Not reached**")]
    assert len(told) == 1
    assert "550 no such mailbox" in told[0]

    desk.later(minutes=15)
    desk.told()
    assert not [line for line in page(desk) if line.startswith("- **Not reached**")]


def test_a_run_that_goes_on_tells_the_problem_itself(opened: OpenDesk) -> None:
    """A new run of the same case has no static details: the problem stands on the page."""
    desk = opened(at_stake="The opening on Friday")
    assert "**Problem**" not in current_details(desk.record)
    alone = current_details(desk.record, alone=True)
    assert "**Problem**\n\n> The line has been down since Monday." in alone
    assert "**At stake**\n\n> The opening on Friday" in alone


def test_nobody_s_words_are_markdown(opened: OpenDesk) -> None:
    """Whatever a customer or colleague writes is shown as they wrote it, in every place."""
    desk = opened(title=NASTY, statement=NASTY, at_stake=NASTY)
    desk.say(events.Assign(by="x", to="*boss*"))
    desk.reply(f"{NASTY}\n---\n===\n~~~\n# Head\n1. one\n+ two")
    desk.say(events.AddNote(by="rita", text=NASTY))
    desk.told()

    details = current_details(desk.record)
    assert details.count(ESCAPED) == 4
    assert "- Owner: **\\*boss\\***" in details
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


def test_a_long_problem_is_read_to_its_end(opened: OpenDesk) -> None:
    """A statement of a page is shown as a page; one beyond all measure says that it is cut."""
    long = "A long sentence. " * 100 + "The end."
    assert console.static_details(opened(statement=long).record.request).endswith("The end.")
    longer = console.static_details(opened(statement="x" * 5_000).record.request)
    assert longer.endswith("x…")


@pytest.mark.parametrize("mark", ["*", "\\"])
def test_what_is_cut_ends_in_a_whole_escape(opened: OpenDesk, mark: str) -> None:
    """Half an escape would swallow what follows it on the page."""
    desk = opened(title=mark * 200)
    desk.say(events.AddNote(by="rita", text=mark * 400))
    desk.told()
    (noted,) = [line for line in page(desk) if "rita noted" in line]
    assert noted.endswith("…")
    assert noted.count("\\") % 2 == 0 if mark == "\\" else noted.count("\\*") == noted.count("*")


def test_messages_that_do_not_get_out(opened: OpenDesk) -> None:
    """While a channel hangs, the page says what is on its way to whom; afterwards it does not."""
    desk = opened(at=MONDAY)
    desk.told()
    desk.hanging = True
    desk.reply("Any news?")
    assert (
        "- On its way: customer replied → Call-centre representative "
        "(what holds it up: *Pending Activities*)"
    ) in page(desk)

    desk.recovered()
    desk.told()
    assert "On its way" not in "\n".join(page(desk))
