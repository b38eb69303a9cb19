"""What reading a scenario is done with: moments and spans, names that must be known, mistakes."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from escalations.calendars import BusinessTime
from escalations.durations import LONGEST, Duration, Unit
from escalations.model import Instant
from escalations.policy import Policy
from escalations.policy_files.document import Document
from escalations.policy_files.findings import shown
from escalations.policy_files.mistakes import report_mistakes
from escalations.references import Place
from escalations.simulation.moments import moment as parsed
from escalations.snapshot import take

DURATION: Final = "a duration such as 30m, 2h, 3d or 1bd"


class Reading:
    """A file that is being read; its mistakes go into its document."""

    def __init__(self, document: Document, policy: Policy, opened_at: Instant) -> None:
        self.document, self.policy, self.opened_at = document, policy, opened_at
        self.zone = policy.timezone

    def report(self, place: Place, found: str, allowed: str) -> None:
        """Add a mistake."""
        self.document.report(place, found, allowed)

    def moment(self, place: Place, written: object, now: Instant) -> Instant:
        """A moment; `now` where it is none."""
        try:
            return parsed(written, self.zone, now)
        except ValueError as error:
            self.report(place, shown(written), str(error).partition(": write ")[2])
            return now

    def after(self, place: Place, written: object, since: Instant) -> Instant:
        """`30m`, `2h`, `3d` on the clock on the wall; `1bd` on the customer's calendar."""
        try:
            duration = Duration.parse(written if isinstance(written, str) else repr(written))
            if duration > LONGEST[duration.unit]:
                self.report(place, shown(written), f"{LONGEST[duration.unit]} at most")
                return since
            if duration.unit is not Unit.BUSINESS_DAYS:
                return since + timedelta(microseconds=int(duration.amount))
            return self._customer_time.add(since, duration)
        except (ValueError, OverflowError):
            self.report(place, shown(written), DURATION)
            return since

    @cached_property
    def _customer_time(self) -> BusinessTime:
        policy = self.policy
        return BusinessTime.of(
            take(policy, self.opened_at.year).calendars[policy.customer.calendar]
        )

    def one_of(self, place: Place, name: object, known: Iterable[str]) -> None:
        """A name that has to be one of these."""
        known = [str(each) for each in known]
        if name not in known:
            allowed = f"{', '.join(known) or 'none'}{meant(str(name), known)}"
            self.report(place, shown(name), allowed)

    def known_keys(self, place: Place, block: Mapping[str, Any], keys: Iterable[str]) -> None:
        """A block that has these keys and no others."""
        keys = list(keys)
        for key in block:
            if key not in keys:
                found = f"an unknown key{meant(key, keys)}"
                self.report((*place, key), found, ", ".join(keys))

    def mistakes_of(self, place: Place, error: ValidationError, model: type[BaseModel]) -> None:
        """What this model found wrong with a block."""
        report_mistakes(error, _Block(self, place), model)


class _Block:
    """A part of the file, as the findings of a model about it are put down."""

    def __init__(self, reading: Reading, place: Place) -> None:
        self._reading, self._place = reading, place

    def known(self, place: Place) -> Place:
        """All but Pydantic's own names; `hold: vendor` has a `reason` that is not written."""
        return tuple(part for part in place if part != "[key]")

    def report(self, place: Place, found: str, allowed: str) -> None:
        """Add a mistake."""
        self._reading.report((*self._place, *place), found, allowed)


def meant(found: str, known: Iterable[str]) -> str:
    """A hint at what was probably meant; empty if nothing is near."""
    near = get_close_matches(found, list(known), 1)
    return f" (did you mean `{near[0]}`?)" if near else ""
