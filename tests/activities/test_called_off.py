"""A meeting that is called off: mails that take it out of calendars, and say why."""

from datetime import timedelta

from activities.ledger import SqlLedger
from escalations import events
from tests.activities.ical_reader import properties
from tests.activities.smtp import MailServer
from tests.activities.test_invitations import (
    begun,
    calendar_of,
    invitation_of,
    invitations,
    invite,
    mails,
    no_broken_template,
)
from tests.activities.test_invitations import ledger as ledger
from tests.activities.test_invitations import server as server
from tests.domain.retrospectives import FRIDAY, pass_time

CALLED_OFF = {
    "en": "The meeting on Monday 23 November 2026, 16:00 (Europe/Helsinki) does not take place.",
    "fr": "La réunion prévue le lundi 23 novembre 2026 à 16\u00a0h\u00a000",
    "fi": "peruttu. Sovittua kokousta maanantaina 23. marraskuuta 2026 klo 16.00",
}


async def test_a_meeting_that_is_called_off_leaves_the_calendar(
    server: MailServer, ledger: SqlLedger
) -> None:
    """RFC 5546: the entry that came with the invitation is cancelled, whichever comes first; the
    mail says when it would have been, in the reader's zone, who called it off and why."""
    retrospective = begun()
    retrospective.take_circulars()
    retrospective.handle(events.Withdraw(by="Ida", why="Spoken of at lunch."), FRIDAY)
    with no_broken_template():
        await invite(invitations(ledger, server), invitation_of(retrospective))

    for who, mail in mails(server).items():
        part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
        assert part["Content-Type"].params["method"] == "CANCEL"
        assert [each.get_filename() for each in mail.iter_attachments()] == ["cancel.ics"]
        lines = {name: value for name, _, value in properties(calendar_of(mail))}
        assert (
            lines.items()
            >= {
                "METHOD": "CANCEL",
                "UID": "retrospective-T-1@shop.example",
                "SEQUENCE": "1",
                "STATUS": "CANCELLED",
                "DTSTART": "20261123T140000Z",
            }.items()
        )
        (text,) = (p for p in mail.walk() if p.get_content_type() == "text/plain")
        said = text.get_content()
        assert "> Spoken of at lunch." in said
        assert "(Ida)" in said
        if who in CALLED_OFF:
            assert CALLED_OFF[who] in said


async def test_a_meeting_that_was_held_stays_in_the_calendar(
    server: MailServer, ledger: SqlLedger
) -> None:
    """Called off afterwards, only the facilitator hears of it, without a word of the meeting."""
    retrospective = begun()
    retrospective.take_circulars()
    pass_time(retrospective, FRIDAY + timedelta(days=3, hours=1))
    retrospective.handle(
        events.Withdraw(by="Ida", why="All is said."), FRIDAY + timedelta(days=3, hours=2)
    )
    await invite(invitations(ledger, server), invitation_of(retrospective))

    (mail,) = server.take(to="ida@shop.example")
    assert server.take(to="desk@shop.example") == []
    assert "text/calendar" not in {part.get_content_type() for part in mail.walk()}
    (text,) = (p for p in mail.walk() if p.get_content_type() == "text/plain")
    assert "The meeting" not in text.get_content()
