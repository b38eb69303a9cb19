"""YAML as people write it: what its words mean, and what is wrong where it is none.

Scalars mean what they look like (YAML 1.2): `no`, `on` and `12:30` are text, 2026-12-24 is a date.
PyYAML alone reads YAML 1.1, in which the language `no` is false and 12:30 is the number 750.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from escalations.policy_files.findings import Finding

MAX_DEPTH: Final = 30
"""Blocks within blocks."""

_TAG: Final = "tag:yaml.org,2002:"


def _integer(text: str) -> int:
    return int(text, 0 if text[:2] in ("0o", "0x") else 10)


def _float(text: str) -> float:
    return float(text.replace(".", "", 1) if text[-1] in "fFnN" else text)


SCALARS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    _TAG + tag: (looks, means)
    for tag, looks, means in (
        ("null", r"~|null|Null|NULL|", lambda text: None),
        ("bool", r"true|True|TRUE|false|False|FALSE", lambda text: text.lower() == "true"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", _integer),
        (
            "float",
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            _float,
        ),
        ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date.fromisoformat),
        ("merge", r"<<", str),
        ("str", r"(?s:.*)", str),
    )
}
"""Tag → what it looks like, and what it means. The first that fits holds."""

BLOCKS: Final[dict[type[Node], str]] = {MappingNode: f"{_TAG}map", SequenceNode: f"{_TAG}seq"}

_PATTERNS: Final = [(tag, re.compile(looks)) for tag, (looks, _) in SCALARS.items()]


class _Loader(yaml.SafeLoader):
    """Composes nodes, bounded; nothing is constructed with it."""

    depth = 0

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> Any:
        if kind is ScalarNode and implicit[0]:
            return next(tag for tag, pattern in _PATTERNS if pattern.fullmatch(value))
        return self.DEFAULT_SCALAR_TAG if kind is ScalarNode else BLOCKS[kind]

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        if self.depth == MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="nested too deep", problem_mark=self.get_mark())
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def compose(text: str, file: str) -> Node | Finding | None:
    """The tree of a text with one document; the mistake that keeps it from being one, if any."""
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        except (ValueError, OverflowError):  # from PyYAML: "\UFFFFFFFF" goes to chr() unchecked
            line, column = loader.line, loader.column
            found, allowed = "an escape that is no character", "the character itself"
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n"), error.position - before.rfind("\n") - 1
        character = f"U+{ord(text[error.position]):04X}"
        found, allowed = f"the character {character}, which cannot be printed", "plain text"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        found, allowed = _in_words(error)
    if line >= (lines := max(1, len(text.splitlines()))):
        line, column = lines - 1, 0
    return Finding(
        file=file,
        line=line + 1,
        column=column + 1,
        key="",
        found=found,
        allowed=f"{allowed}; the rest of the file is checked once this is right",
    )


_WORDS: Final[list[tuple[str, str, str]]] = [
    (r"'\\t' that cannot start", "a tab", "spaces only before a key or a value"),
    (r"mapping values are not allowed", "a `:` too much, or a line too far to the right",
     "one `key: value` on a line; quotes around a text with `: ` in it"),
    (r"expected <block end>", "a line that does not fit the lines above, or text after a quote",
     "the same indentation for all keys of a block and all items of a list"),
    (r"could not find expected ':'", "a line without a `:`", "`key: value`, or `- item` in a list"),
    (r"undefined alias '(.*)'", r"the alias `*\1`, which no `&\1` before it defines",
     "an alias of what stands above"),
    (r"second occurrence", "an anchor (`&…`) for the second time", "a name of its own for each"),
    (r"another document", "a second document (`---`)", "one policy in a file"),
    (r"nested too deep", f"more than {MAX_DEPTH} blocks within each other", "the keys of a policy"),
    (r"end of stream|<stream end>", "the end of the file", "the bracket or quote that closes {}"),
    (r"character '(.)' that cannot start", r"a text that begins with \1", "quotes around it"),
]  # fmt: skip
"""What PyYAML's message says → found, allowed."""


def _in_words(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    problem, began, at = error.problem or "", error.context_mark, error.problem_mark
    opened = (
        f"what line {began.line + 1} opens" if began and at and began.index < at.index else "it"
    )
    for pattern, found, allowed in _WORDS:
        if match := re.search(pattern, problem):
            return match.expand(found), allowed.format(opened)
    why = " ".join(filter(None, [problem, error.context]))
    return f"what cannot be read as YAML ({why})", "`key: value`"
