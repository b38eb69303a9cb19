"""What a filter's value means: levels, lengths of time, moments."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

_LEVELS: Final = re.compile(r"(?:(\d{1,3})|(\d{1,3})\.\.(\d{1,3})|(\d{1,3})\.\.|\.\.(\d{1,3}))")
_MOST: Final = timedelta(days=36_500)


def levels(text: str) -> dict[str, Any]:
    """`3`, `3..5`, `3..`, `..2` as fields of a search.

    Raises:
        ValueError: nothing of the kind.
    """
    found = _LEVELS.fullmatch(text.strip())
    if found is None:
        msg = "a level or a range of them: 3, 3..5, 3.. or ..2"
        raise ValueError(msg)
    one, first, last, least, most = (None if each is None else int(each) for each in found.groups())
    if one is not None:
        return {"level": one}
    asked = {
        "level_from": least if first is None else first,
        "level_to": most if last is None else last,
    }
    return {name: level for name, level in asked.items() if level is not None}


def length(text: str) -> timedelta:
    """A length of time by the clock on the wall: `45s`, `15m`, `2h`, `1h30m`, `3d`, `1w`.

    Raises:
        ValueError: nothing of the kind; business days are of a calendar, and a list has none.
    """
    from escalations.durations import Duration, Unit

    allowed = "a time such as 45s, 15m, 2h, 1h30m, 3d or 1w"
    try:
        duration = Duration.parse(text.strip())
    except ValueError:
        raise ValueError(allowed) from None
    if duration.unit is Unit.BUSINESS_DAYS:
        msg = f"{allowed}, by the clock on the wall: a list knows no calendar"
        raise ValueError(msg)
    if duration.amount > _MOST / timedelta(microseconds=1):
        msg = f"{allowed}; a hundred years at most"
        raise ValueError(msg)
    return timedelta(microseconds=int(duration.amount))


def moment(text: str, now: datetime) -> datetime:
    """`2026-11-23`, `2026-11-23T09:00` (this machine's clock), with an offset, or `3d` ago.

    Raises:
        ValueError: nothing of the kind.
    """
    try:
        at = datetime.fromisoformat(text.strip())
        return at.astimezone() if at.tzinfo is None else at
    except (ValueError, OverflowError, OSError):
        pass
    try:
        return now - length(text)
    except (ValueError, OverflowError):
        msg = "a day or moment such as 2026-11-23 or 2026-11-23T09:00+01:00, or 3d for 3 days ago"
        raise ValueError(msg) from None
