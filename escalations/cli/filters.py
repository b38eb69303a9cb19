"""Which cases: the same filters as options (`list --priority P1`) and as `--where priority=P1`.

A filter is written once, in `FILTERS`; the options, `--where` and their help are made of it.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from escalations.references import Problem
    from escalations.search import Search

BY_VARIABLE: Final = "ESCALADE_BY"
"""Who acts at this terminal, where `--by` does not say so."""

Asked = dict[str, list[str]]
"""Filter → what was asked for, each a value of which any will do; flags have `yes`."""


@dataclass(frozen=True)
class Filter:
    """Something cases are filtered by, as it is written on a command line."""

    name: str
    help: str
    values: str = ""
    """What stands for its value in the help; a flag if empty."""
    field: str = ""
    """The field of `Search` that takes the values as they are."""

    @property
    def key(self) -> str:
        """Its name as a keyword."""
        return self.name.replace("-", "_")


FILTERS: Final = (
    Filter("status", "open, on_hold, resolved, workaround, closed.", "STATUS", "status"),
    Filter("priority", "", "P1…P4", "priority"),
    Filter("category", "", "NAME", "category"),
    Filter("customer", "The customer's id.", "ID", "customer"),
    Filter("owner", "Who has it.", "WHO", "owner"),
    Filter("mine", f"What you have: --by, else {BY_VARIABLE}, says who you are."),
    Filter("unowned", "What nobody has: not acknowledged, or its owner has lost it."),
    Filter("level", "3, 3..5, 3.. or ..2.", "LEVELS"),
    Filter("breached", "What missed a promise."),
    Filter("due-within", "Something happens within 45s, 15m, 2h, 3d, 1w.", "TIME"),
    Filter("overdue", "What was to happen has not: no worker, or one that is behind."),
    Filter("opened-before", "Opened before 2026-11-23, or more than 3d ago.", "WHEN"),
    Filter("opened-after", "Opened since 2026-11-23T09:00, or less than 2h ago.", "WHEN"),
    Filter("policy", "With every revision, or one: name@revision.", "NAME", "policy"),
    Filter("incident", "", "ID", "incident"),
    Filter("trigger", "That was raised; executive if one was called in.", "NAME", "trigger"),
    Filter("title", "What the title has in it.", "WORDS"),
    Filter("case", "Its id.", "CASE", "case"),
    Filter("ended", "Also those that have ended."),
)
"""All of them, in the order of the help. Those given twice are alternatives."""

_BY_NAME: Final = {each.name: each for each in FILTERS}

_where = click.option(
    "--where",
    "where",
    multiple=True,
    metavar="FILTER",
    help="name=value, or name alone: any filter of `escalade list`, without its dashes.",
)


def filtered(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with every filter as an option of its own; it is given the `search`."""

    @wraps(command)
    def filtering(where: Sequence[str], **said: Any) -> Any:
        asked: Asked = {}
        for each in FILTERS:
            value = said.pop(each.key)
            if value:
                asked[each.name] = ["yes"] if value is True else list(value)
        search = searched(asked, where, said.pop("by"), datetime.now(UTC))
        return command(search=search, **said)

    filtering = _where(filtering)
    by = click.option("--by", envvar=BY_VARIABLE, metavar="WHO", help="Who you are, for --mine.")
    filtering = by(filtering)
    for each in FILTERS[::-1]:
        filtering = click.option(
            f"--{each.name}",
            each.key,
            help=each.help,
            **({"multiple": True, "metavar": each.values} if each.values else {"is_flag": True}),
        )(filtering)
    return filtering


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with `--where`, whose own options may be called as filters are; see `filtered`.

    Doing something to every open case has to be said: `--all`.
    """

    @wraps(command)
    def filtering(where: Sequence[str], everything: bool, **said: Any) -> Any:
        before, all_before = click.get_current_context().obj or ((), False)
        where = [*before, *where]
        if not (where or everything or all_before):
            msg = "say which cases: --where priority=P1 --where unowned …, or --all of the open."
            raise click.UsageError(msg)
        search = searched({}, where, said.get("by"), datetime.now(UTC))
        return command(search=search, **said)

    every = click.option("--all", "everything", is_flag=True, help="Every open case.")
    return _where(every(filtering))


def searched(
    asked: Mapping[str, Sequence[str]], where: Sequence[str], by: str | None, now: datetime
) -> "Search":
    """The search that was asked for.

    Raises:
        FilterMistakes: filters that there are not, or values that cannot be; all of them at once.
    """
    from pydantic import ValidationError

    from escalations.mistakes import FilterMistakes, mistakes
    from escalations.references import Problem
    from escalations.search import Search

    everything: Asked = {name: list(values) for name, values in asked.items()}
    problems = list(_read_where(where, everything))
    fields: dict[str, Any] = {}
    for name, values in everything.items():
        try:
            fields |= _fields(_BY_NAME[name], values, by, now)
        except ValueError as error:
            problems.append(Problem((name,), ", ".join(values), str(error)))
    search = None
    try:
        search = Search(**fields)
    except ValidationError as error:
        problems += mistakes(error)
    if problems or search is None:
        raise FilterMistakes([_as_written(each) for each in problems])
    return search


def _as_written(problem: "Problem") -> "Problem":
    """A mistake at the filter it was written in, not at the field that was made of it."""
    from escalations.references import Problem

    name = str(problem.place[0]).replace("_", "-")
    written = {"due-before": "due-within", "level-from": "level", "level-to": "level"}
    return Problem((written.get(name, name),), problem.found, problem.allowed)


def _read_where(where: Sequence[str], asked: Asked) -> "Iterator[Problem]":
    """Put `name=value` with the rest of what is asked; what cannot be read is a problem."""
    from escalations.references import Problem

    for written in where:
        name, sign, value = written.partition("=")
        name = name.strip().lstrip("-").replace("_", "-")
        known = _BY_NAME.get(name)
        if known is None:
            near = get_close_matches(name, _BY_NAME, 1)
            allowed = f"{near[0]}?" if near else "one of " + ", ".join(_BY_NAME)
            yield Problem(("--where",), written, allowed)
        elif known.values and not sign:
            yield Problem((name,), "nothing", f"{name}={known.values}")
        elif not known.values and value.strip() not in ("", "yes"):
            yield Problem((name,), value, f"{name} alone")
        else:
            asked.setdefault(name, []).append(value if known.values else "yes")


def _fields(asked: Filter, values: list[str], by: str | None, now: datetime) -> dict[str, Any]:
    """What a filter means to a `Search`.

    Raises:
        ValueError: what it was given is nothing of the kind; the message says what is allowed.
    """
    from escalations.cli import moments

    if asked.name == "priority":
        return {"priority": tuple(value.upper() for value in values)}
    if asked.field:
        return {asked.field: tuple(values)}
    if len(values) > 1 and asked.values:
        msg = f"{asked.name} once"
        raise ValueError(msg)
    value = values[0]
    match asked.name:
        case "mine":
            who = by or os.environ.get(BY_VARIABLE)
            if not who:
                msg = f"who you are: --by WHO, or {BY_VARIABLE} in the environment"
                raise ValueError(msg)
            return {"owner": (who,)}
        case "level":
            return moments.levels(value)
        case "due-within":
            return {"due_before": now + moments.length(value)}
        case "overdue":
            return {"due_before": now}
        case "opened-before":
            return {"opened_before": moments.moment(value, now)}
        case "opened-after":
            return {"opened_after": moments.moment(value, now)}
        case "title":
            return {"title": value}
        case _:
            return {asked.key: True}
