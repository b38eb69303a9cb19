"""Moments and spans as a reader at a terminal takes them in."""

from datetime import datetime, timedelta

from escalations.clock import Deadline
from escalations.sentences import words_of


def local(at: datetime) -> str:
    """A moment on this machine's clock: `Mon 23 Nov 15:00 CET`."""
    return at.astimezone().strftime("%a %d %b %H:%M %Z")


def span(length: timedelta) -> str:
    """How long, in the two largest units that matter: `12 min`, `3 h 5 min`, `4 d 2 h`."""
    minutes = int(abs(length).total_seconds() // 60)
    if not minutes:
        return f"{int(abs(length).total_seconds())} s"
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"


def due_in(at: datetime, now: datetime) -> str:
    """`in 12 min`, `12 min overdue`."""
    return f"in {span(at - now)}" if at >= now else f"{span(now - at)} overdue"


def ago(at: datetime, now: datetime) -> str:
    """`2 h ago`."""
    return f"{span(now - at)} ago" if at <= now else f"in {span(at - now)}"


def next_step(due: Deadline, level: int, level_name: str) -> str:
    """What happens then, where only the present level is known: `Level 2 → 3`."""
    said: str = words_of("en").NEXT[due.then]
    named = said.format(name=level_name, level=level, next_level=level + 1, next_name="")
    return named.rstrip(": ")
