"""A policy as one JSON document: the levels as they count for a case, and the sheet in words."""

from typing import Any

from escalations.policy_pages.chart import chart
from escalations.policy_pages.levels import priorities_shown
from escalations.policy_pages.mermaid import mermaid
from escalations.policy_pages.sheet import View, sheet
from escalations.snapshot import revision


def document(view: View) -> dict[str, Any]:
    """What a program may want of a policy; words are in the reader's language."""
    policy, page = view.policy, sheet(view)
    return {
        "policy": policy.policy,
        "revision": revision(policy),
        "category": view.category,
        "priority": view.priority,
        "language": view.words.language,
        "levels": [_level(view, n) for n in range(view.first, len(policy.levels) + 1)],
        "sections": [
            {
                "key": each.key,
                "title": each.title,
                "header": list(each.header),
                "rows": [[list(cell) for cell in row] for row in each.rows],
                "notes": list(each.notes),
            }
            for each in page.sections
        ],
        "mermaid": mermaid(chart(view), view.words),
    }


def _level(view: View, number: int) -> dict[str, Any]:
    policy = view.policy
    level = policy.level(number, view.category)
    return {
        "number": number,
        **level.model_dump(mode="json"),
        "contact_name": policy.contacts[level.contact].name,
        "windows": {
            priority: str(level.within * policy.priorities.speed.get(priority, 1))
            for priority in priorities_shown(view)
        },
    }
