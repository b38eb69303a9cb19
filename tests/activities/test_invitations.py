"""Invitations to retrospectives: real mail with a calendar entry, and what others get instead."""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import structlog
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.channels.mail import Mail
from activities.channels.router import Router
from activities.channels.services import Services
from activities.channels.smtp import Smtp
from activities.invitations import INVITE_OPTIONS, Invitations
from activities.ledger import SqlLedger
from activities.templates import JinjaTemplates
from escalations import events
from escalations.events import Delivery, Outcome
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import AddActionItem, Circular
from tests.activities.ical_reader import plain, properties
from tests.activities.smtp import MailServer, Manner, mail_server
from tests.domain.retrospectives import FRIDAY, handed_over, opened, pass_time
from tests.harness import FakeChannels

SENDER = "Escalade <escalade@shop.example>"
INVITED = ("ida", "desk", "en", "fi", "fr")
LANGUAGES = {"en": "Please come", "fr": "Vous êtes invité", "fi": "Tervetuloa"}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as listening:
        yield listening


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqlLedger]:
    opened_ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened_ledger
    await opened_ledger.close()


def invitations(ledger: SqlLedger, server: MailServer) -> Invitations:
    channels = Router(Mail(Smtp(server.url), SENDER), Services(), {})
    return Invitations(channels, ledger, JinjaTemplates(), SENDER)


async def invite(activity: Invitations, circular: Circular, attempt: int = 1) -> list[Delivery]:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(
        environment.info, attempt=attempt, retry_policy=INVITE_OPTIONS["retry_policy"]
    )
    delivered: list[Delivery] = await environment.run(activity.invite, circular)
    return delivered


def begun(**said: Any) -> Retrospective:
    """A case with a team of three languages, handed over."""
    team = {
        f"expert-{language}": {
            "name": name,
            "reach": [f"mailto:{language}@shop.example"],
            "language": language,
            "timezone": "Europe/Helsinki",
        }
        for language, name in {
            "en": 'Jörg "J" O,Neil; x: y',
            "fi": "Åsa Öberg",
            "fr": "Zoé",
        }.items()
    }
    case = opened(team=team, **said)
    case.handle(events.AddNote(by="Jean", text="Looked at it"), FRIDAY)
    return Retrospective.begin(handed_over(case), FRIDAY)


def invitation_of(retrospective: Retrospective) -> Circular:
    (circular,) = retrospective.take_circulars()
    return circular


def mails(server: MailServer) -> dict[str, EmailMessage]:
    """The one mail that came for each who is invited."""
    return {who: mail for who in INVITED for mail in one(server.take(to=f"{who}@shop.example"))}


def one(came: list[EmailMessage]) -> list[EmailMessage]:
    assert len(came) == 1
    return came


def calendar_of(mail: EmailMessage) -> str:
    (part,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    content: str = part.get_content()
    return content


@contextmanager
def no_broken_template() -> Iterator[None]:
    with structlog.testing.capture_logs() as logs:
        yield
    assert [entry for entry in logs if entry["event"] == "template.broke"] == []


async def test_an_invitation_is_mail_that_calendars_understand(
    server: MailServer, ledger: SqlLedger
) -> None:
    """One mail each: text, HTML and a request for the calendar, also as a file."""
    circular = invitation_of(begun())
    with no_broken_template():
        delivered = await invite(invitations(ledger, server), circular)

    assert {each.outcome for each in delivered} == {Outcome.DELIVERED}
    for mail in mails(server).values():
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain",
            "text/html",
            "text/calendar",
            "application/ics",
        ]
        (request,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
        assert dict(request["Content-Type"].params) == {"charset": "utf-8", "method": "REQUEST"}
        *_, attached = mail.iter_attachments()
        assert attached.get_filename() == "invite.ics"
        assert attached.get_content().decode() == calendar_of(mail)


async def test_the_request_has_what_the_standards_ask_for(
    server: MailServer, ledger: SqlLedger
) -> None:
    """RFC 5545 and 5546: every property that a REQUEST must have, once, on lines that fit."""
    await invite(invitations(ledger, server), invitation_of(begun()))

    for mail in mails(server).values():
        entry = calendar_of(mail)
        lines = properties(entry)
        once = {name: value for name, _, value in lines if name not in ("ATTENDEE", "BEGIN", "END")}
        assert max(len(line.encode()) for line in entry.split("\r\n")) <= 75
        assert [(name, value) for name, _, value in lines if name in ("BEGIN", "END")] == [
            ("BEGIN", "VCALENDAR"),
            ("BEGIN", "VEVENT"),
            ("END", "VEVENT"),
            ("END", "VCALENDAR"),
        ]
        assert (
            once.items()
            >= {
                "VERSION": "2.0",
                "METHOD": "REQUEST",
                "UID": "retrospective-T-1@shop.example",
                "SEQUENCE": "0",
                "DTSTAMP": "20261120T140000Z",
                "DTSTART": "20261123T140000Z",
                "DTEND": "20261123T144500Z",
                "ORGANIZER": "mailto:escalade@shop.example",
                "STATUS": "CONFIRMED",
            }.items()
        )
        assert once.keys() >= {"PRODID", "SUMMARY", "DESCRIPTION"}
        assert "LOCATION" not in once
        assert len(once) == sum(name not in ("ATTENDEE", "BEGIN", "END") for name, *_ in lines)
        assert "--name record_root_cause" in plain(once["DESCRIPTION"])
        assert "Charged twice" in plain(once["SUMMARY"])
        attendees = [(params, value) for name, params, value in lines if name == "ATTENDEE"]
        assert {value: params["ROLE"] for params, value in attendees} == {
            "mailto:ida@shop.example": "CHAIR",
            "mailto:desk@shop.example": "REQ-PARTICIPANT",
            "mailto:en@shop.example": "REQ-PARTICIPANT",
            "mailto:fi@shop.example": "REQ-PARTICIPANT",
            "mailto:fr@shop.example": "REQ-PARTICIPANT",
        }
        assert {(params["PARTSTAT"], params["RSVP"]) for params, _ in attendees} == {
            ("NEEDS-ACTION", "TRUE")
        }
        names = {params["CN"] for params, _ in attendees}
        assert names == {"Ida Koski", "Desk", "Jörg 'J' O,Neil; x: y", "Åsa Öberg", "Zoé"}


async def test_everybody_reads_it_in_their_language_and_zone(
    server: MailServer, ledger: SqlLedger
) -> None:
    """Words, the time and the story of the case are the reader's; who is unknown is named."""
    with no_broken_template():
        await invite(invitations(ledger, server), invitation_of(begun()))
    came = mails(server)

    for language, words in LANGUAGES.items():
        part = came[language].get_body(("plain",))
        assert part is not None
        written = part.get_content()
        assert words in written
        assert "Europe/Helsinki" in written
        assert "EET" in written
        assert "Jean" in written
        assert "--workflow-id retrospective/T-1 --name record_root_cause" in written


async def test_a_retry_sends_nothing_twice(server: MailServer, ledger: SqlLedger) -> None:
    """Who has the invitation does not get it again; who was put off gets it with the retry."""
    server.manners["desk@shop.example"] = Manner.DELAYS
    circular = invitation_of(begun())
    with pytest.raises(ApplicationError, match="desk"):
        await invite(invitations(ledger, server), circular)
    server.manners.clear()
    delivered = await invite(invitations(ledger, server), circular, attempt=2)
    again = await invite(invitations(ledger, server), circular, attempt=3)

    assert {each.outcome for each in delivered} == {Outcome.DELIVERED}
    assert again == delivered
    assert mails(server).keys() == {*INVITED}


async def test_whoever_has_no_mail_is_told_the_time_by_the_channel_they_have(
    ledger: SqlLedger,
) -> None:
    """A chat gets the short form with the time; a mail address further down is asked first."""
    team = {
        "chat": {"name": "Kim", "reach": ["slack://token/kim"]},
        "both": {"name": "Pat", "reach": ["slack://token/pat", "mailto:pat@shop.example"]},
    }
    case = opened(team=team)
    circular = invitation_of(Retrospective.begin(handed_over(case), FRIDAY))
    channels = FakeChannels()
    await invite(Invitations(channels, ledger, JinjaTemplates(), SENDER), circular)
    sent = {letter.recipient: (address, letter) for address, letter in channels.letters}

    assert sent["both"][0] == "mailto:pat@shop.example"
    assert sent["chat"][0] == "slack://token/kim"
    assert "lundi 23 novembre 2026" in sent["chat"][1].chat
    entry = sent["both"][1].calendar
    assert entry is not None
    assert "kim" not in entry
    assert "mailto:pat@shop.example" in entry.replace("\r\n ", "")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_other_notice_has_words_and_no_calendar(
    language: str, ledger: SqlLedger
) -> None:
    """Reminder, no slot, and who was not reached, in every language."""
    coordinator = {
        "name": "Ida Koski",
        "reach": ["mailto:ida@shop.example"],
        "language": language,
    }
    contacts = {"coordinator": coordinator, "desk": {"name": "D", "reach": ["mailto:d@x.example"]}}
    levels = [{"name": "Desk", "contact": "desk", "within": "1h..2h"}]
    short = {"office": {"hours": {"mon": ["09:00-09:30"]}}}
    policy = {
        "contacts": contacts,
        "levels": levels,
        "calendars": short,
        "languages": list(LANGUAGES),
    }
    retrospective = Retrospective.begin(handed_over(opened(policy)), FRIDAY)
    unscheduled = invitation_of(retrospective)
    retrospective.handle(AddActionItem(by="Ida", text="Umbrellas", owner="Kim"), FRIDAY)
    (reminder,) = pass_time(retrospective, FRIDAY + timedelta(days=4))
    unreached = [Delivery(key=unscheduled.key, recipient="desk", outcome=Outcome.UNREACHABLE)]
    (undelivered,) = retrospective.handle(events.Delivered(deliveries=unreached), FRIDAY)
    channels = FakeChannels()
    with no_broken_template():
        for circular in (unscheduled, reminder, undelivered):
            await invite(Invitations(channels, ledger, JinjaTemplates(), SENDER), circular)
    letters = [letter for _, letter in channels.letters]

    assert [letter.calendar for letter in letters] == [None] * 3
    assert {letter.language for letter in letters} == {language}
    assert len({letter.subject for letter in letters}) == 3
    assert all(letter.html for letter in letters)
    assert "Umbrellas" in letters[1].text


@pytest.mark.parametrize("organiser", ["", "Escalade", "@", "no one at all"])
async def test_an_organiser_that_is_no_mail_address_stops_the_worker(
    organiser: str, ledger: SqlLedger
) -> None:
    """The mistake shows at the start, to whoever can mend it."""
    with pytest.raises(ValueError, match="or the address alone"):
        Invitations(FakeChannels(), ledger, JinjaTemplates(), organiser)
