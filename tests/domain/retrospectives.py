"""A small shop whose cases end in a retrospective, and ways to speak of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from escalations import events
from escalations.effects import Recipient
from escalations.engine import Case
from escalations.events import Delivered, Delivery, Outcome
from escalations.policy import Policy
from escalations.request import EscalationRequest
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import Circular
from escalations.retrospective.request import RetrospectiveRequest, request_for
from escalations.snapshot import take

FRIDAY: Final = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
DAY: Final = timedelta(days=1)
DIRECTOR: Final = Recipient(
    key="director",
    name="Director",
    reach=["mailto:director@shop.example"],
    language="en",
    timezone="UTC",
)
POLICY: Final[dict[str, Any]] = {
    "policy": "shop",
    "languages": ["fr", "en"],
    "calendars": {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}},
    "contacts": {
        "desk": {"name": "Desk", "reach": ["mailto:desk@shop.example"]},
        "boss": {"name": "Boss", "reach": ["slack://token/boss", "mailto:boss@shop.example"]},
        "coordinator": {"name": "Ida Koski", "reach": ["mailto:ida@shop.example"]},
        "director": {"name": "Director", "reach": ["mailto:director@shop.example"]},
    },
    "escalation_manager": "coordinator",
    "levels": [
        {"name": "Desk", "contact": "desk", "within": "1h..2h"},
        {"name": "Boss", "contact": "boss", "within": "2h..4h"},
        {"name": "Director", "contact": "director", "within": "until-resolved"},
    ],
    "retrospective": {"when": {"level": "Desk"}, "calendar": "office"},
}
REQUEST: Final[dict[str, Any]] = {
    "case": "T-1",
    "title": "Charged twice",
    "statement": "The invoice of October was charged twice.",
    "customer": {"id": "C-7", "name": "ACME", "contacts": ["mailto:Ada@acme.example"]},
    "policy": "shop",
    "reported_at": FRIDAY - 3 * timedelta(hours=1),
    "team": {"account-executive": {"name": "Åsa Öberg", "reach": ["mailto:asa@shop.example"]}},
}


def opened(policy: dict[str, Any] | None = None, **said: Any) -> Case:
    snapshot = take(Policy.model_validate({**POLICY, **(policy or {})}), 2026)
    request = EscalationRequest.model_validate({**REQUEST, **said})
    return Case.open(request, snapshot, FRIDAY - 3 * timedelta(hours=1))


def handed_over(case: Case) -> RetrospectiveRequest:
    at = FRIDAY
    case.handle(events.ProposeResolution(by="Marie", summary="Paid back"), at)
    case.handle(events.ConfirmResolution(by="ada@acme.example"), at)
    return request_for(case.record, at)


def begun(policy: dict[str, Any] | None = None, **said: Any) -> Retrospective:
    return Retrospective.begin(handed_over(opened(policy, **said)), FRIDAY)


def sent(circulars: list[Circular]) -> list[tuple[str, list[str]]]:
    return [(each.notice.value, [to.key for to in each.to]) for each in circulars]


def report(circular: Circular, **unreachable: str) -> Delivered:
    return Delivered(
        deliveries=[
            Delivery(
                key=circular.key,
                recipient=to.key,
                outcome=Outcome.UNREACHABLE if to.key in unreachable else Outcome.DELIVERED,
                address=None if to.key in unreachable else to.reach[0],
                detail=unreachable.get(to.key, ""),
            )
            for to in circular.to
        ]
    )


def told_types(retrospective: Retrospective) -> list[str]:
    timeline = retrospective.record.timeline
    return [entry.type for entry in timeline if not hasattr(entry, "level")]


def due(retrospective: Retrospective) -> datetime:
    deadline = retrospective.next_deadline
    assert deadline is not None
    return deadline.at


def pass_time(retrospective: Retrospective, until: datetime) -> list[Circular]:
    """All that falls due up to a moment."""
    circulars = []
    while (deadline := retrospective.next_deadline) and deadline.at <= until:
        circulars += retrospective.fall_due(deadline, deadline.at)
    return circulars
