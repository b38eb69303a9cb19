"""From exports to policies: which tool they are of, what each escalation becomes."""

from collections.abc import Sequence
from typing import Final

from escalations import policy_file
from escalations.importing import safe_names
from escalations.importing.drafts import Draft
from escalations.importing.exports import Export, Part, Reading
from escalations.importing.goalert import GOALERT
from escalations.importing.grafana_oncall import GRAFANA_ONCALL
from escalations.importing.iris import IRIS
from escalations.importing.ladders import Ladder
from escalations.importing.opsgenie import OPSGENIE
from escalations.importing.pagerduty import PAGERDUTY
from escalations.importing.pages import page
from escalations.importing.result import Imported, ImportedPolicy, NotCarried, Weight
from escalations.importing.shelves import Shelf, Tool, objects
from escalations.policy_files.findings import Finding, PolicyError, shown

TOOLS: Final = {tool.name: tool for tool in (PAGERDUTY, OPSGENIE, GRAFANA_ONCALL, GOALERT, IRIS)}
"""By the name that `--from` takes."""


def import_policies(
    exports: Sequence[Export], source: str | None = None, name: str | None = None
) -> Imported:
    """A policy for each escalation in these files, and the list of what has no counterpart.

    `source` is a key of `TOOLS`; recognised by the shape of the files if `None`. `name` is what
    the policy is called, if it is the only one.

    Raises:
        PolicyError: something in the files cannot be used; all of it is named.
    """
    reading = Reading()
    found = [pair for export in exports for pair in objects(export, reading)]
    tool = TOOLS[source] if source else _recognised(exports, found)
    reading.source = tool.name
    reading.not_carried = {
        entry.model_copy(update={"source": tool.name}): None for entry in reading.not_carried
    }
    shelf = _sorted(tool, exports, found, reading)
    ladders = tool.ladders(shelf)
    if not ladders:
        allowed = f"{tool.title}'s answer for its escalations ({tool.asks})"
        reading.mistakes.append(_at_top(exports[0].file, "none of its escalations", allowed))
    if name is not None and len(ladders) > 1:
        allowed = "a name for one policy only; leave it out, and each is called as it was"
        reading.mistakes.append(_at_top(exports[0].file, f"{len(ladders)} escalations", allowed))
    names: list[str] = []
    drafts = []
    for n, ladder in enumerate(ladders, 1):
        names.append(name or safe_names.key(ladder.name, f"policy-{n}", names))
        drafts.append(Draft(ladder, names[-1]))
    reading.refuse_mistakes()
    reading.list_what_nobody_asked_for()
    shelf.list_unused(reading, tool.others)
    policies = [_policy(draft, tool, reading) for draft in drafts]
    in_order = sorted(reading.not_carried, key=_importance)
    return Imported(source=tool.name, policies=policies, not_carried=in_order)


def _importance(entry: NotCarried) -> tuple[int, int]:
    """What it means first; then what is true of a whole escalation before its details."""
    return list(Weight).index(entry.weight), entry.place.partition(": ")[2].count(".")


def _recognised(exports: Sequence[Export], found: list[tuple[str, Part]]) -> Tool:
    """The tool whose escalations the files hold."""
    tools = {
        tool.name: part
        for tool in TOOLS.values()
        for hint, part in found
        if tool.kind_of(hint, part.data) in tool.decisive
    }
    if len(tools) == 1:
        return TOOLS[next(iter(tools))]
    if tools:
        said = " and ".join(TOOLS[name].title for name in tools)
        raise PolicyError([_at_top(exports[0].file, f"escalations of {said}", "those of one tool")])
    known = "; ".join(f"{tool.title} ({tool.asks})" for tool in TOOLS.values())
    raise PolicyError(
        [
            _at_top(each.file, f"{shown(each.data)} without an escalation in it", known)
            for each in exports
        ]
    )


def _sorted(
    tool: Tool, exports: Sequence[Export], found: list[tuple[str, Part]], reading: Reading
) -> Shelf:
    """The objects by kind; a file in which nothing is known is a mistake."""
    parts: dict[str, list[Part]] = {}
    strange: list[Part] = []
    for hint, part in found:
        kind = tool.kind_of(hint, part.data)
        parts.setdefault(kind, []).append(part)
        strange += [] if kind else [part]
    usable = {part.export.file for kind, each in parts.items() if kind for part in each}
    for export in exports:
        if export.file not in usable and (
            not isinstance(export.data, dict | list) or any(p.export is export for p in strange)
        ):
            found_there = f"{shown(export.data)}, nothing of which is {tool.title}'s"
            reading.mistakes.append(_at_top(export.file, found_there, tool.asks))
    for part in strange:
        why = f"It is none of what makes an escalation in {tool.title}."
        fields = safe_names.shortened(", ".join(map(str, part.data)), 60)
        part.left_out(
            f"A block with {fields or 'nothing in it'}", why, "Nothing to do, if that is right."
        )
    return Shelf(parts)


def _policy(draft: Draft, tool: Tool, reading: Reading) -> ImportedPolicy:
    ladder: Ladder = draft.ladder
    called = safe_names.line(ladder.name)
    head = [
        f'Made from the {tool.title} {ladder.kind} "{called}"',
        f"({ladder.part.place().rpartition('/')[2]}).",
        "What it could not take over is listed by `escalade policy import`, with advice.",
    ]
    text = page(draft.data, head, draft.to_fill)
    policy_file.read(text)
    return ImportedPolicy(
        policy=draft.data["policy"],
        name=called,
        place=ladder.part.place(),
        data=draft.data,
        text=text,
    )


def _at_top(file: str, found: str, allowed: str) -> Finding:
    return Finding(file=file, line=1, column=1, key="", found=found, allowed=allowed)
