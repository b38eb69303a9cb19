"""A comparison as Markdown and as a JSON document."""

from typing import Any, Final

from escalations.policy_pages.comparison import Comparison
from escalations.policy_pages.markdown_page import escaped

NOTHING: Final = "Nothing changes: both mean the same."


def equal_line(comparison: Comparison) -> str:
    """What stays as it was, in one line."""
    return f"As before: {', '.join(comparison.equal)}." if comparison.equal else ""


def as_markdown(comparison: Comparison) -> str:
    """For a merge request: a heading a part, an item a change."""
    lines = [f"# {escaped(comparison.before)} → {escaped(comparison.after)}", ""]
    if not comparison.changes:
        return "\n".join([*lines, NOTHING, ""])
    for part, changes in comparison.found.items():
        if changes:
            lines += [f"## {part.capitalize()}", ""]
            for change in changes:
                lines.append(f"- {escaped(change.text)}")
                lines += [f"  - {escaped(detail)}" for detail in change.details]
            lines.append("")
    return "\n".join([*lines, escaped(equal_line(comparison)), ""])


def as_document(comparison: Comparison) -> dict[str, Any]:
    """For a program."""
    return {
        "before": comparison.before,
        "after": comparison.after,
        "equal": not comparison.changes,
        "changes": [
            {
                "part": part,
                "text": change.text,
                "details": list(change.details),
                "categories": None if change.categories is None else list(change.categories),
                "priorities": None if change.priorities is None else list(change.priorities),
                "keys": [".".join(path) for path in change.covers],
            }
            for part, changes in comparison.found.items()
            for change in changes
        ],
        "as_before": comparison.equal,
    }
