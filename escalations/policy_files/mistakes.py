"""What Pydantic finds wrong with a policy, or another file of ours, in the words of its writer.

What is allowed at a place follows from the model's own JSON schema, so that the words cannot say
anything else than the model does.
"""

import re
from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, Protocol

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from escalations.model import Language, Name
from escalations.policy import Policy
from escalations.policy_files.findings import MISSING, shown
from escalations.policy_terms import Address, Grant
from escalations.references import Place
from escalations.rota import Source

NEEDED: Final = {
    "Policy.policy": "the name of this policy, such as `call-centre`",
    "Policy.contacts": "who acts: for each a `name` and how to `reach` them",
    "Policy.levels": "the rungs of the ladder, each with `name`, `contact` and `within`",
    "Contact.name": "what the person or team is called",
    "Rota.calendar": "where the shifts are written: an iCalendar file, or its address",
    "Colleague.reach": 'how they are reached, such as ["mailto:ada@example.com"]',
    "Article.id": "the name of this article, such as `reset-password`",
    "Article.title": "what it is called, for each language, such as {en: Reset your password}",
    "Article.answer": "what the customer is told, for each language",
    "Article.phrases": "the words of a problem that it answers, for each language a list",
    "Calendar.hours": 'when it is open, such as mon-fri: ["09:00-12:30", "13:30-18:00"]',
    "Level.name": "what this level is called, such as `Support manager`",
    "Level.contact": "who acts at this level, one of `contacts`",
    "Level.within": "how long a case may stay at this level, such as `15m..30m` "
    "or `until-resolved`",
    "Trigger.to": "the level it moves a case to: a level's name, or `next`",
    "Survey.within": "how long the customer may take to answer, such as `7d`",
    "RetrospectiveRule.when": "the cases that have one, such as {breached: true}",
}
"""Key → what belongs there; every required one is here."""

PATTERNS: Final = {
    TypeAdapter[Any](kind).json_schema()["pattern"]: words
    for kind, words in (
        (Name, "a name in lower case (letters, digits, `-`, `_`), such as `support-manager`"),
        (Language, "a language tag such as `en`, `fr` or `pt-BR`"),
        (Address, "`mailto:name@example.com` or the URL of a channel, up to 500 characters"),
        (Grant, "an amount such as `100 EUR`, or `any`"),
        (Source, "an iCalendar file such as `rota/first-line.ics`, or its https address"),
    )
}
"""Pattern of a word → the same for people."""

_SAID: Final = re.compile(
    r"""(found\ )?
        ((?: '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | [^'":;] | [:;](?!\ ) )+)
        [:;]\ (.+)""",
    re.X | re.S,
)
"""How our own validators say it: `found 'x': write …`, `it is never open: write …`."""


class Findings(Protocol):
    """Where mistakes are put down: a document, or a part of one."""

    def known(self, place: Place) -> Place:
        """The parts of a place that its writer knows: Pydantic's also contain names of its own."""

    def report(self, place: Place, found: str, allowed: str) -> None:
        """Add one."""


def report_mistakes(
    error: ValidationError, document: Findings, model: type[BaseModel] = Policy
) -> None:
    """Add what the model found to the findings of its document."""
    details = error.errors(include_url=False)
    misspelt = {meant for each in details if (meant := _meant(each, model)) is not None}
    for each in details:
        if each["type"] == "policy_problems":
            for problem in each["ctx"]["problems"]:
                document.report(problem.place, shown(problem.found), problem.allowed)
        elif each["loc"] not in misspelt:
            place, found, allowed = _in_words(each, document.known(each["loc"]), model)
            document.report(place, found, allowed)


def _in_words(error: ErrorDetails, known: Place, model: type[BaseModel]) -> tuple[Place, str, str]:
    place = error["loc"]
    match error["type"]:
        case "missing":
            described = " ".join(_schema(place, model).get("description", "").split())
            allowed = _needed(place, model) or described or _allowed(place, model)
            return place if known == place else (*known, place[-1]), MISSING, allowed
        case "extra_forbidden":
            near = _meant(error, model)
            hint = f" (did you mean `{near[-1]}`?)" if near else ""
            keys = _schema(place[:-1], model)["properties"]
            return known, f"an unknown key{hint}", ", ".join(keys)
        case "value_error":
            return known, *_as_said(error, model)
        case _:
            of_key = "the key " if place[-1:] == ("[key]",) else ""
            value = error["input"]
            return (
                known,
                f"{of_key}{shown(value)}",
                f"{_allowed(place, model)}{_so(place, value, model)}",
            )


def _meant(error: ErrorDetails, model: type[BaseModel]) -> Place | None:
    """The place that an unknown key probably means."""
    if error["type"] != "extra_forbidden":
        return None
    *above, key = error["loc"]
    near = get_close_matches(str(key), _schema(tuple(above), model)["properties"], 1)
    return (*above, near[0]) if near else None


def _as_said(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    """Found and allowed, as a validator of ours said it."""
    said, value = str(error["ctx"]["error"]), error["input"]
    if said.startswith("must "):
        return shown(value), _allowed(error["loc"], model)
    if not isinstance(value, str) and said.startswith(repeated := f"found {value!r}"):
        said = f"found value{said.removeprefix(repeated)}"
    match = _SAID.fullmatch(said)
    if match is None:
        return said.removesuffix(" is not allowed here"), _allowed(error["loc"], model)
    found, allowed = match[2], match[3].removeprefix("write ").removeprefix("it as ")
    other = match[1] and isinstance(value, str) and value not in found  # `0m` is said as `0s`
    return (shown(value) if found == "value" or other or len(found) > 200 else found), allowed


@cache
def _whole(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _schema(place: Place, model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of what belongs at a place; of a key, where the place ends in `[key]`."""
    if place[-1:] == ("[key]",):
        block = _schema(place[:-2], model)
        patterns = [{"pattern": each} for each in block.get("patternProperties", ())]
        return {
            "type": "string",
            **_resolved(block.get("propertyNames", {}), model),
            **dict(*patterns),
        }
    schema = _whole(model)
    for part in place:
        if isinstance(part, int):
            schema = schema.get("items", {})
        elif "properties" in schema:
            schema = schema["properties"].get(part, {})
        else:
            values = [*schema.get("patternProperties", {}).values()]
            schema = values[0] if values else schema.get("additionalProperties", {})
        schema = _resolved(schema, model)
    return schema


def _resolved(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    if "$ref" in schema:
        return dict(_whole(model)["$defs"][schema["$ref"].rpartition("/")[2]])
    return _resolved(schema["anyOf"][0], model) if "anyOf" in schema else schema


def _needed(place: Place, model: type[BaseModel]) -> str | None:
    return NEEDED.get(f"{_schema(place[:-1], model).get('title')}.{place[-1]}") if place else None


def _allowed(place: Place, model: type[BaseModel]) -> str:
    schema = _schema(place, model)
    is_block = schema.get("type") in ("array", "object")
    return (_needed(place, model) if is_block else None) or _words(schema, model)


def _words(schema: dict[str, Any], model: type[BaseModel]) -> str:
    """What a schema allows: `a whole number from 1 to 3`."""
    if "examples" in schema:
        return f"text such as {_either(schema['examples'])}"
    match schema:
        case {"enum": values}:
            return _either(values)
        case {"pattern": pattern} if pattern in PATTERNS:
            return PATTERNS[pattern]
        case {"format": "date-time"}:
            return "a moment with its offset, such as 2026-12-22T16:40+01:00"
        case {"format": "date"}:
            return "a date such as 2026-12-24"
        case {"type": "string"}:
            most = f", up to {schema['maxLength']} characters" if "maxLength" in schema else ""
            return f"text that is not blank{most}"
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "integer" | "number" as kind}:
            number = "a whole number" if kind == "integer" else "a number"
            above = f" above {schema['exclusiveMinimum']:g}" if "exclusiveMinimum" in schema else ""
            least = f" from {schema['minimum']:g}" if "minimum" in schema else ""
            most = f" up to {schema['maximum']:g}" if "maximum" in schema else ""
            return f"{number}{above}{least}{most}"
        case {"type": "array"}:
            item = _words(_resolved(schema.get("items", {}), model), model)
            return f"a list{_how_many(schema)}, each {item}"
        case {"properties": properties}:
            return f"a block with the keys {', '.join(properties)}"
        case _:
            return "a block of `key: value`"


def _either(values: list[str]) -> str:
    *others, last = [f"`{value}`" for value in values]
    return f"{', '.join(others)} or {last}" if others else last


def _how_many(schema: dict[str, Any]) -> str:
    least, most = schema.get("minItems", 0), schema.get("maxItems")
    if least == most:
        return f" of {least}"
    return (f" of at least {least}" if least else "") + (f" of at most {most}" if most else "")


def _so(place: Place, value: object, model: type[BaseModel]) -> str:
    """How to write a value of the wrong type that was probably meant."""
    schema = _schema(place, model)
    match schema.get("type"), value:
        case "string", str() if near := _near(value, schema.get("enum", ())):
            return f" (did you mean `{near[0]}`?)"
        case "object", None if "required" not in schema and not _needed(place, model):
            return ", or {} where there is nothing to say"
        case "string", bool() | int() | float() | date():
            text = str(value).lower()
            return f', in quotes: "{text}"' if _is_text_for(schema, text) else ""
        case "array", str() if value and len(value) < 40 and value.isprintable():
            item = _resolved(schema.get("items", {}), model)
            return f", in brackets: [{value}]" if _is_text_for(item, value) else ""
        case _:
            return ""


def _near(text: str, known: Sequence[str]) -> list[str]:
    """What was probably meant of these; capitals are no difference."""
    return [each for each in known if each.casefold() == text.casefold()] or get_close_matches(
        text, known, 1
    )


def _is_text_for(schema: dict[str, Any], text: str) -> bool:
    """Whether a text could stand where the schema counts."""
    return (
        "format" not in schema
        and text in schema.get("enum", [text])
        and re.search(schema.get("pattern", ""), text) is not None
        and schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text))
    )
