"""What a policy refers to must exist: contacts, calendars, levels, triggers, languages.

Works on the policy as plain data and passes over what is malformed, so that all mistakes of a file
are found at once, the malformed and the dangling ones.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

Place = tuple[str | int, ...]

_ALWAYS = ("always", {"hours": {"mon-sun": ["00:00-24:00"]}, "holidays": {"dates": []}})
"""The calendar that is there without being written, as a file and as JSON have it."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where, what was found, what is allowed."""

    place: Place
    """Keys and indexes from the top of the policy, such as `("levels", 2, "contact")`."""
    found: str
    allowed: str

    def __str__(self) -> str:
        """One line for a reader: `levels.2.contact: found 'boss'; allowed: …`."""
        return f"{'.'.join(map(str, self.place))}: found {self.found!r}; allowed: {self.allowed}"


def problems(policy: dict[str, Any]) -> list[Problem]:
    """Every reference in this policy that leads nowhere, in the order of the keys."""
    return list(_References(policy).problems())


class _References:
    def __init__(self, policy: dict[str, Any]) -> None:
        self.policy = policy
        self.names: dict[str, list[str] | None] = {
            "contact": _keys(policy.get("contacts")) or None,
            "calendar": _keys(policy.get("calendars", {}), "always"),
            "category": _keys(policy.get("categories", {})),
            "trigger": _keys(policy.get("triggers", {})),
            "level": _level_names(policy.get("levels")) or None,
            "language": _texts(policy.get("languages", ["en"])) or None,
        }
        """Kind of thing → those there are; None where what has them is absent or malformed."""

    def problems(self) -> Iterator[Problem]:
        yield from self.of_calendars()
        yield from self.of_contacts()
        for key in ("escalation_manager", "fallback"):
            yield from self.one_of((key,), self.policy.get(key), "contact")
        for n, stakeholder in enumerate(_sequence(self.policy.get("stakeholders"))):
            contact = _mapping(stakeholder).get("contact")
            yield from self.one_of(("stakeholders", n, "contact"), contact, "contact")
        yield from self.of_levels()
        yield from self.of_triggers()
        yield from self.of_categories()
        yield from self.of_articles()
        for key in ("customer", "retrospective"):
            calendar = _mapping(self.policy.get(key)).get("calendar")
            yield from self.one_of((key, "calendar"), calendar, "calendar")
        when = _mapping(_mapping(self.policy.get("retrospective")).get("when"))
        yield from self.one_of(("retrospective", "when", "level"), when.get("level"), "level")

    def of_calendars(self) -> Iterator[Problem]:
        always = _mapping(self.policy.get("calendars")).get("always", "always")
        if always not in _ALWAYS:
            place = ("calendars", "always")
            yield Problem(place, "other hours", "always; hours of one's own have another name")

    def of_contacts(self) -> Iterator[Problem]:
        for name, contact in _mapping(self.policy.get("contacts")).items():
            language = _mapping(contact).get("language")
            yield from self.one_of(("contacts", name, "language"), language, "language")

    def of_levels(self) -> Iterator[Problem]:
        above: set[str] = set()
        for n, level in enumerate(_sequence(self.policy.get("levels"))):
            place = ("levels", n)
            yield from self.of_level(place, _mapping(level))
            name = _mapping(level).get("name")
            if not isinstance(name, str):
                continue
            if _same(name) in above:
                yield Problem((*place, "name"), name, "a name that no other level has")
            if _same(name) == "next":
                yield Problem((*place, "name"), name, "another name: `to: next` is the level above")
            above.add(_same(name))

    def of_level(self, place: Place, level: dict[str, Any]) -> Iterator[Problem]:
        yield from self.one_of((*place, "contact"), level.get("contact"), "contact")
        yield from self.one_of((*place, "calendar"), level.get("calendar"), "calendar")
        for n, trigger in enumerate(_sequence(level.get("leaves_on"))):
            yield from self.one_of((*place, "leaves_on", n), trigger, "trigger")

    def of_triggers(self) -> Iterator[Problem]:
        for name, trigger in _mapping(self.policy.get("triggers")).items():
            place = ("triggers", name)
            yield from self.one_of((*place, "to"), _mapping(trigger).get("to"), "level", "next")
            for language in _mapping(_mapping(trigger).get("phrases")):
                yield from self.one_of((*place, "phrases", language), language, "language")

    def of_categories(self) -> Iterator[Problem]:
        for name, category in _mapping(self.policy.get("categories")).items():
            place = ("categories", name)
            yield from self.one_of((*place, "start"), _mapping(category).get("start"), "level")
            for level, cell in _mapping(_mapping(category).get("levels")).items():
                yield from self.one_of((*place, "levels", level), level, "level")
                yield from self.of_level((*place, "levels", level), _mapping(cell))

    def of_articles(self) -> Iterator[Problem]:
        for n, article in enumerate(_sequence(self.policy.get("knowledge"))):
            place = ("knowledge", n)
            for key in ("title", "answer", "phrases"):
                for language in _mapping(_mapping(article).get(key)):
                    yield from self.one_of((*place, key, language), language, "language")
            for m, category in enumerate(_sequence(_mapping(article).get("categories"))):
                yield from self.one_of((*place, "categories", m), category, "category")

    def one_of(self, place: Place, found: Any, kind: str, *besides: str) -> Iterator[Problem]:
        names = self.names[kind]
        if names is None or not isinstance(found, str):
            return
        known = {_same(name): name for name in (*besides, *names)}
        if _same(found) not in known:
            near = get_close_matches(_same(found), known, 1)
            hint = f"; did you mean `{known[near[0]]}`?" if near else ""
            allowed = f"a {kind} of this policy ({', '.join(known.values()) or 'it has none'})"
            yield Problem(place, found, f"{allowed}{hint}")


def _same(name: str) -> str:
    """As a model keeps it: `Équipe` is the same name however its accent is encoded."""
    return unicodedata.normalize("NFC", name).strip()


def _keys(value: Any, *besides: str) -> list[str] | None:
    return [*besides, *map(str, value)] if isinstance(value, dict) else None


def _texts(value: Any) -> list[str] | None:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else None


def _level_names(levels: Any) -> list[str] | None:
    names = [_mapping(level).get("name") for level in levels] if isinstance(levels, list) else None
    return _texts(names)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else []
