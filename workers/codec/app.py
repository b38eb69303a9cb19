"""The codec server: `/decode` and `/encode` for the Temporal UI and CLI, and a way in.

Whoever asks shows a token, as `Authorization: Bearer …` (the CLI's `--codec-auth`) or as the cookie
that signing in leaves. A request by cookie must come from the UI's own origin, so that no other
page can make a browser ask. Browsers send a host's cookies to all its ports: ours is for our paths
alone, so that the UI's server, which must not read, never sees a token. Everything that is decoded,
and everything refused, is written to the log with who asked; what was read is not.
"""

import binascii
import json
from collections import Counter
from typing import Any, Final
from urllib.parse import parse_qs

import structlog
from google.protobuf import json_format
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route
from temporalio.api.common.v1 import Payload, Payloads

from escalations.encryption import KEY_ID, Encryption
from escalations.errors import PayloadUnreadable
from workers.codec import pages
from workers.codec.tokens import Tokens

COOKIE: Final = "escalade-codec"
MAX_BYTES: Final = 16_000_000
"""The longest request that is read; one page of a history in the UI is far below."""

_SIGNED_IN_FOR: Final = 8 * 60 * 60  # seconds
_SIGN_IN: Final = "/sign-in"
_COOKIE_FOR: Final = (_SIGN_IN, "/decode", "/encode")
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

log = structlog.stdlib.get_logger("workers.codec")


class Codec:
    """The server: decodes for whoever may read."""

    def __init__(self, encryption: Encryption, tokens: Tokens, origin: str) -> None:
        self._encryption, self._tokens, self._origin = encryption, tokens, origin

    def app(self) -> Starlette:
        """The application that a web server runs."""
        return Starlette(
            routes=[
                Route("/", self._start, methods=["GET"]),
                Route(_SIGN_IN, self._page, methods=["GET"]),
                Route(_SIGN_IN, self._sign_in, methods=["POST"]),
                Route("/sign-out", self._sign_out, methods=["POST"]),
                Route("/decode", self._decode, methods=["POST"]),
                Route("/encode", self._encode, methods=["POST"]),
                Route("/healthz", self._healthz, methods=["GET"]),
            ],
            middleware=[
                Middleware(
                    CORSMiddleware,
                    allow_origins=[self._origin],
                    allow_methods=["POST"],
                    allow_headers=["Authorization", "Content-Type", "X-Namespace"],
                    allow_credentials=True,
                )
            ],
            exception_handlers={HTTPException: _refusal},
        )

    async def _healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n", headers=_HEADERS)

    async def _start(self, request: Request) -> Response:
        return _to_the_page()

    async def _page(self, request: Request) -> Response:
        who = self._tokens.owner(request.cookies.get(COOKIE, ""))
        if who is None:
            return HTMLResponse(pages.SIGN_IN, headers=_HEADERS)
        scheme = self._origin.partition(":")[0]
        endpoint = f"{scheme}://{request.headers.get('Host', request.url.netloc)}"
        return HTMLResponse(pages.signed_in(who, self._origin, endpoint), headers=_HEADERS)

    async def _sign_in(self, request: Request) -> Response:
        token = await _field(request, "token")
        if (who := self._tokens.owner(token)) is None:
            log.warning("codec.refused", why="wrong token", peer=_peer(request), path=_SIGN_IN)
            return HTMLResponse(pages.SIGN_IN_AGAIN, status_code=403, headers=_HEADERS)
        log.info("codec.signed_in", who=who, peer=_peer(request))
        answer = _to_the_page()
        for path in _COOKIE_FOR:
            answer.set_cookie(
                COOKIE,
                token,
                max_age=_SIGNED_IN_FOR,
                path=path,
                httponly=True,
                samesite="strict",
                secure=self._origin.startswith("https:"),
            )
        return answer

    async def _sign_out(self, request: Request) -> Response:
        answer = _to_the_page()
        for path in _COOKIE_FOR:
            answer.delete_cookie(COOKIE, path=path)
        return answer

    async def _decode(self, request: Request) -> Response:
        who = self._reader(request)
        payloads = await _payloads(request)
        keys = Counter(payload.metadata.get(KEY_ID, b"").decode() for payload in payloads)
        about = {"who": who, "peer": _peer(request), "payloads": len(payloads), "keys": dict(keys)}
        about["namespace"] = request.headers.get("X-Namespace", "")[:100]
        try:
            decoded = await self._encryption.decode(payloads)
        except PayloadUnreadable as error:
            log.warning("codec.unreadable", why=str(error), **about)
            raise HTTPException(422, str(error)) from None
        log.info("codec.decoded", **about)
        return _answer(decoded)

    async def _encode(self, request: Request) -> Response:
        who = self._reader(request)
        payloads = await _payloads(request)
        log.info("codec.encoded", who=who, peer=_peer(request), payloads=len(payloads))
        return _answer(await self._encryption.encode(payloads))

    def _reader(self, request: Request) -> str:
        """Who asks.

        Raises:
            HTTPException: nobody who may read, or a page that may not ask.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        by_cookie = scheme.lower() != "bearer"
        if by_cookie:
            token = request.cookies.get(COOKIE, "")
        if (who := self._tokens.owner(token.strip())) is None:
            raise HTTPException(401, f"Sign in at {request.base_url}, then look again.")
        if by_cookie and request.headers.get("Origin") != self._origin:
            raise HTTPException(
                403, f"Only pages of {self._origin} may ask (ESCALADE_CODEC_ORIGIN)."
            )
        return who


def _to_the_page() -> Response:
    return RedirectResponse(_SIGN_IN, status_code=303, headers=_HEADERS)


async def _refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code in (401, 403):
        why, path = error.detail, request.url.path
        log.warning("codec.refused", why=why, peer=_peer(request), path=path)
    return JSONResponse({"message": error.detail}, status_code=error.status_code, headers=_HEADERS)


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise HTTPException(
                413, f"More than {MAX_BYTES // 1_000_000} MB: ask for less at once."
            )
    return body


async def _payloads(request: Request) -> list[Payload]:
    body = await _body(request)
    try:
        found = json_format.Parse(body, Payloads())
    except (json_format.ParseError, UnicodeDecodeError, RecursionError, binascii.Error):
        raise HTTPException(400, 'Not `{"payloads": […]}` as Temporal writes it.') from None
    return list(found.payloads)


def _answer(payloads: list[Payload]) -> Response:
    content: Any = json.loads(json_format.MessageToJson(Payloads(payloads=payloads)))
    return JSONResponse(content, headers=_HEADERS)


async def _field(request: Request, name: str) -> str:
    """A field of a form that was sent, without a parser for files."""
    fields = parse_qs((await _body(request)).decode(errors="replace"))
    return fields.get(name, [""])[0].strip()


def _peer(request: Request) -> str:
    return request.client.host if request.client else "unknown"
