"""Reading a rota from a file or an address: whatever happens there, there is an answer."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from temporalio.testing import ActivityEnvironment

from activities.letters import Refused
from activities.rotas import Rotas
from activities.web import Target, Web
from escalations.rota import Roster, RotaQuestion, on_call
from tests.activities.test_smtp_servers import certificate
from tests.activities.webserver import ENDLESS, WebServer, answer, web_server
from tests.domain.rota_reading import CALENDARS

PAGERDUTY: Final = (CALENDARS / "pagerduty.ics").read_bytes()
NOBODY: Final = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n"
AT: Final = datetime(2026, 10, 24, 12, tzinfo=UTC)
SECRETS: Final = {"KEY": "private-0a1b2c", "USER": "reader-7", "PASSWORD": "p@ss/word"}


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    async with web_server() as running:
        yield running


async def read(
    calendar: str,
    folder: Path = CALENDARS,
    seconds: float = 30,
    web: Web | None = None,
    **rota: Any,
) -> Roster:
    rotas = Rotas(folder, SECRETS, web, within=timedelta(seconds=seconds), pause=timedelta())
    question = RotaQuestion.model_validate(
        {"contact": "support", "rota": {"calendar": calendar, **rota}, "at": AT}
    )
    roster = await ActivityEnvironment().run(rotas.read_rota, question)
    assert not any(secret in roster.problem for secret in SECRETS.values())
    return roster


def names(roster: Roster, at: datetime = AT) -> list[str]:
    assert roster.problem == ""
    return [shift.key for shift in on_call(roster, at)]


async def test_file_beside_the_policies() -> None:
    """A calendar file is found in the folder of the policies."""
    roster = await read("pagerduty.ics")

    assert names(roster) == ["anna.berg@example.com"]
    assert roster.until == AT + timedelta(days=14)


async def test_files_out_of_reach(tmp_path: Path) -> None:
    """What is missing, a folder, too large or leads out of the folder is a problem that says so."""
    (tmp_path / "policies" / "folder.ics").mkdir(parents=True)
    (tmp_path / "secret.ics").write_bytes(PAGERDUTY)
    (tmp_path / "policies" / "link.ics").symlink_to(tmp_path / "secret.ics")
    (tmp_path / "policies" / "large.ics").write_bytes(b"x" * 2_000_001)
    said = {}
    for name in ("missing.ics", "folder.ics", "link.ics", "large.ics"):
        said[name] = (await read(name, tmp_path / "policies")).problem

    assert (
        "rota.calendar (missing.ics) cannot be read: there is no such file" in (said["missing.ics"])
    )
    assert "no such file" in said["folder.ics"]
    assert "leads out of the folder of the policies" in said["link.ics"]
    assert "larger than 2 MB" in said["large.ics"]


async def test_address(web: WebServer) -> None:
    """A calendar is read from its address, secrets filled in on the way and nowhere else."""
    web.answers["/private-0a1b2c/basic.ics?a=p@ss/word"] = [answer(PAGERDUTY)]
    url = web.url("/${KEY}/basic.ics?a=${PASSWORD}")
    login = url.replace("http://", "http://${USER}:${PASSWORD}@")

    assert names(await read(url)) == ["anna.berg@example.com"]
    assert names(await read(login)) == ["anna.berg@example.com"]
    assert [each.get("Authorization") for each in web.requests] == [
        None,
        "Basic " + b64encode(b"reader-7:p@ss/word").decode(),
    ]


async def test_secret_without_value(web: WebServer) -> None:
    """A secret that nobody has set is named, and nothing is asked for."""
    roster = await read(web.url("/${NOWHERE}/basic.ics"))

    assert "${NOWHERE} has no value: whoever runs the worker sets it there" in roster.problem
    assert web.requests == []


GLITCHES: Final = [
    pytest.param([answer(b"", "500 Oops"), answer(PAGERDUTY)], id="500 then 200"),
    pytest.param([answer(b"", "429 Slow"), answer(b"", "503 x"), answer(PAGERDUTY)], id="429, 503"),
    pytest.param([b"", answer(PAGERDUTY)], id="hangs up"),
    pytest.param([b"hello\r\n\r\n", answer(PAGERDUTY)], id="speaks no HTTP"),
    pytest.param(
        [answer(PAGERDUTY[:-90], Content_Length=len(PAGERDUTY)), answer(PAGERDUTY)], id="truncates"
    ),
    pytest.param([answer(PAGERDUTY, Content_Length=99), answer(PAGERDUTY)], id="says too little"),
    pytest.param(
        [b"HTTP/1.1 200 OK\r\n\r\n" + PAGERDUTY[:-90], answer(PAGERDUTY)], id="ends, lengthless"
    ),
    pytest.param(
        [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\nBEGIN",
            answer(PAGERDUTY),
        ],
        id="truncates a chunk",
    ),
]


@pytest.mark.parametrize("answers", GLITCHES)
async def test_glitch(web: WebServer, answers: list[bytes | None]) -> None:
    """What may be better in a moment is asked for again."""
    web.answers["/rota.ics"] = list(answers)

    assert names(await read(web.url("/rota.ics"))) == ["anna.berg@example.com"]
    assert len(web.requests) == len(answers)


@pytest.mark.parametrize(
    ("given", "said", "asked"),
    [
        (answer(b"", "500 Oops"), "answers 500 Internal Server Error", 3),
        (answer(PAGERDUTY[:-90]), "ends before its end", 3),
        (answer(b"gone", "404 Not Found"), "404 Not Found: whoever wrote the policy", 1),
        (answer(b"", "403 Forbidden"), "checks its secrets", 1),
        (answer(b"", "204 No Content"), "204 No Content", 1),
        (answer(b"", "799 Odd"), "answers 799", 3),
        (answer(b"<!doctype html><h1>Sign in"), "a web page and no calendar", 1),
        (answer(b"hello, world"), "it is no calendar", 1),
        (answer(b""), "it is empty", 1),
        (answer(PAGERDUTY.decode().encode("utf-16")), "not UTF-8", 1),
        (answer(NOBODY.replace(b"PRODID:x", b"BEGIN:VEVENT")), "a broken calendar", 1),
        (answer(PAGERDUTY, Content_Encoding="gzip"), "compressed", 1),
        (answer(PAGERDUTY, Content_Length=10_000_000), "larger than 2 MB", 1),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000, "larger than 2 MB", 1),
        (answer(b"", "302 Found", Location="/rota.ics"), "leads on more than 3 times", 4),
        (answer(b"", "302 Found"), "answers 302 Found", 1),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
async def test_no_calendar(web: WebServer, given: bytes, said: str, asked: int) -> None:
    """What will not be better is not asked for again, and is an answer that says what it is."""
    web.answers["/rota.ics"] = [given]
    roster = await read(web.url("/rota.ics"))

    assert roster.problem.startswith(f"rota.calendar (127.0.0.1:{web.port}) cannot be read: "), (
        roster.problem
    )
    assert said in roster.problem
    assert (roster.shifts, roster.until) == ([], AT)
    assert len(web.requests) == asked


async def test_server_that_never_answers(web: WebServer) -> None:
    """It is given up when the time is over."""
    web.answers["/rota.ics"] = [ENDLESS]
    roster = await read(web.url("/rota.ics"), seconds=0.1)

    assert "did not answer" in roster.problem


async def test_nobody_listens(web: WebServer) -> None:
    """A server that is down is a problem, not a failure."""
    roster = await read("http://127.0.0.1:1/rota.ics")

    assert "Connection refused" in roster.problem


async def test_empty_calendar(web: WebServer) -> None:
    """A calendar without events is read: nobody is on call."""
    web.answers["/rota.ics"] = [answer(NOBODY)]

    assert names(await read(web.url("/rota.ics"))) == []


async def test_redirect_on_the_same_host(web: WebServer) -> None:
    """It is followed, and the login goes along."""
    web.answers["/old"] = [answer(b"", "301 Moved", Location="/new.ics?a=1")]
    web.answers["/new.ics?a=1"] = [answer(PAGERDUTY)]
    url = web.url("/old").replace("http://", "http://rota:x@")

    assert names(await read(url)) == ["anna.berg@example.com"]
    assert "Authorization" in web.requests[1]


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2/rota.ics",
        "http://127.0.0.1:1/rota.ics",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://localhost/rota.ics",
        "https://10.0.0.1/rota.ics",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/rota.ics",
        "https://[fd00::1]/rota.ics",
        "https://[/",
    ],
)
async def test_redirect_that_is_not_followed(web: WebServer, location: str) -> None:
    """Neither to another scheme nor, on another host, into the inner network."""
    web.answers["/rota.ics"] = [answer(b"", "302 Found", Location=location)]
    roster = await read(web.url("/rota.ics"))

    assert "it leads" in roster.problem
    assert len(web.requests) == 1


def test_login_stays_on_its_host() -> None:
    """Another host gets no login; and nothing on the way back is trusted again."""
    first = Target.of("https://rota:${KEY}@a.example/x", SECRETS)
    assert first.login is not None
    assert "private-0a1b2c" not in repr(first)

    assert first.led_to("/y?k=1").login == first.login
    elsewhere = first.led_to("https://b.example/y")
    assert (elsewhere.host, elsewhere.login, elsewhere.is_elsewhere) == ("b.example", None, True)
    assert elsewhere.led_to("/z").is_elsewhere
    with pytest.raises(Refused, match="only https is followed"):
        first.led_to("http://a.example/x")


def test_webcal_is_https() -> None:
    """The scheme that calendars use for subscriptions is read encrypted."""
    target = Target.of("webcal://a.example/x", {})

    assert (target.scheme, target.port, target.netloc) == ("https", 443, "a.example")


async def test_certificate_nobody_believes(tmp_path: Path) -> None:
    """Nothing is asked of a server whose certificate is not believed, and it is not tried again."""
    servers_side, our_side = certificate(tmp_path)
    async with web_server(servers_side) as web:
        web.answers["/rota.ics"] = [answer(PAGERDUTY)]
        url = web.url("/rota.ics").replace("http:", "https:")
        roster = await read(url)

        assert "its certificate is not believed" in roster.problem
        assert web.requests == []

        assert names(await read(url, web=Web(our_side))) == ["anna.berg@example.com"]


async def test_overrides(tmp_path: Path) -> None:
    """While an override runs, its people are on call; a problem with either is a problem."""
    (tmp_path / "rota.ics").write_bytes(PAGERDUTY)
    override = PAGERDUTY.replace(b"20261019T08", b"20261024T10").replace(
        b"20261026T08", b"20261024T14"
    )
    (tmp_path / "swap.ics").write_bytes(override.replace(b"anna.berg@", b"ben@"))
    roster = await read("rota.ics", tmp_path, overrides="swap.ics")

    assert names(roster) == ["ben@example.com"]
    assert names(roster, AT + timedelta(hours=2)) == ["chloe@example.com"]

    broken = await read("rota.ics", tmp_path, overrides="missing.ics")
    assert broken.problem.startswith("rota.overrides (missing.ics) cannot be read")
    both = await read("none.ics", tmp_path, overrides="missing.ics")
    assert len(both.problem.splitlines()) == 2
