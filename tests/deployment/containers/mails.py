"""What the mail catcher has, by its own API."""

import asyncio
import json
import urllib.request
from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MailCatcher:
    """A mail catcher, at its API's address."""

    url: str

    async def told(self, case: str) -> set[str]:
        """Whoever got a mail about a case."""
        mails = await asyncio.to_thread(self._mails)
        return {mail["To"][0]["Address"] for mail in mails if case in mail["Subject"]}

    async def times(self) -> Counter[str]:
        """How often each mail has come, by its Message-ID."""
        return Counter(mail["MessageID"] for mail in await asyncio.to_thread(self._mails))

    def _mails(self) -> list[dict[str, Any]]:
        asked = f"{self.url}/api/v1/messages?limit=5000"
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  http by the tests
            mails: list[dict[str, Any]] = json.load(answer)["messages"]
        return mails
