"""The canary: a case of nobody's that only climbs, to show that cases do.

It has a workflow type of its own, so that no list, count or report of cases has it; everything else
(queue, worker, engine, timer, activity) is a case's.
"""

from typing import Final

from escalations.model import Instant
from escalations.policy import Policy, Priority
from escalations.record import EscalationRecord
from escalations.request import Customer, EscalationRequest

CANARY: Final = "canary"
"""Its policy, its category, its customer, and who withdraws it."""

POLICY: Final = Policy.model_validate(
    {
        "policy": CANARY,
        "summary": "Climbs after a second; nobody is told.",
        "contacts": {"nobody": {"name": "Nobody", "reach": ["mailto:nobody@localhost"]}},
        "levels": [
            {"name": "Below", "contact": "nobody", "within": "1s"},
            {"name": "Above", "contact": "nobody", "within": "until-resolved"},
        ],
    }
)


def request(name: str, at: Instant) -> EscalationRequest:
    """What a canary of that name is opened with."""
    return EscalationRequest(
        case=name,
        title="Canary",
        statement="Sent to see whether cases climb.",
        customer=Customer(id=CANARY, name="Canary"),
        policy=CANARY,
        category=CANARY,
        priority=Priority.P4,
        reported_at=at,
        by=CANARY,
    )


def has_climbed(record: EscalationRecord) -> bool:
    """Whether it left its level by time, and the next level was told of it."""
    left = any(entry.type == "left_level" and entry.why == "time" for entry in record.timeline)
    told = any(entry.type == "notified" and entry.level > 1 for entry in record.timeline)
    return left and told
