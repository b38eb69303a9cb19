"""Moments as logs write them: ISO 8601, counted from 1970, or by a pattern of one's own."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from escalations.calendars import zone
from escalations.open_year import EPOCH

_FIRST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_LAST: Final = datetime(2190, 1, 1, tzinfo=UTC)
_PROBE: Final = datetime(2026, 11, 22, 9, 45, 30, tzinfo=UTC)
_COUNTED: Final = {"epoch-seconds": 1_000_000, "epoch-milliseconds": 1_000}
_LENGTHS: Final = {"Y": "4", "m": "1,2", "d": "1,2", "H": "1,2", "M": "1,2", "S": "1,2"}
"""Directive of `strptime` that stands for a number → its digits."""
CACHED: Final = 4096
"""Texts whose moments are kept: a log repeats them."""

Reader = Callable[[str], datetime | None]
"""The moment that a text says, in UTC; `None` if it says none."""


def known_format(pattern: str) -> str:
    """`iso`, `epoch-seconds`, `epoch-milliseconds`, or a pattern with a date such as `%d/%m/%Y`.

    Raises:
        ValueError: it is none of these.
    """
    if pattern == "iso" or pattern in _COUNTED:
        return pattern
    try:
        read = datetime.strptime(_PROBE.strftime(pattern), pattern).date()  # noqa: DTZ007
    except ValueError:
        read = None
    if read != _PROBE.date():
        msg = (
            f"found {pattern!r}: write iso, epoch-seconds, epoch-milliseconds, or a pattern with "
            "a whole date such as %d/%m/%Y %H:%M"
        )
        raise ValueError(msg)
    return pattern


def reader(formats: Sequence[str], zone_name: str) -> Reader:
    """What reads moments of these formats; one without an offset is meant in that zone."""
    local = zone(zone_name)
    parsers = [_parser(each) for each in formats]

    @lru_cache(maxsize=CACHED)
    def read(text: str) -> datetime | None:
        for parse in parsers:
            try:
                moment = parse(text)
                if moment.tzinfo is None:
                    moment = moment.replace(tzinfo=local)
                moment = moment.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
            if _FIRST <= moment <= _LAST:
                return moment
        return None

    return read


def _parser(pattern: str) -> Callable[[str], datetime]:
    if pattern == "iso":
        return datetime.fromisoformat
    if pattern in _COUNTED:
        return lambda text: EPOCH + timedelta(microseconds=float(text) * _COUNTED[pattern])
    numbers = _numbers(pattern)
    if numbers is None:
        return lambda text: datetime.strptime(text, pattern)  # noqa: DTZ007
    return numbers


def _numbers(pattern: str) -> Callable[[str], datetime] | None:
    """What reads a pattern of whole numbers only, in a fifth of the time that `strptime` takes."""
    parts = re.split(r"%(.)", pattern)
    directives = parts[1::2]
    if len(set(directives)) < len(directives) or not _LENGTHS.keys() >= set(directives):
        return None
    wanted = [each for each in "YmdHMS" if each in directives]
    if wanted != list("YmdHMS")[: len(wanted)]:
        return None
    looks = "".join(
        f"(?P<{part}>[0-9]{{{_LENGTHS[part]}}})" if n % 2 else re.escape(part)
        for n, part in enumerate(parts)
    )
    match = re.compile(looks).fullmatch

    def read(text: str) -> datetime:
        if (found := match(text)) is None:
            msg = f"{text!r} is not written {pattern}"
            raise ValueError(msg)
        return datetime(*map(int, found.group(*wanted)))  # type: ignore[arg-type]  # noqa: DTZ001

    return read
