"""Mail: a letter arrives as it was written, and can be recognised and threaded."""

from email.message import EmailMessage

import pytest

from activities.channels.mail import Mail
from activities.channels.smtp import Smtp
from activities.letters import Refused, Unavailable
from tests.activities.office import LONG, router
from tests.activities.people import letter
from tests.activities.smtp import MailServer, Manner


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).strip()


async def test_mail_says_what_was_written(server: MailServer) -> None:
    """Text, HTML, subject and names arrive as written, in any script."""
    written = letter(
        name="דנה כהן",
        subject="[T-1] P1 · Débité deux fois 😡 \u2068שלמה\u2069",
        text="Débité deux fois 😡\n",
        html="<p>Débité deux fois 😡</p>",
        language="fr",
    )
    await router(server).send("mailto:ada@example.com", written, LONG)

    (mail,) = server.take(to="ada@example.com")
    assert mail["Subject"] == written.subject
    assert mail["To"].addresses[0].display_name == "דנה כהן"
    assert mail["From"].addresses[0].display_name == "Service client 🚀"
    assert body(mail, "plain") == "Débité deux fois 😡"
    assert "<p>Débité deux fois 😡</p>" in body(mail, "html")
    assert mail["Content-Language"] == "fr"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Escalade-Case"] == "T-1"


async def test_one_case_is_one_thread_to_each_side(server: MailServer) -> None:
    """All mails of a case refer to one root; the customer's thread is another than ours."""
    way = router(server)
    for key, customer in (("T-1/1", False), ("T-1/2", False), ("T-1/3", True)):
        await way.send("mailto:a@example.com", letter(filed=key, to_customer=customer), LONG)

    first, second, third = server.take(to="a@example.com")
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert third["References"] != first["References"]
    assert len({mail["Message-ID"] for mail in (first, second, third)}) == 3


async def test_message_id_belongs_to_a_send_and_recipient(server: MailServer) -> None:
    """A retry goes under the same Message-ID; another recipient or send under another one."""
    way = router(server)
    ids = [
        await way.send("mailto:a@example.com", letter(filed=key, recipient=who), LONG)
        for key, who in (("T.1/1", "a"), ("T.1/1", "a"), ("T.1/1", "b"), ("T:1/1", "a"))
    ]

    assert [mail["Message-ID"] for mail in server.take(to="a@example.com")] == ids
    assert ids[0] == ids[1] == "<T=2E1/1.a@escalade.example>"
    assert len(set(ids)) == 3


async def test_longest_case_id_makes_whole_headers(server: MailServer) -> None:
    """A case id of 100 awkward characters stays one id in every header."""
    case = ":" * 100
    sent = await router(server).send(
        "mailto:a@example.com", letter(case=case, filed=f"{case}/1"), LONG
    )

    (mail,) = server.take(to="a@example.com")
    assert mail["Message-ID"] == sent
    assert mail["References"] == f"<{'=3A' * 100}.inside@escalade.example>"


async def test_no_line_can_be_smuggled_into_the_headers(server: MailServer) -> None:
    """A subject with a line break is never sent."""
    forged = letter(subject="Hello\r\nBcc: everybody@example.com")
    with pytest.raises(ValueError, match="may not contain linefeed"):
        await router(server).send("mailto:a@example.com", forged, LONG)

    assert server.take(to="a@example.com") == []


async def test_acceptance_that_was_not_heard_repeats_the_message_id(server: MailServer) -> None:
    """A connection lost before the answer is a failure for now; the duplicate is recognisable."""
    way = router(server)
    server.manners["a@example.com"] = Manner.KEEPS_AND_DROPS
    with pytest.raises(Unavailable):
        await way.send("mailto:a@example.com", letter(), LONG)
    server.manners.clear()
    await way.send("mailto:a@example.com", letter(), LONG)

    once, twice = server.take(to="a@example.com")
    assert once["Message-ID"] == twice["Message-ID"]


@pytest.mark.parametrize(
    "address",
    [
        "mailto:ada@example.com?cc=eve@example.com",
        "mailto:ada%0d%0aBcc:eve@example.com",
        "mailto:ada@",
        "mailto:@example.com",
        "mailto:ada@exa mple.com",
        "mailto:ada@a..example",
    ],
)
async def test_bad_address_is_refused(server: MailServer, address: str) -> None:
    """What is no mail address is refused before any server is asked, and says how to write one."""
    with pytest.raises(Refused, match="write mailto:name@example"):
        await router(server).send(address, letter(), LONG)

    assert server.asked_for == []


async def test_domain_in_another_script(server: MailServer) -> None:
    """A domain with letters beyond ASCII is asked for the way DNS has it."""
    await router(server).send("mailto:ada@münchen.example", letter(), LONG)

    assert len(server.take(to="ada@xn--mnchen-3ya.example")) == 1


@pytest.mark.parametrize(("method", "file"), [("REQUEST", "invite.ics"), ("CANCEL", "cancel.ics")])
async def test_a_meeting_goes_with_the_mail(server: MailServer, method: str, file: str) -> None:
    """A calendar entry is one more form of the mail, marked with what it does, and a file."""
    entry = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n"
    await router(server).send("mailto:a@example.com", letter(calendar=entry), LONG)

    (mail,) = server.take(to="a@example.com")
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert part["Content-Type"].params["method"] == method
    assert [each.get_filename() for each in mail.iter_attachments()] == [file]


@pytest.mark.parametrize(
    "sender", ["", "Help", "Help <help>", "help@example.com\nBcc: a@b.example"]
)
def test_senseless_sender_is_refused_at_the_start(sender: str) -> None:
    """So is a sender that is no mail address."""
    with pytest.raises(ValueError, match="write `Name <mail@example"):
        Mail(Smtp("smtp://localhost"), sender)
