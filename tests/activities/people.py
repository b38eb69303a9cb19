"""People, letters and dispatches to tell stories with."""

from datetime import UTC, datetime
from typing import Any

from activities.letters import Letter
from escalations.effects import (
    Brief,
    CustomerNotice,
    Dispatch,
    Notice,
    Notify,
    Particulars,
    Recipient,
    Send,
    TellCustomer,
)

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def letter(**changed: Any) -> Letter:
    """A letter about case T-1 to Ada."""
    said: dict[str, Any] = {
        "case": "T-1",
        "key": "T-1/3",
        "filed": "T-1/3-261123T123000",
        "recipient": "ada",
        "name": "Ada Bell",
        "language": "en",
        "to_customer": False,
        "subject": "[T-1] P1 · Charged twice",
        "text": "Charged twice.\n",
        "html": "<p>Charged twice.</p>",
        "chat": "Charged twice.",
    }
    return Letter(**(said | changed))


def recipient(key: str, *reach: str, **changed: Any) -> Recipient:
    """Somebody, by default with one mail address."""
    said: dict[str, Any] = {
        "key": key,
        "name": key.title(),
        "reach": list(reach) or [f"mailto:{key}@example.com"],
        "language": "en",
        "timezone": "Europe/Paris",
    }
    return Recipient(**(said | changed))


def brief(**changed: Any) -> Brief:
    """Case T-1, charged twice."""
    said: dict[str, Any] = {
        "case": "T-1",
        "title": "Charged twice",
        "statement": "Invoice 7 was charged twice.",
        "customer_name": "Maison Lefèvre",
        "priority": "P1",
        "category": "billing",
        "status": "open",
        "level": 2,
        "levels": 7,
        "owner": None,
        "at_stake": "The renewal.",
        "opened_at": datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
        "reported_at": datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
    }
    return Brief(**(said | changed))


def particulars(**changed: Any) -> Particulars:
    """Level 2, time there until AT."""
    said: dict[str, Any] = {
        "level": 2,
        "level_name": "Support manager",
        "contact_name": "Ken Oda",
        "due_at": AT,
        "why": "time",
    }
    return Particulars(**(said | changed))


def send(notice: Notice | CustomerNotice, *to: Recipient, key: str = "T-1/3", **said: Any) -> Send:
    """One send; `said` are its particulars."""
    what: dict[str, Any] = {"key": key, "notice": notice, "to": to}
    what["particulars"] = particulars(**said)
    return TellCustomer(**what) if isinstance(notice, CustomerNotice) else Notify(**what)


def telling(*to: Recipient) -> Dispatch:
    """A reminder to some people, about case T-1."""
    return Dispatch(brief=brief(), sends=[send(Notice.REMINDER, *to)])
