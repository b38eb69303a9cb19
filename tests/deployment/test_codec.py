"""`python -m workers.codec`, as the Temporal UI, its readers and those who should not ask it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from escalations.encryption import Encryption, new_file, read_keys, with_active, with_another
from tests.deployment.processes import ROOT
from workers.codec.app import MAX_BYTES
from workers.codec.tokens import digest

ADA, ORIGIN = "adas-token", "http://127.0.0.1:8233"
SECRET = "Grace Hopper will cancel"
BEARER = {"Authorization": f"Bearer {ADA}"}


@dataclass
class Server:
    """A codec server as a process of its own."""

    host: str
    port: int
    process: asyncio.subprocess.Process
    keys: Path

    async def ask(
        self, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of an answer; underscores in header names are dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await asyncio.to_thread(self._ask, path, body, named)

    def _ask(
        self, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        method = "GET" if body is None else "POST"
        return self.request(method, path, body, headers)

    def request(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        """Ask once; status, headers and text."""
        with closing(HTTPConnection(self.host, self.port, timeout=30)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read().decode()

    async def log(self) -> list[dict[str, Any]]:
        """End it in order; what it has written to its log."""
        self.process.send_signal(signal.SIGTERM)
        _, said = await self.process.communicate()
        assert self.process.returncode == 0, said
        return [json.loads(line) for line in said.decode().splitlines()]


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Server]:
    """A server with one reader, Ada; ended when the test is over."""
    keys, tokens = folder / "keys", folder / "tokens"
    keys.write_text(new_file("may"))
    tokens.write_text(f"# who may read\nada {digest(ADA)}\n")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.codec"),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "ESCALADE_ENCRYPTION_KEYS_FILE": str(keys),
            "ESCALADE_CODEC_TOKENS_FILE": str(tokens),
            "ESCALADE_CODEC_ADDRESS": "127.0.0.1:0",
            "ESCALADE_CODEC_ORIGIN": ORIGIN,
        },
    )
    try:
        assert process.stderr is not None
        started = json.loads(await process.stderr.readline())
        host, _, port = started["address"].rpartition(":")
        yield Server(host, int(port), process, keys)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def sealed(keys: Path, text: str = SECRET) -> bytes:
    """A request to decode one payload, as the UI writes it."""
    plain = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(text).encode())
    encrypted = await Encryption(read_keys(keys)).encode([plain])
    return json_format.MessageToJson(Payloads(payloads=encrypted)).encode()


async def test_whoever_may_read_reads(tmp_path: Path) -> None:
    """With a token the words are there; the audit log says who read how many under which key, and
    not what. What is encoded can be decoded again."""
    async with serving(tmp_path) as server:
        status, told, text = await server.ask(
            "/decode", await sealed(server.keys), X_Namespace="care", Origin=ORIGIN, **BEARER
        )
        plain = json_format.Parse(text, Payloads())
        assert (status, json.loads(plain.payloads[0].data)) == (200, SECRET)
        assert told["access-control-allow-origin"] == ORIGIN
        assert told["cache-control"] == "no-store"

        _, _, encoded = await server.ask("/encode", text.encode(), **BEARER)
        assert SECRET not in encoded
        assert (await server.ask("/decode", encoded.encode(), **BEARER))[2] == text
        lines = await server.log()

    read = next(line for line in lines if line["event"] == "codec.decoded")
    assert (read["who"], read["namespace"], read["keys"]) == ("ada", "care", {"may": 1})
    assert SECRET not in json.dumps(lines)
    assert ADA not in json.dumps(lines)


async def test_signing_in_with_a_browser(tmp_path: Path) -> None:
    """The cookie that signing in leaves is as good as the token, from the UI's pages alone."""
    async with serving(tmp_path) as server:
        request = await sealed(server.keys)
        assert (await server.ask("/"))[1]["location"] == "/sign-in"
        _, _, page = await server.ask("/sign-in")
        assert "Sign in" in page
        status, _, page = await server.ask("/sign-in", b"token=wrong")
        assert (status, "Nobody has that token" in page) == (403, True)

        status, told, _ = await server.ask("/sign-in", f"token={ADA}".encode())
        cookie = told["set-cookie"]
        assert (status, told["location"]) == (303, "/sign-in")
        assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Path=/" not in cookie.split("; ")
        held = cookie.partition(";")[0]

        page = (await server.ask("/sign-in", Cookie=held, Host="codec.example"))[2]
        assert "signed in as <strong>ada" in page
        assert "<code>http://codec.example</code>" in page
        assert (await server.ask("/decode", request, Cookie=held, Origin=ORIGIN))[0] == 200
        for elsewhere in ({}, {"Origin": "http://127.0.0.1:9"}, {"Origin": "null"}):
            status, _, text = await server.ask("/decode", request, Cookie=held, **elsewhere)
            assert (status, SECRET in text) == (403, False)
        lines = await server.log()

    assert [line["event"] for line in lines].count("codec.refused") == 4


STRANGERS: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Bearer nobody"},
    {"Authorization": f"Basic {ADA}"},
    {"Cookie": "a=b"},
)


async def test_nobody_else_reads(tmp_path: Path) -> None:
    """Without a token, with a wrong one or by another scheme: refused, told where to sign in."""
    async with serving(tmp_path) as server:
        request = await sealed(server.keys)
        for shown in STRANGERS:
            status, told, text = await server.ask("/decode", request, Origin=ORIGIN, **shown)

            assert (status, SECRET in text) == (401, False), shown
            assert f"Sign in at http://{server.host}:{server.port}/" in text
            assert told["access-control-allow-origin"] == ORIGIN


async def test_pages_from_elsewhere_are_told_nothing(tmp_path: Path) -> None:
    """A browser asks beforehand whether a page may: only the UI's origin may, and it alone."""
    async with serving(tmp_path) as server:

        def beforehand(origin: str) -> dict[str, str]:
            asked = {
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type,x-namespace",
            }
            return server.request("OPTIONS", "/decode", None, asked)[1]

        ui = await asyncio.to_thread(beforehand, ORIGIN)
        other = await asyncio.to_thread(beforehand, "https://evil.example")

    assert ui["access-control-allow-origin"] == ORIGIN
    assert ui["access-control-allow-credentials"] == "true"
    assert "access-control-allow-origin" not in other


NO_REQUESTS = {
    b"": 400,
    b"{": 400,
    b'{"payloads": 5}': 400,
    b'{"names": []}': 400,
    b"\xff\xfe": 400,
    b"[" * 100_000: 400,
    b" " * (MAX_BYTES + 1): 413,
}


async def test_what_is_no_request(tmp_path: Path) -> None:
    """Empty, cut, another shape, no text, too deep, too long: refused, and the server goes on."""
    async with serving(tmp_path) as server:
        for body, status in NO_REQUESTS.items():
            assert (await server.ask("/decode", body, **BEARER))[0] == status, body[:20]
        assert (await server.ask("/healthz"))[0] == 200


async def test_a_key_that_the_server_does_not_have(tmp_path: Path) -> None:
    """Encrypted with a key that was activated before the server had it: it says which."""
    async with serving(tmp_path) as server:
        there = server.keys.read_text()
        ahead = tmp_path / "ahead"
        ahead.write_text(with_active(with_another(there, "june"), "june"))

        status, _, text = await server.ask("/decode", await sealed(ahead), **BEARER)

    assert status == 422
    assert "'june'" in text
    assert "Put that key back" in text


async def started(**environment: str) -> tuple[int, str]:
    """What comes of a start that fails."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.codec"),
        cwd=ROOT,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], **environment},
    )
    _, said = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_settings_that_cannot_be(tmp_path: Path) -> None:
    """All mistakes of the environment at once, each with its variable; so with the files."""
    code, said = await started(
        ESCALADE_ENCRYPTION_KEYS_FILE=str(tmp_path / "gone"),
        ESCALADE_CODEC_ADDRESS="8234",
        ESCALADE_CODEC_ORIGIN="http://127.0.0.1:8233/",
    )
    assert code == 2
    assert [line.partition(":")[0] for line in said.splitlines()[1:]] == [
        "ESCALADE_ENCRYPTION_KEYS_FILE",
        "ESCALADE_CODEC_TOKENS_FILE",
        "ESCALADE_CODEC_ADDRESS",
        "ESCALADE_CODEC_ORIGIN",
    ]

    keys, tokens = tmp_path / "keys", tmp_path / "tokens"
    keys.write_text(new_file("may"))
    tokens.write_text("ada adas-token\n")
    files = {
        "ESCALADE_ENCRYPTION_KEYS_FILE": str(keys),
        "ESCALADE_CODEC_TOKENS_FILE": str(tokens),
    }
    code, said = await started(**files)
    assert (code, "line 1: allowed: `<who> <SHA-256>`" in said) == (2, True)
    assert ADA not in said
