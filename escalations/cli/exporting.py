"""`escalade export`: a history without the people in it, fit to be kept as a test."""

from pathlib import Path
from typing import Any

import click

from escalations.cli.explaining import found
from escalations.cli.options import json_option, keys_option
from escalations.cli.printer import Printer, hint, write
from escalations.counting import counted


@click.command(short_help="Write a case's history without the people in it.")
@click.argument("what", metavar="CASE|FILE...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it there; of several runs FILE_1, FILE_2 … Else standard output takes one run.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option("--retrospective", is_flag=True, help="That of the case, instead of the case.")
@click.option("--address", metavar="HOST:PORT", help="Temporal's; else TEMPORAL_ADDRESS.")
@click.option("--namespace", metavar="NAME", help="Temporal's; else TEMPORAL_NAMESPACE.")
@click.option("--profile", metavar="NAME", help="Of Temporal's file; else TEMPORAL_PROFILE.")
@keys_option
@json_option
def export(
    what: tuple[str, ...],
    out: Path | None,
    force: bool,
    retrospective: bool,
    address: str | None,
    namespace: str | None,
    profile: str | None,
    keys: Path | None,
    as_json: bool,
) -> int:
    """Write a case's history with other names, addresses, words and ids.

    Moments stay, and so do the words of the matrix: names of levels, triggers, actions, categories,
    and the phrases that raise triggers. What is written replays, and explains as the same story.
    """
    from escalations.histories.anonymous import anonymous, written

    histories = found(what, address, namespace, profile, keys, retrospective=retrospective)
    if out is None and len(histories) > 1 and not as_json:
        msg = f"It has {len(histories)} runs, each a history of its own: name a file with -o."
        raise click.UsageError(msg)
    files = [] if out is None else _files(out, len(histories))
    if there := [str(each) for each in files if each.exists() and not force]:
        msg = f"{', '.join(there)} is there already: name another file, or say --force."
        raise click.UsageError(msg)
    told: list[dict[str, Any]] = anonymous(histories)
    for file, history in zip(files, told, strict=False):
        try:
            file.write_text(written(history), "utf-8")
        except OSError as error:
            msg = f"{file} cannot be written: {error.strerror}."
            raise click.UsageError(msg) from None
    events = [len(history["events"]) for history in told]
    if as_json and out is None:
        Printer(as_json).document({"histories": told})
    elif as_json:
        Printer(as_json).document({"files": list(map(str, files)), "events": events})
    elif out is None:
        write(written(told[0]))
    else:
        for file, count in zip(files, events, strict=True):
            hint(f"{file}: {counted(count, 'event')}, without the people in them.")
    return 0


def _files(out: Path, runs: int) -> list[Path]:
    if runs == 1:
        return [out]
    return [out.with_name(f"{out.stem}_{n}{out.suffix}") for n in range(1, runs + 1)]
