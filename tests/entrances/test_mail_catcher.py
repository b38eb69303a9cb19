"""The mail catcher: delivers nothing, loses nothing, and shows what came in."""

import asyncio
import os
import smtplib
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from starters import mail_catcher
from starters.mail_catcher import Caught, catch_mail


def mail(subject: str, *to: str, calendar: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Care <care@callcentre.example>"
    message["To"] = ", ".join(to)
    message["Subject"] = subject
    message["Message-ID"] = f"<{len(subject)}@callcentre.example>"
    message.set_content("Bonjour à tous,\n\nc’est résolu.\n")
    message.add_alternative("<p>Bonjour à tous</p>", subtype="html")
    if calendar:
        message.add_alternative(calendar, subtype="calendar", params={"method": "REQUEST"})
    return message


def send(url: str, *messages: EmailMessage) -> None:
    address = urlsplit(url)
    with smtplib.SMTP(str(address.hostname), address.port or 0) as session:
        for message in messages:
            session.send_message(message)


async def test_every_mail_is_kept_for_each_of_its_recipients(tmp_path: Path) -> None:
    """A mail to two people is two mails; each is told of at once and is a file that reads alike."""
    heard: list[Caught] = []
    async with catch_mail(tmp_path, heard.append) as catcher:
        await asyncio.to_thread(
            send,
            catcher.url,
            mail("À vous deux", "Ada <ada@a.example>", "bob@b.example"),
            mail("Réunion", "ada@a.example", calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
        )

    assert [(each.number, each.to) for each in heard] == [
        (1, "ada@a.example"),
        (2, "bob@b.example"),
        (3, "ada@a.example"),
    ]
    assert catcher.mails == heard
    first, _, third = mail_catcher.read(tmp_path)
    assert (first.addressee, first.subject, first.message_id) == (
        "Ada",
        "À vous deux",
        "<11@callcentre.example>",
    )
    assert first.text == "Bonjour à tous,\n\nc’est résolu.\n"
    assert first.html == "<p>Bonjour à tous</p>\n"
    assert first.calendar == ""
    assert (third.addressee, third.calendar.split()) == (
        "ada@a.example",
        ["BEGIN:VCALENDAR", "END:VCALENDAR"],
    )


async def test_nobody_outside_can_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It listens on loopback and nowhere else, each on a port of its own."""
    loop = asyncio.get_running_loop()
    opened: list[asyncio.Server] = []
    create = loop.create_server

    async def watched(*how: Any) -> asyncio.Server:
        opened.append(await create(*how))
        return opened[-1]

    monkeypatch.setattr(loop, "create_server", watched)
    async with catch_mail(tmp_path / "a") as one, catch_mail(tmp_path / "b") as other:
        listening = [each.getsockname() for server in opened for each in server.sockets]
        ports = [urlsplit(each.url).port for each in (one, other)]

    assert listening == [("127.0.0.1", port) for port in ports]
    assert len(set(ports)) == 2


def test_mails_are_listed_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list with numbers; with a number the mail as text, its invitation too, or its HTML."""
    for number in (2, 10):
        message = mail(f"Mail {number}", "Ada <ada@a.example>", calendar="BEGIN:VCALENDAR\r\n")
        (tmp_path / f"{number:04} ada@a.example.eml").write_bytes(message.as_bytes())

    assert mail_catcher.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "   2  Ada: Mail 2\n  10  Ada: Mail 10\n"
    assert mail_catcher.main([str(tmp_path), "10"]) == 0
    shown = capsys.readouterr().out
    assert "Subject: Mail 10\n" in shown
    assert "c’est résolu." in shown
    assert "BEGIN:VCALENDAR" in shown
    assert mail_catcher.main([str(tmp_path), "10", "--html"]) == 0
    assert capsys.readouterr().out == "<p>Bonjour à tous</p>\n"
    assert mail_catcher.main([str(tmp_path), "3"]) == 1
    assert "There is no mail 3" in capsys.readouterr().err


async def test_an_address_is_no_path(tmp_path: Path) -> None:
    """Whatever stands in an address, the file stays in the folder."""
    folder = tmp_path / "mails"
    async with catch_mail(folder) as catcher:
        message = mail("Hello", "x@y.example")
        address = urlsplit(catcher.url)

        def hand_over() -> None:
            with smtplib.SMTP(str(address.hostname), address.port or 0) as session:
                session.send_message(message, to_addrs=['"../../up"@y.example'])

        await asyncio.to_thread(hand_over)

    assert len(mail_catcher.read(folder)) == 1
    assert os.listdir(tmp_path) == ["mails"]
