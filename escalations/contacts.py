"""Who acts on a case and who is informed, as the policy writes it."""

from typing import Self

from pydantic import Field, model_validator

from escalations.calendars import Zone
from escalations.model import Language, Line, Name, Value
from escalations.policy_terms import Address, Priority
from escalations.quiet_hours import QuietHours
from escalations.rota import Rota


class Contact(Value):
    """Who acts: a person or a team (D6, D21)."""

    name: Line
    reach: list[Address] = Field(default=[], max_length=10)
    """Addresses, tried in order until one delivers; beside a `rota`, where it cannot be read."""
    rota: Rota | None = None
    """Who is on call; then these people are told, and not the contact itself."""
    quiet_hours: QuietHours | None = None
    """When nothing is sent to them unless the case is P1; it waits until these hours end."""
    language: Language | None = None
    """The language they are written to in; the policy's first one if absent."""
    timezone: Zone | None = None
    """The zone their times are shown in and their quiet hours count in; the policy's if absent."""

    @model_validator(mode="after")
    def _is_reached(self) -> Self:
        if not self.reach and self.rota is None:
            msg = "found neither `reach` nor `rota`; write how they are reached, or who is on call"
            raise ValueError(msg)
        return self


class Stakeholder(Value):
    """Who is informed and not asked to act (A7): a contact, or a role that the request fills."""

    role: Name | None = None
    contact: Name | None = None
    priorities: list[Priority] = Field(default=list(Priority), min_length=1)
    """The priorities of the cases they are told of; all if absent."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.role is None) == (self.contact is None):
            found = "neither `role` nor `contact`" if self.role is None else "`role` and `contact`"
            msg = f"found {found}; write `role` (the request names the person) or `contact`"
            raise ValueError(msg)
        return self
