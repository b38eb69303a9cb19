"""The checklist that yields the priority from nature and customer (C30)."""

from escalations.policy import Grade, Policy, Priority
from escalations.request import EscalationRequest


def priority_of(request: EscalationRequest, policy: Policy) -> Priority:
    """The request's own priority, or impact × urgency, raised for the customer's tier."""
    if request.priority is not None:
        return request.priority
    row = policy.priorities.matrix[request.impact]
    steps = policy.priorities.raise_for_tier.get(request.customer.tier or "", 0)
    return row[list(Grade).index(request.urgency)].raised(steps)
