"""What every desk does alike, with a server and without."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from escalations.mistakes import RequestMistakes, mistakes
from escalations.policy import Policy
from escalations.policy_file import read
from escalations.request import EscalationRequest
from escalations.simulation.scenario import request_of
from escalations.testing.case import Found, TestedCase

CaseT = TypeVar("CaseT", bound=TestedCase)


class NewestCase(ABC, Generic[CaseT]):
    """Where cases of one policy are opened; its verbs speak to the newest one."""

    def __init__(self, policy: Policy | Path | str) -> None:
        """A desk for a policy, or for its file.

        Raises:
            PolicyInvalid: the file has mistakes; all of them are named.
        """
        self.policy = policy if isinstance(policy, Policy) else read(Path(policy))
        self.cases: list[CaseT] = []

    @property
    def case(self) -> CaseT:
        """The newest case."""
        if not self.cases:
            msg = "Nothing was opened on this desk yet: desk.open(...) opens a case."
            raise LookupError(msg)
        return self.cases[-1]

    @abstractmethod
    def open(self, **said: Any) -> CaseT:
        """Open a case; what the request leaves out is made up."""

    def request(self, at: datetime, said: Mapping[str, Any]) -> EscalationRequest:
        """What opens a case at that moment; what is not said is made up.

        Raises:
            RequestInvalid: fields have mistakes, or the policy does not know them.
        """
        try:
            request = EscalationRequest.model_validate(request_of(self.policy, at, said))
        except ValidationError as error:
            raise RequestMistakes(mistakes(error)) from None
        if problems := request.problems(self.policy):
            raise RequestMistakes(problems)
        return request

    def told(self, who: str, notice: str | None = None) -> Found:
        """See `TestedCase.told`, of the newest case."""
        return self.case.told(who, notice)

    def __getattr__(self, name: str) -> Any:
        """The verbs and facts of the newest case: `desk.reply("…")`, `desk.level`."""
        if name.startswith("_") or not hasattr(TestedCase, name):
            msg = f"A desk has no {name!r}."
            raise AttributeError(msg)
        return getattr(self.case, name)
