"""The commands that need no server: what a policy file says, and whether it can be used."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escalations.cli.diff import diff
from escalations.cli.importing import import_
from escalations.cli.options import json_option
from escalations.cli.printer import Printer
from escalations.cli.rotas import rota_option
from escalations.cli.show import show
from escalations.cli.simulate import simulate
from escalations.counting import counted

if TYPE_CHECKING:
    from rich.text import Text

    from escalations.cli.checking import Result
    from escalations.lint.findings import LintFinding
    from escalations.lint.staffed import Staffed

FOUND = 1
"""The exit code where a policy can be used and will not do what it should."""
MISTAKEN = 2
"""The exit code where a policy cannot be used."""

_COLOURS = {"error": "bold red", "warning": "yellow", "info": "cyan"}


@click.group(short_help="Check, show, try, compare and import policies.")
def policy() -> None:
    """Check policy files, show and try them, compare two, make them of another tool's."""


@policy.command(short_help="Mistakes, and what will hardly do what was wanted.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="From when the next 90 days count; else today.",
)
@click.option("--strict", is_flag=True, help="Warnings fail the check, too.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Leave a kind of finding out.")
@click.option(
    "--templates",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="The company's own; else ESCALADE_TEMPLATES.",
)
@rota_option
@json_option
def check(
    files: tuple[Path, ...],
    at: datetime | None,
    strict: bool,
    ignore: tuple[str, ...],
    templates: Path | None,
    rotas: tuple[str, ...],
    as_json: bool,
) -> int:
    """Check policy files: mistakes, and what will hardly do what was wanted.

    Each finding has a file, line and key, a code, and advice; docs/lint.md says more of each code.
    A finding that is meant is accepted by a comment on its line or the one above it:

        # accept: CODE why

    Rotas are read from the files beside the policy; an address is not fetched, --rota names a file
    in its place.

    Exit code 1 if there are errors (with --strict: or warnings), 2 if a policy cannot be used.
    `-` is standard input.
    """
    from escalations.cli.checking import check_file, templates_folder
    from escalations.cli.rotas import known, stand_ins

    _known(ignore)
    if at is not None and not 1971 <= at.year <= 2190:
        msg = f"found the year {at.year}: write one from 1971 to 2190"
        raise click.BadParameter(msg, param_hint="--at")
    folder = templates_folder(templates)
    given = stand_ins(rotas)
    results = [check_file(file, at, folder, ignore, given) for file in dict.fromkeys(files)]
    known(given, [each.policy for each in results if each.policy is not None])
    out = Printer(as_json)
    if as_json:
        out.document(_document(results))
    else:
        _print(results, out)
    if any(result.mistakes for result in results):
        return MISTAKEN
    counts = _counts(results)
    return FOUND if counts["errors"] or (strict and counts["warnings"]) else 0


def _known(codes: tuple[str, ...]) -> None:
    from difflib import get_close_matches

    from escalations.lint.findings import CODES

    for code in codes:
        if code not in CODES:
            near = get_close_matches(code, CODES, 1)
            hint = f" Did you mean {near[0]}?" if near else " docs/lint.md has them all."
            raise click.BadParameter(f"there is no finding {code!r}.{hint}", param_hint="--ignore")


def _open(results: "list[Result]") -> "list[LintFinding]":
    """The findings that nobody has accepted."""
    return [each for result in results for each in result.findings if each.accepted is None]


def _counts(results: "list[Result]") -> dict[str, int]:
    severities = [str(each.severity) for each in _open(results)]
    return {
        "mistakes": sum(len(result.mistakes) for result in results),
        "errors": severities.count("error"),
        "warnings": severities.count("warning"),
        "infos": severities.count("info"),
        "accepted": sum(len(result.findings) for result in results) - len(severities),
    }


def _document(results: "list[Result]") -> dict[str, Any]:
    mistakes = [
        {
            "code": "schema",
            "severity": "error",
            **each.model_dump(mode="json"),
            "what": f"found {each.found}",
            "advice": f"allowed: {each.allowed}",
            "accepted": None,
        }
        for result in results
        for each in result.mistakes
    ]
    found = [each.model_dump(mode="json") for result in results for each in result.findings]
    return {
        "findings": [*mistakes, *found],
        "summary": _counts(results),
        "not_checked": _not_checked(results),
        "policies": [
            {
                "file": result.file,
                "policy": result.policy.policy,
                "staffing": [_staffing(each) for each in result.staffing],
            }
            for result in results
            if result.policy is not None
        ],
    }


def _staffing(each: "Staffed") -> dict[str, Any]:
    """When somebody is there in the days ahead at one level."""
    from escalations.lint.subject import HORIZON

    return {
        "level": each.rung.level.name,
        "category": each.rung.category,
        "contact": each.rung.level.contact,
        "calendar": each.rung.level.calendar,
        "known": each.known,
        "hours": _hours(HORIZON),
        "closed_hours": _hours(each.closed),
        "unstaffed_hours": _hours(each.unstaffed),
        "nobody_on_call": [
            {
                "from": gap.since.isoformat(),
                "until": gap.until.isoformat(),
                "hours": _hours(gap.lacks),
            }
            for gap in each.gaps
        ],
    }


def _hours(amount: timedelta) -> float:
    return round(amount / timedelta(hours=1), 2)


def _not_checked(results: "list[Result]") -> list[str]:
    """What this check could not look at, for want of files."""
    from escalations.cli.checking import vocabulary

    used = [result.policy for result in results if result.policy is not None]
    known = all(vocabulary(tuple(each.languages), None) is not None for each in used)
    return [] if known else ["templates: Escalade's own are not beside this command"]


def _print(results: "list[Result]", out: Printer) -> None:
    for result in results:
        out.text(map(str, result.mistakes))
        findings = [each for each in result.findings if each.accepted is None]
        if out.on_terminal:
            out.lines(line for each in findings for line in _wrapped(each, out))
        else:
            out.text(map(str, findings))
        if result.policy is not None:
            said = counted(len(result.policy.levels), "level")
            out.text([f"{result.file}: {result.policy.policy} can be used: {said}"])
    out.text([f"not checked: {each}" for each in _not_checked(results)])
    out.text([_summary(_counts(results))])


def _wrapped(finding: "LintFinding", out: Printer) -> "list[Text | str]":
    """A finding on a terminal: where it is, which a click opens, and under it what it says."""
    from rich.text import Text

    head = Text.assemble(
        f"{finding.file}:{finding.line}: ",
        (str(finding.severity), _COLOURS[finding.severity]),
        " ",
        (finding.code, "bold"),
    )
    key = [Text(finding.key, "dim")] if finding.key else []
    console = out.console()
    body = [
        line
        for part in (*key, *map(Text, finding.said_in_lines))
        for line in part.wrap(console, max(20, out.width - 2))
    ]
    return [head, *(Text(f"  {line.plain.rstrip()}", line.style) for line in body)]


def _summary(counts: dict[str, int]) -> str:
    if not any(counts.values()):
        return "nothing found"
    said = []
    for key, count in counts.items():
        one = {"accepted": "accepted", "infos": "to know"}.get(key, key.removesuffix("s"))
        many = {"infos": "to know"}.get(key, key)
        if count or key in ("errors", "warnings"):
            said.append(f"{count} {one if count == 1 else many}")
    return ", ".join(said)


policy.add_command(simulate)
policy.add_command(show)
policy.add_command(diff)
policy.add_command(import_)
