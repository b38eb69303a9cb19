"""The two kinds of models, and the words they are made of.

Text is normalised (NFC) and refused where it would forge another line or direction on a screen:
control characters, lone surrogates, bidirectional overrides.
"""

import re
import unicodedata
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache, partial
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

_CONFIG = ConfigDict(extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


class Value(BaseModel):
    """Something said or written: never changes, refuses fields it does not know."""

    model_config = ConfigDict(**_CONFIG, frozen=True)


class State(BaseModel):
    """Something that changes, and that only its one owner changes."""

    model_config = ConfigDict(**_CONFIG)

    # Its owner is believed, and the type checker knows its fields: set past pydantic. Python takes
    # the short way to a field only where deleting one is the plain object's, too.
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__


Made = TypeVar("Made", bound=BaseModel)
_new = object.__new__
_put_state, _put_set, _put_extra, _put_private = (  # where a model keeps these, without a look-up
    BaseModel.__dict__[name].__set__
    for name in (
        "__dict__",
        "__pydantic_fields_set__",
        "__pydantic_extra__",
        "__pydantic_private__",
    )
)


def made(model: type[Made], /, **parts: Any) -> Made:
    """A value of parts that were all checked before, as the engine's are: nothing is checked again.

    It is the value that `model(**parts)` would be, for a tenth of its time, and whole: all its
    fields count as set. Who gives all of them gives them in their order. The domain tests check
    each of these values (`tests/domain/conftest.py`).
    """
    plain, fresh, fields = _defaults(model)
    if len(parts) < len(fields):
        for name, factory in fresh:
            if name not in parts:
                parts[name] = factory()
        parts = {**plain, **parts}
    value = _new(model)
    _put_state(value, parts)
    _put_set(value, fields)
    _put_extra(value, None)
    _put_private(value, None)
    return value


def remade(value: Made, /, **parts: Any) -> Made:
    """The same value but for these parts, which were checked before; like `made`, it is whole."""
    other = _new(type(value))
    _put_state(other, {**value.__dict__, **parts})
    _put_set(other, _defaults(type(value))[2])
    _put_extra(other, None)
    _put_private(other, None)
    return other


@cache
def _defaults(model: type[BaseModel]) -> tuple[dict[str, Any], list[tuple[str, Any]], set[str]]:
    """Every field in its order with its default; name and what makes a fresh one, for the rest.

    And the names of all; one set for all values, since pydantic copies it where it copies them.
    """
    plain: dict[str, Any] = dict.fromkeys(model.model_fields)
    fresh = []
    for name, field in model.model_fields.items():
        if field.default_factory is not None:
            fresh.append((name, field.default_factory))
        elif isinstance(field.default, list | dict | set):
            default = field.default
            fresh.append((name, partial(deepcopy, default) if default else type(default)))
        elif not field.is_required():
            plain[name] = field.default
    return plain, fresh, set(model.model_fields)


_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Unicode's Cc, Zl, Zp and Cs, and the bidirectional overrides and isolates."""


def _refuse_unprintable(text: str, allowed: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    for found in _UNPRINTABLE.finditer(text):
        if found[0] not in allowed:
            where = f"U+{ord(found[0]):04X} at position {found.start()}"
            msg = f"character {where} is not allowed here"
            raise ValueError(msg)
    return unicodedata.normalize("NFC", text)


def _one_line(text: str) -> str:
    text = _refuse_unprintable(text, "").strip()
    if not text:
        msg = "must not be blank"
        raise ValueError(msg)
    return text


def _lines(text: str) -> str:
    return _refuse_unprintable(text.replace("\r\n", "\n"), "\n\t").strip()


def _spoken(text: str) -> str:
    text = _lines(text)
    if not text:
        msg = "must not be blank"
        raise ValueError(msg)
    return text


Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""One line of text, 1–200 characters."""

Text = Annotated[str, Field(max_length=20_000), AfterValidator(_lines)]
"""Some lines of text, possibly none, up to 20,000 characters."""

Words = Annotated[str, Field(min_length=1, max_length=20_000), AfterValidator(_spoken)]
"""Something that was really said: 1–20,000 characters, not blank."""

CaseId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:\-]{1,100}$")]
"""The case's id in the caller's system: 1–100 of letters, digits, `.`, `_`, `:`, `-`."""

MessageId = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
"""What makes a repeated message recognisable; a repeated one changes nothing."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]{0,63}$")]
"""A key of the policy language: lower case, digits, `-` and `_`, up to 64 characters."""

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
"""A language tag such as `en`, `fr`, `fi` or `pt-BR`."""


def _in_utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment, RFC 3339 with offset; kept in UTC."""


def utc(at: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: `at` is naive; the caller gives it its zone.
    """
    if at.tzinfo is None:
        msg = f"{at.isoformat()} has no time zone: give an offset, such as {at.isoformat()}Z"
        raise ValueError(msg)
    return _in_utc(at)


def printable(text: str, at_most: int) -> str:
    """Something that came from anywhere, as one line fit for a timeline."""
    line = " ".join(text.split())
    return "".join(mark if mark.isprintable() else "�" for mark in line)[:at_most]
