"""Moments, spans and lists as a support lead reads them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from escalations.opening_hours import clocks_change, zone


def moment(at: datetime, timezone: str) -> str:
    """`Wed 23 Dec 2026 18:00`, in that zone; with its name where the clocks change that day."""
    named = " %Z" if clocks_change(at, timezone) else ""
    return at.astimezone(zone(timezone)).strftime(f"%a %d %b %Y %H:%M{named}")


def weekday(at: datetime, timezone: str) -> str:
    """`Fri 17:00`, in that zone."""
    return f"{at.astimezone(zone(timezone)):%a %H:%M}"


def span(amount: timedelta) -> str:
    """`4 days 15 h`, `5 h`, `7 min`: to its two largest units."""
    minutes = round(amount / timedelta(minutes=1))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    said = [
        f"{days} day{'s' if days != 1 else ''}" if days else "",
        f"{hours} h" if hours else "",
        f"{rest} min" if rest else "",
    ]
    return " ".join(list(filter(None, said))[:2]) or "no time"


def hours(amount: timedelta) -> str:
    """`24 h`, `7.5 h`."""
    return f"{amount / timedelta(hours=1):,.1f}".removesuffix(".0") + " h"


def listed(names: Iterable[str], most: int = 4) -> str:
    """`a`, `b` and 3 more."""
    all_ = [f"`{name}`" for name in names]
    more = [f"{len(all_) - most} more"] if len(all_) > most + 1 else []
    shown = [*all_[: most if more else None], *more]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
