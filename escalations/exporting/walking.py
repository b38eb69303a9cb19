"""Our models, told again with pseudonyms.

Every string is replaced unless it is known to say nothing of anybody: a code, a moment, a zone, a
word of the matrix. So a field that is new tomorrow is hidden until somebody says that it may show.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from escalations.events import RejectResolution, SetPriority, Withdraw
from escalations.exporting.kinds import KEYS, KINDS, OTHERWISE
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.histories.reading import SAID
from escalations.policy import Policy
from escalations.snapshot import Snapshot, revision

_WORDS: Final = (Withdraw, RejectResolution, SetPriority)


def words_of(policy: Policy) -> Iterator[str]:
    """The matrix's own words: of levels, triggers, actions, categories, roles, tiers, calendars."""
    for level in policy.levels:
        yield level.name
        yield from (*level.actions, *level.leaves_on, *level.may_grant)
    for category in policy.categories.values():
        for cell in category.levels.values():
            yield from (*(cell.actions or ()), *(cell.leaves_on or ()), *(cell.may_grant or ()))
    yield from (*policy.triggers, *policy.categories, *policy.calendars)
    yield from policy.priorities.raise_for_tier
    yield from (each.role for each in policy.stakeholders if each.role is not None)
    yield from (each.id for each in policy.knowledge)
    yield from SAID
    yield from (each.replace("_", " ") for each in SAID)


class Walker:
    """Tells models again."""

    def __init__(self, pseudonyms: Pseudonyms, case: str) -> None:
        self.pseudonyms = pseudonyms
        self._case = case

    def learn(self, policy: Policy) -> None:
        """Keep the words of this matrix; give its contacts their pseudonyms, as keys that they are.

        Whoever signs with a contact's key is that contact wherever they do.
        """
        self.pseudonyms.keep(*words_of(policy))
        for contact in policy.contacts:
            self.pseudonyms.name(contact, "contact")

    def model(self, model: Any) -> Any:
        """The same model with pseudonyms, checked."""
        told = {
            name: self.value(getattr(model, name), self._kind(model, name), name)
            for name in type(model).model_fields
        }
        if isinstance(model, Snapshot):
            told["revision"] = self.pseudonyms.revision(model.revision, revision(told["policy"]))
        return type(model).model_validate(told)

    @staticmethod
    def _kind(model: BaseModel, name: str) -> str:
        if name == "why" and isinstance(model, _WORDS):
            return "text"
        return Walker.kind_of(type(model), name)

    @staticmethod
    def kind_of(model: type[BaseModel], name: str) -> str:
        """What stands in a field."""
        return OTHERWISE.get(f"{model.__name__}.{name}", KINDS.get(name, "text"))

    def value(self, value: Any, kind: str, field: str) -> Any:
        """What stands in a field of that kind."""
        match value:
            case BaseModel():
                return self.model(value)
            case dict():
                keys = KEYS.get(field, "code")
                return {self.string(key, keys): self.value(v, kind, "") for key, v in value.items()}
            case list() | tuple():
                return type(value)(self.value(each, kind, "") for each in value)
            case str() if type(value) is str:
                return self.string(value, kind)
            case _:
                return value

    def string(self, text: str, kind: str) -> str:
        """One string of that kind; nothing and enumerated values stay what they are."""
        if not text or kind == "code" or type(text) is not str:
            return self._code(text)
        given, case = self.pseudonyms, self._case
        match kind:
            case "text":
                return given.text(text)
            case "person" | "contact":
                return self._who(text, kind)
            case "level":
                return text if given.knows(text) or text == "next" else given.text(text)
            case "word" | "channel":
                return given.name(text, kind)
            case "policy":
                return given.name(text, "policy")
            case "reference":
                name, _, found = text.partition("@")
                return f"{given.name(name, 'policy')}@{given.revision(found)}"
            case "address":
                return given.address(text)
            case "link":
                return given.link(text)
            case "rota":
                return given.rota(text)
            case "participant":
                kind_, _, who = text.partition(":")
                return f"{kind_}:{self._who(who, 'person')}"
            case "key" | "workflow_id":
                head, slash, rest = text.partition("/")
                if head == case:
                    return f"{self.case}{slash}{rest}"
                if head in ("escalation", "retrospective"):
                    return f"{head}/{self.case}"
                return given.id(text)
            case "case":
                return given.id(text, "case")
            case _:
                return given.id(text)

    @property
    def case(self) -> str:
        """The case's pseudonym."""
        return self.pseudonyms.id(self._case, "case")

    def _code(self, text: str) -> str:
        """A code of ours; a trigger in it that the matrix does not know is none."""
        head, colon, name = text.partition(":") if type(text) is str else (text, "", "")
        if head == "trigger" and colon and re.fullmatch(r"[a-z0-9_\-]+", name):
            return f"trigger:{self.pseudonyms.name(name, 'word')}"
        return text

    def _who(self, who: str, kind: str) -> str:
        """A person or a contact: `<contact>/<who>` of somebody on call part by part."""
        contact, slash, somebody = who.partition("/")
        if slash:
            return f"{self._who(contact, 'contact')}/{self.pseudonyms.person(somebody)}"
        if who == "customer" or self.pseudonyms.knows(who):
            return who
        if kind == "contact":
            return self.pseudonyms.name(who, "contact")
        return self.pseudonyms.person(who)
