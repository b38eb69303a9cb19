"""SMTP servers: who is believed, and who hears the password."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from activities.channels.mail import Mail
from activities.channels.router import Router
from activities.channels.services import Services
from activities.channels.smtp import Smtp, keeps_password
from activities.letters import Refused, Unavailable
from tests.activities.office import LONG, SENDER
from tests.activities.people import letter
from tests.activities.smtp import MailServer, mail_server


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for 127.0.0.1: the server's side, and the side of who believes it."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is needed to make a certificate"
    subprocess.run(
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-subj /CN=mail.example -addext subjectAltName=IP:127.0.0.1 "
        f"-keyout {folder / 'key'} -out {folder / 'cert'}".split(),
        check=True,
        capture_output=True,
    )
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(folder / "cert", folder / "key")
    return ours, ssl.create_default_context(cafile=str(folder / "cert"))


async def test_password_goes_encrypted(tmp_path: Path) -> None:
    """Where the server offers encryption it is used, before the password is said."""
    servers_side, our_side = certificate(tmp_path)
    async with mail_server(servers_side) as server:
        server.users["escalade"] = "p@ss/word"
        url = server.url.replace("://", "://escalade:p%40ss%2Fword@")
        way = Router(Mail(Smtp(url, our_side), SENDER), Services(), {})
        await way.send("mailto:a@example.com", letter(), LONG)

        assert server.logins == [("escalade", True)]
        assert len(server.take(to="a@example.com")) == 1


async def test_server_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    """A certificate that is not believed stops the mail before the password."""
    servers_side, _ = certificate(tmp_path)
    async with mail_server(servers_side) as server:
        way = Router(Mail(Smtp(server.url), SENDER), Services(), {})
        with pytest.raises(Unavailable, match="certificate"):
            await way.send("mailto:a@example.com", letter(), LONG)

        assert server.logins == []
        assert server.asked_for == []


async def test_wrong_password_is_refused_without_repeating_it(server: MailServer) -> None:
    """What the server says of a wrong password is passed on, the password is not."""
    url = server.url.replace("://", "://escalade:wr0ng@")
    way = Router(Mail(Smtp(url), SENDER), Services(), {})
    with pytest.raises(Refused, match="535") as refused:
        await way.send("mailto:a@example.com", letter(), LONG)

    assert "wr0ng" not in str(refused.value)


@pytest.mark.parametrize(
    ("peer", "encrypted", "may"),
    [
        ("203.0.113.7", False, False),
        ("203.0.113.7", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fe80::1%eth0", False, False),
    ],
)
def test_password_is_never_said_in_the_clear(peer: str, encrypted: bool, may: bool) -> None:
    """Without encryption only this machine itself hears the password."""
    assert keeps_password(peer, encrypted=encrypted) is may


@pytest.mark.parametrize(
    "url", ["", "smtp://", "http://mail.example", "smtp://h:port", "smtp://h:0x"]
)
def test_senseless_server_is_refused_at_the_start(url: str) -> None:
    """A URL that names no mail server is refused when the worker starts, not at 3 a.m."""
    with pytest.raises(ValueError, match="must look like smtp://"):
        Smtp(url)
