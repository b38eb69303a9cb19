"""A YAML file as plain data, with the place of every key; what is no data becomes a finding."""

from typing import Any, Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from escalations.policy_files.findings import Finding, key_path, shown
from escalations.policy_files.yaml_text import BLOCKS, MAX_DEPTH, SCALARS, compose
from escalations.references import Place

MAX_VALUES: Final = 50_000
"""Values of a file; what stands behind an alias counts as often as it is used."""

_MERGE: Final = "tag:yaml.org,2002:merge"

_Entries = dict[str, tuple[Node, Node]]
"""Key as it is written → its node, its value's node."""


class Document:
    """One file: `data` is what it says, `findings` what could not be taken as data."""

    def __init__(self, source: str | Finding, file: str) -> None:
        """From its text, or from what was found in place of a text."""
        self.file = file
        self.findings: list[Finding] = []
        self.data: Any = None
        self._root: Node | None = None
        self._entries: dict[int, _Entries] = {}
        self._read: dict[int, tuple[Any, int, int]] = {}
        self._being_read: set[int] = set()
        match compose(source, file) if isinstance(source, str) else source:
            case Finding() as finding:
                self.findings.append(finding)
            case Node() as root:
                self._root = root
                self.data, values, depth = self._plain(root, ())
                if values > MAX_VALUES or depth > MAX_DEPTH:
                    self.data = None
                    found = f"{values} values in {depth} blocks within each other"
                    allowed = f"{MAX_VALUES} values in {MAX_DEPTH} blocks; use fewer aliases"
                    self.report((), found, allowed)

    def report(self, place: Place, found: str, allowed: str, node: Node | None = None) -> None:
        """Add a finding about the key or item at a place, or about this node of it."""
        line, column = _where(node or self._node(place))
        key = key_path(place)
        self.findings.append(
            Finding(file=self.file, line=line, column=column, key=key, found=found, allowed=allowed)
        )

    def known(self, place: Place) -> Place:
        """The parts of a place that lead somewhere: Pydantic's also contain names of its own."""
        return tuple(part for part, _ in self._steps(place))

    def _node(self, place: Place) -> Node | None:
        """The key or item at a place; if it is absent, what it should stand in."""
        return next((node for _, node in reversed(self._steps(place))), self._root)

    def _steps(self, place: Place) -> list[tuple[str | int, Node]]:
        steps: list[tuple[str | int, Node]] = []
        node = self._root
        for part in place:
            if isinstance(node, MappingNode) and str(part) in self._entries.get(id(node), {}):
                key, node = self._entries[id(node)][str(part)]
                steps.append((part, key))
            elif (
                isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value)
            ):
                node = node.value[part]
                steps.append((part, node))
        return steps

    def _plain(self, node: Node, place: Place) -> tuple[Any, int, int]:
        """What a node says, how many values that is, in how many blocks within each other."""
        if id(node) in self._being_read:
            self.report(
                place, "an alias of the block that it stands in", "aliases of what is above"
            )
            return None, 1, 0
        if id(node) not in self._read:
            self._being_read.add(id(node))
            self._read[id(node)] = self._of(node, place)
            self._being_read.remove(id(node))
        return self._read[id(node)]

    def _of(self, node: Node, place: Place) -> tuple[Any, int, int]:
        if isinstance(node, ScalarNode):
            return self._scalar(node, place), 1, 0
        self._refuse_tag(node, place)
        if isinstance(node, MappingNode):
            entries = self._entries_of(node, place)
            parts = {key: self._plain(value, (*place, key)) for key, (_, value) in entries.items()}
            data: Any = {key: part[0] for key, part in parts.items()}
            inner = list(parts.values())
        else:
            inner = [self._plain(item, (*place, n)) for n, item in enumerate(node.value)]
            data = [part[0] for part in inner]
        depth = 1 + max((part[2] for part in inner), default=0)
        return data, 1 + sum(part[1] for part in inner), depth

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        text = self._text(node, place)
        try:
            return SCALARS.get(node.tag, ("", str))[1](text)
        except ValueError:  # 2026-02-30, or endless digits: it stays text, and a model says why not
            return text

    def _text(self, node: ScalarNode, place: Place) -> str:
        self._refuse_tag(node, place)
        text = str(node.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self.report(place, f"half a character in {shown(text)}", "whole characters", node)
            return ascii(text)
        return text

    def _refuse_tag(self, node: Node, place: Place) -> None:
        if node.tag not in (SCALARS if isinstance(node, ScalarNode) else BLOCKS.values()):
            self.report(place, f"the tag {shown(node.tag)}", "plain values, without tags", node)

    def _entries_of(self, node: MappingNode, place: Place) -> _Entries:
        merged: _Entries = {}
        own: _Entries = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.report(place, "a block or list as a key", "one word or text as a key", key)
            elif key.tag == _MERGE:
                merged = {**self._to_merge(value, place), **merged}
            elif (name := self._text(key, place)) in own:
                first, _ = _where(own[name][0])
                found = f"the same key again (first on line {first})"
                self.report((*place, name), found, "each key once", key)
            else:
                own[name] = (key, value)
        self._entries[id(node)] = {**merged, **own}
        return self._entries[id(node)]

    def _to_merge(self, node: Node, place: Place) -> _Entries:
        """What `<<` brings in: the keys of a block, or of several, the first of which wins."""
        entries: _Entries = {}
        for block in node.value if isinstance(node, SequenceNode) else [node]:
            self._plain(block, (*place, "<<"))
            if not isinstance(block, MappingNode):
                self.report((*place, "<<"), "no block of keys", "an alias of a block", block)
            elif id(block) not in self._being_read:
                entries = {**self._entries[id(block)], **entries}
        return entries


def _where(node: Node | None) -> tuple[int, int]:
    mark = node.start_mark if node else None
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
