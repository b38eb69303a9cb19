"""`escalade policy simulate`: what a policy will do, without a server."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from escalations.cli.explaining import language_option
from escalations.cli.options import json_option
from escalations.cli.printer import Printer
from escalations.cli.rotas import rota_option

if TYPE_CHECKING:
    from escalations.policy import Policy
    from escalations.simulation.scenario import ReadRota
    from escalations.simulation.story import Story

FORMATS = ("table", "json", "svg", "ical")


@click.command(short_help="Who will be told what, when and why.")
@click.argument("policy_file", type=click.Path(path_type=Path), metavar="POLICY.yaml")
@click.argument(
    "scenario_file", type=click.Path(path_type=Path), required=False, metavar="[SCENARIO.yaml]"
)
@click.option("--at", metavar="MOMENT", help="The opening: 2026-12-22 16:40, fri 16:40; else now.")
@click.option("--zone", metavar="ZONE", help="The zone of all moments; else the policy's.")
@click.option("--category", metavar="NAME", help="The case's category.")
@click.option("--priority", metavar="P", help="The case's priority: P1 … P4.")
@language_option
@click.option("--until", metavar="WHEN", help="How far to look: 4w, 10bd, 2027-01-31.")
@rota_option
@click.option(
    "--as",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    help="A table, JSON, a picture (SVG) or a calendar (iCalendar).",
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it there.")
@json_option
def simulate(
    policy_file: Path,
    scenario_file: Path | None,
    at: str | None,
    zone: str | None,
    category: str | None,
    priority: str | None,
    language: str,
    until: str | None,
    rotas: tuple[str, ...],
    form: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Show what a policy will do with a case: who is told what, when and why.

    Without a scenario nobody does anything. A scenario says what is said to the case and when. No
    server is needed, and nothing is sent. Rotas are read from the files beside the policy; an
    address is not fetched, --rota names a file in its place.
    """
    from escalations.policy_file import read as read_policy
    from escalations.simulation.scenario_file import Wishes, read
    from escalations.simulation.story import Story

    if as_json and form in ("svg", "ical") and out is None:
        msg = f"--json answers with one JSON document: write the {form} to a file with --out."
        raise click.UsageError(msg)
    policy = read_policy(policy_file)
    case = {"category": category, "priority": priority}
    said = {name: value for name, value in case.items() if value is not None}
    now = datetime.now(UTC)
    scenario = read(scenario_file, policy, Wishes(now, at, zone, until, said))
    simulation = scenario.play(policy, _read_rota(policy_file, policy, rotas))
    story = Story.of(simulation, scenario.timezone, language, scenario.summary)
    printer = Printer(as_json)
    if out is not None:
        _write(out, _text(story, form, now))
        if as_json:
            printer.document({"written": str(out), "as": form})
        else:
            printer.text([f"{out}: {story.title}"])
    elif as_json or form == "json":
        printer.document(story.document())
    elif form == "table":
        from escalations.cli.simulated import lines

        printer.lines(lines(story, printer.width))
    else:
        from escalations.cli.printer import write

        write(_text(story, form, now))
    return 0


def _read_rota(file: Path, policy: "Policy", said: tuple[str, ...]) -> "ReadRota | None":
    """What answers who is on call; `None` where no contact has a rota."""
    from escalations.cli.rotas import INSTALL, known, rota_files, stand_ins
    from escalations.rostering import unreadable

    given = stand_ins(said)
    known(given, [policy])
    if not any(contact.rota for contact in policy.contacts.values()):
        return None
    files = rota_files(file.parent, given)
    if files is None:
        return lambda question: unreadable(question, f"nothing here reads calendars: {INSTALL}")
    return files.roster


def _text(story: "Story", form: str, now: datetime) -> str:
    match form:
        case "json":
            import json

            return json.dumps(story.document(), ensure_ascii=False, indent=2) + "\n"
        case "svg":
            from escalations.simulation.picture import picture

            return picture(story)
        case "ical":
            from escalations.simulation.calendar_file import calendar

            return calendar(story, now)
        case _:
            from escalations.cli.printer import UNWRAPPED
            from escalations.cli.simulated import lines

            return "".join(f"{line}\n" for line in lines(story, UNWRAPPED))


def _write(out: Path, text: str) -> None:
    try:
        out.write_bytes(text.encode())
    except OSError as error:
        msg = f"{out} cannot be written ({error.strerror}): name another file with --out."
        raise click.UsageError(msg) from None
