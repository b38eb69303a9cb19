"""The same matrix, sped up: what takes days there is seen within a minute."""

from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel

from escalations import policy_file
from escalations.durations import Duration, Unit, Window
from escalations.policy import Policy

BUSINESS_DAY: Final = timedelta(hours=8)
"""What a business day counts as, once every calendar is always open."""
MEETINGS: Final = "meetings"
"""The calendar that keeps its hours: people do not meet in a fraction of a second."""
_MICROSECOND: Final = timedelta(microseconds=1)


def sped_up(policy: Policy, hour: timedelta) -> Policy:
    """This policy with every span shortened such that an hour lasts `hour`, and always open.

    Levels, contacts, triggers and categories stay as they are, and so does the retrospective's
    meeting: it gets a calendar of its own with the hours that it had.
    """
    factor = Fraction(hour // _MICROSECOND, timedelta(hours=1) // _MICROSECOND)
    parts = {name: _shrunk(part, factor) for name, part in policy}
    changed: dict[str, Any] = {
        "calendars": dict.fromkeys(policy.calendars, policy.calendars["always"])
    }
    if policy.retrospective is not None:
        changed["calendars"][MEETINGS] = policy.calendars[policy.retrospective.calendar]
        changed["retrospective"] = policy.retrospective.model_copy(update={"calendar": MEETINGS})
    return policy.model_copy(update=parts | changed)


def write(policy: Policy, folder: Path) -> Policy:
    """Write it as a policy file, and read it back as a worker will.

    Raises:
        PolicyError: the file has mistakes.
    """
    path = folder / f"{policy.policy}.yaml"
    data = policy.model_dump(mode="json", exclude_defaults=True)
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), "utf-8")
    return policy_file.read(path)


def _shrunk(value: Any, factor: Fraction) -> Any:
    match value:
        case Duration():
            return _short(value, factor)
        case Window():
            return Window(
                value.remind and _short(value.remind, factor),
                value.leave and _short(value.leave, factor),
            )
        case BaseModel():
            parts = {name: _shrunk(part, factor) for name, part in value}
            return value.model_copy(update=parts)
        case dict():
            return {key: _shrunk(part, factor) for key, part in value.items()}
        case list():
            return [_shrunk(part, factor) for part in value]
        case _:
            return value


def _short(span: Duration, factor: Fraction) -> Duration:
    """So much shorter, in open time, which on a calendar that is always open is all time."""
    if span.unit is Unit.BUSINESS_DAYS:
        hours = BUSINESS_DAY // _MICROSECOND * Fraction(span.amount)
    else:
        hours = Fraction(span.amount)
    return Duration(Unit.HOURS, max(1, round(hours * factor)))
