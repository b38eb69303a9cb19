"""What is said of every tool alike."""

from escalations.importing.ladders import Ladder


def acknowledged(ladder: Ladder, title: str, steps: str = "") -> None:
    """Here an acknowledgement does not stop the climb (D7)."""
    why = (
        f"In {title} nobody further is asked once somebody has acknowledged{steps}. Here an "
        "acknowledgement says who is working on it and stops the reminder; the case still goes "
        "to the next level when its time is up, because the customer still has the problem."
    )
    advice = (
        "Tell the people of the upper levels that they will hear of cases somebody is working "
        "on. Where that comes too early, make the window longer; a case that waits for others is "
        "put on hold, a solved one is resolved."
    )
    ladder.part.lost("Acknowledging stops the escalation", why, advice)


def belongs_to(ladder: Ladder, field: str, what: str) -> None:
    """Teams and services that an escalation belongs to."""
    why = f"A policy here belongs to no {what}: whoever opens a case names the policy."
    advice = f"Let what opens the cases of that {what} name this policy."
    ladder.part.leave(field, why, advice, f"The {what}s that use it ({field})")


PERSONAL_RULES = (
    "Here everybody is told at once by the first address that takes the message; people have no "
    "rules of their own.",
    "Put the addresses under `reach` into the order in which they should be tried.",
)
"""Why personal notification rules are left, and what to do."""

ROTATION = (
    "Here the shifts themselves are not written into the policy; they are read from the calendar.",
    "Keep the calendar where it is, or export it as an iCalendar file and name that.",
)
"""Why the turns of a rota are left, and what to do."""

LEVEL_OF_PRIVILEGE = (
    "Who may change what is decided where the policy files are kept.",
    "Nothing to do here.",
)
"""Why roles of accounts are left, and what to do."""
