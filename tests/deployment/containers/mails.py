"""What the mail catcher has, by its own API."""

import asyncio
import json
import urllib.request
from dataclasses import dataclass


@dataclass(frozen=True)
class MailCatcher:
    """A mail catcher, at its API's address."""

    url: str

    async def told(self, case: str) -> set[str]:
        """Whoever got a mail about a case."""
        return {to for to, subject in await asyncio.to_thread(self._mails) if case in subject}

    def _mails(self) -> list[tuple[str, str]]:
        asked = f"{self.url}/api/v1/messages?limit=500"
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  http by the tests
            mails = json.load(answer)["messages"]
        return [(mail["To"][0]["Address"], mail["Subject"]) for mail in mails]
