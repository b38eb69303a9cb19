"""Takes mails on 1025 and shows them on 8025: of Mailpit, what our tests ask for."""

import email
import email.policy
import json
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

MAILS: list[dict[str, Any]] = []


class Sink:
    """Keeps every mail."""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep it."""
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        MAILS.append(
            {
                "ID": uuid.uuid4().hex,
                "MessageID": str(mail["message-id"]).strip("<>"),
                "From": {"Address": envelope.mail_from},
                "To": [{"Address": each} for each in envelope.rcpt_tos],
                "Subject": str(mail["subject"]),
            }
        )
        return "250 OK"


class Api(BaseHTTPRequestHandler):
    """`/api/v1/messages`, and whether it is there."""

    def do_GET(self) -> None:
        """The newest first, as Mailpit has them."""
        if self.path.startswith("/api/v1/messages"):
            self._answer(200, {"messages": MAILS[::-1], "total": len(MAILS)})
        else:
            self._answer(200 if self.path in ("/livez", "/readyz") else 404, {})

    def do_DELETE(self) -> None:
        """Forget them all."""
        MAILS.clear()
        self._answer(200, {})

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""

    def _answer(self, code: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


Controller(Sink(), hostname="0.0.0.0", port=1025, data_size_limit=10_000_000).start()
sys.stdout.write("takes mail on 1025, shows it on 8025\n")
sys.stdout.flush()
ThreadingHTTPServer(("0.0.0.0", 8025), Api).serve_forever()
