"""The demo is the product's acceptance test: whatever is missing by its end is found and named."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import pytest
from rich.console import Console

from escalations.policy_file import read
from escalations.record import EscalationRecord
from starters.demo import checks, fast, story, summary
from starters.demo.screen import Screen
from starters.demo.stage import WorkerFailed, stage
from starters.mail_catcher import Caught
from tests.house import CHECKOUT

pytestmark = pytest.mark.timeout(300)

HOUR: Final = timedelta(seconds=2)
SLOT: Final = re.compile(r"(?P<name>DTSTART:|DTEND:)(?P<at>\d{8}T\d{6}Z)")
WRITTEN: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Shown:
    """What came of the three cases."""

    records: dict[str, EscalationRecord]
    mails: list[Caught]

    @property
    def problems(self) -> list[str]:
        return checks.problems(self.records, self.mails)

    def mail(self, case: str, words: str, to: str = "") -> Caught:
        """The first mail of that case, to that name, with these words in its subject."""
        theirs = (m for m in self.mails if case in m.subject and m.to.startswith(to))
        return next(mail for mail in theirs if words in mail.subject)

    def without(self, *lost: Caught) -> "Shown":
        return replace(self, mails=[mail for mail in self.mails if mail not in lost])

    def instead(self, old: Caught, **changed: str) -> "Shown":
        new = [rewritten(mail, **changed) if mail is old else mail for mail in self.mails]
        return replace(self, mails=new)

    def told_otherwise(self, name: str, **changed: Any) -> "Shown":
        record = self.records[name].model_copy(update=changed)
        return replace(self, records={**self.records, name: record})

    def never_happened(self, name: str, kind: str) -> "Shown":
        timeline = [entry for entry in self.records[name].timeline if entry.type != kind]
        return self.told_otherwise(name, timeline=timeline)


def rewritten(mail: Caught, **changed: str) -> Caught:
    """The same mail with another text, another invitation or another id."""
    message = EmailMessage()
    for name in ("To", "Subject", "X-Escalade-Case", "Content-Language", "Message-ID"):
        message[name] = changed.get(name.replace("-", "_").lower(), str(mail.message[name]))
    message.set_content(changed.get("text", mail.text))
    if calendar := changed.get("calendar", mail.calendar):
        message.add_alternative(calendar, subtype="calendar")
    return replace(mail, message=message)


@pytest.fixture(scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The story, told once to a real worker."""
    folder: Path = tmp_path_factory.mktemp("demo")
    (folder / "policies").mkdir()
    policy = fast.sped_up(read(CHECKOUT / "policies" / "call-centre.yaml"), HOUR)
    policy = fast.write(policy, folder / "policies")
    screen = Screen(Console(file=io.StringIO()))
    async with stage(folder, policy) as ready:
        records = await story.play(ready.client, screen, HOUR)
        while checks.problems(records, ready.mail.mails):
            ready.mail.arrived.clear()
            await ready.mail.arrived.wait()
    return Shown(records, list(ready.mail.mails))


def test_all_is_well(shown: Shown) -> None:
    """Everything happened; the mails are counted by kind, and none is of an unknown one."""
    assert shown.problems == []
    kinds = checks.kinds(shown.records, shown.mails)
    assert kinds.total() == len(shown.mails)
    assert kinds["customer_closed"] == 3
    assert kinds["stakeholder_informed"] == 3
    assert kinds["retrospective_invitation"] >= 10
    assert "unknown" not in kinds


Tamper = Callable[[Shown], Shown]


def a_lost_mail(shown: Shown) -> Shown:
    return shown.without(shown.mail("BIL-2041", "Clos", to="camille"))


def a_mail_twice(shown: Shown) -> Shown:
    return replace(shown, mails=[*shown.mails, shown.mails[4]])


def a_stranger(shown: Shown) -> Shown:
    return shown.instead(shown.mails[0], message_id="<ACC-1187/999.somebody@callcentre.example>")


def english_to_the_french(shown: Shown) -> Shown:
    english = "Hello, your case is closed. We thank you for the patience that you have shown."
    return shown.instead(shown.mail("BIL-2041", "Clos", to="camille"), text=english)


def french_in_name_only(shown: Shown) -> Shown:
    return shown.instead(shown.mail("BIL-2041", "Clos", to="camille"), content_language="en")


def an_uninformed_stakeholder(shown: Shown) -> Shown:
    told = [mail for mail in shown.mails if "For your information" in mail.subject]
    return shown.without(next(mail for mail in told if mail.to.startswith("tom.okafor")))


def no_invitation(shown: Shown) -> Shown:
    return shown.without(*(m for m in shown.mails if m.calendar and "ACC-1187" in m.subject))


def one_not_invited(shown: Shown) -> Shown:
    return shown.without(shown.mail("BIL-2041", "Retrospective"))


def hours_later(edge: re.Match[str]) -> str:
    moment = datetime.strptime(edge["at"], WRITTEN).replace(tzinfo=UTC) + timedelta(hours=14)
    return edge["name"] + moment.strftime(WRITTEN)


def a_meeting_at_night(shown: Shown) -> Shown:
    for mail in shown.mails:
        if mail.calendar and "ACC-1187" in mail.subject:
            moved, moments = SLOT.subn(hours_later, mail.calendar)
            assert moments == 2
            shown = shown.instead(mail, calendar=moved)
    return shown


def an_invitation_that_is_none(shown: Shown) -> Shown:
    mail = shown.mail("ACC-1187", "Retrospective")
    return shown.instead(mail, calendar=mail.calendar.replace("METHOD:REQUEST", "METHOD:CANCEL"))


def an_unreadable_invitation(shown: Shown) -> Shown:
    return shown.instead(shown.mail("ACC-1187", "Retrospective"), calendar="BEGIN:VCALENDAR\n")


@pytest.mark.parametrize(
    ("tamper", "named"),
    [
        (a_lost_mail, "BIL-2041: the customer never got the mail customer_closed"),
        (a_lost_mail, "is in the timeline and never came in"),
        (a_mail_twice, "came in 2 times"),
        (a_stranger, "came in and is in no timeline"),
        (english_to_the_french, "is not in fr"),
        (french_in_name_only, "is not in fr"),
        (an_uninformed_stakeholder, "the account-executive was not told of a P1"),
        (no_invitation, "ACC-1187: should be invited to one meeting, and is to 0"),
        (one_not_invited, "BIL-2041: should have got the invitation"),
        (a_meeting_at_night, "is out of hours"),
        (an_invitation_that_is_none, "ACC-1187: the invitation cannot be read"),
        (an_unreadable_invitation, "ACC-1187: the invitation cannot be read"),
        (lambda it: it.told_otherwise("order", ending=None), "should have ended confirmed"),
        (lambda it: it.told_otherwise("billing", replies=2), "one mail came in twice"),
        (lambda it: it.told_otherwise("access", priority="P2"), "should be P1"),
        (lambda it: it.told_otherwise("access", reopened=0), "should have been reopened once"),
        (lambda it: it.never_happened("access", "left_level"), "left levels 1, 2 and 3 by time"),
        (lambda it: it.never_happened("billing", "left_level"), "the lawyer should have"),
        (lambda it: it.never_happened("order", "held"), "should have ended its hold"),
        (lambda it: it.never_happened("order", "resumed"), "should have ended its hold"),
    ],
)
def test_what_is_amiss_is_named(shown: Shown, tamper: Tamper, named: str) -> None:
    """Take one promised thing away, and the demo says which one."""
    assert any(named in problem for problem in tamper(shown).problems), tamper(shown).problems


def test_a_summary_says_what_went_amiss(shown: Shown) -> None:
    """The tables, and each thing that went amiss on a line of its own."""
    out = io.StringIO()
    summary.show(Screen(Console(file=out, width=120)), shown.records, shown.mails, ["one", "two"])

    assert "2 things went amiss:\n- one\n- two\n" in out.getvalue()
    assert "Everything that should happen" not in out.getvalue()
    assert "\x1b" not in out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_narrow_terminal(shown: Shown, width: int) -> None:
    """On a narrow terminal lines are folded and no word of them is lost."""
    out = io.StringIO()
    screen = Screen(Console(file=out, width=width, force_terminal=True, color_system=None))
    record = shown.records["billing"]
    for entry in record.timeline:
        screen.happened(record.case, entry, "Europe/Paris")
    for mail in shown.mails:
        screen.mail(mail)
    screen.end()
    summary.show(screen, shown.records, shown.mails, [])

    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    said = " ".join(out.getvalue().split())
    assert "mon avocat prendra le relais" in said.replace("BIL-2041 ", "")
    assert said.count("mail to") == len(shown.mails)
    assert "2 → 7 of 7: Senior" in said
    assert "and nobody got a mail twice." in said


async def test_a_worker_that_cannot_start(tmp_path: Path) -> None:
    """A worker that does not come up is a failure with its own words, and nothing stays behind."""
    policy = read(CHECKOUT / "policies" / "call-centre.yaml")

    with pytest.raises(WorkerFailed) as failed:
        async with stage(tmp_path, policy):
            pytest.fail("there is no folder with policies")

    assert "The worker does not come up with exit code 2" in str(failed.value)
    assert "ESCALADE_POLICIES" in str(failed.value)
