"""`escalade policy import`: other tools' exports become policy files."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from escalations.cli.options import json_option
from escalations.cli.printer import Printer, hint

if TYPE_CHECKING:
    from escalations.importing.exports import Export
    from escalations.importing.result import Imported, ImportedPolicy
    from escalations.policy_files.findings import Finding

SOURCES: Final = ("pagerduty", "opsgenie", "grafana-oncall", "goalert", "iris")
MAX_BYTES: Final = 64_000_000
"""Of one file: some ten thousand users with all their addresses."""


@click.command("import", short_help="Make policies of another tool's export.")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE…",
)
@click.option(
    "--from",
    "source",
    type=click.Choice(SOURCES),
    metavar="TOOL",
    help=f"One of {', '.join(SOURCES)}; else recognised by the shape of the files.",
)
@click.option("--name", metavar="NAME", help="What the policy is called, if there is only one.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Write there: a file, or a folder with one file for each policy.",
)
@json_option
def import_(
    files: tuple[Path, ...], source: str | None, name: str | None, out: Path | None, as_json: bool
) -> int:
    """Make policies of what another tool's API answers about its escalations.

    FILE… are JSON files from PagerDuty, Opsgenie, Grafana OnCall, GoAlert or Iris: escalations
    and, together with them, the schedules, users and teams that they refer to; `-` is standard
    input. The YAML goes to standard output, what has no counterpart to standard error.

    Exit code 2 if something in the files cannot be used; then nothing is written.
    """
    from escalations.importing.importing import import_policies

    _check_name(name)
    imported = import_policies(_exports(files), source, name)
    if out is None and len(imported.policies) > 1 and not as_json:
        names = ", ".join(each.policy for each in imported.policies)
        msg = f"{len(imported.policies)} policies ({names}): name a folder for them with --out."
        raise click.UsageError(msg)
    written = _write(imported.policies, out) if out is not None else {}
    if as_json:
        Printer(as_json).document(
            {
                "source": imported.source,
                "policies": [
                    {**each.model_dump(mode="json"), "file": written.get(each.policy)}
                    for each in imported.policies
                ],
                "not_carried": [entry.model_dump(mode="json") for entry in imported.not_carried],
            }
        )
        return 0
    lines = [f"{file}: {policy}" for policy, file in written.items()]
    Printer(as_json).text(lines or [imported.policies[0].text.rstrip("\n")])
    _tell(imported)
    return 0


def _check_name(name: str | None) -> None:
    from pydantic import TypeAdapter, ValidationError

    from escalations.model import Name

    if name is not None:
        try:
            TypeAdapter(Name).validate_python(name)
        except ValidationError:
            msg = f"--name {name!r}: lower case letters, digits, `-` and `_`, up to 64 of them."
            raise click.UsageError(msg) from None


def _exports(files: tuple[Path, ...]) -> "list[Export]":
    from escalations.importing.exports import Export
    from escalations.policy_files.findings import PolicyError

    exports: list[Export] = []
    findings: list[Finding] = []
    for file in dict.fromkeys(files):
        called = "standard input" if str(file) == "-" else str(file)
        try:
            text = _text(file, called)
            exports.append(Export.of(called, text))
        except PolicyError as error:
            findings += error.findings
    if findings:
        raise PolicyError(findings)
    return exports


def _text(file: Path, called: str) -> str:
    from escalations.policy_files.files import at_top
    from escalations.policy_files.findings import PolicyError

    allowed = "JSON as the other tool's API answers it, saved as UTF-8"
    try:
        if str(file) == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
        if len(content) <= MAX_BYTES:
            return content.decode("utf-8-sig")
        found = f"more than {MAX_BYTES} bytes"
    except UnicodeDecodeError as error:
        found = f"the byte 0x{content[error.start]:02X}, which is not UTF-8"
    except OSError as error:
        found = f"no file to read ({error.strerror})"
    raise PolicyError([at_top(called, found, allowed)])


def _write(policies: "list[ImportedPolicy]", out: Path) -> dict[str, str]:
    """Policy → the file it was written to; none is written if one of them is there already."""
    in_folder = len(policies) > 1 or out.is_dir() or out.suffix not in (".yaml", ".yml")
    paths = {each.policy: out / f"{each.policy}.yaml" if in_folder else out for each in policies}
    there = [str(path) for path in paths.values() if path.exists()]
    if there:
        msg = f"{', '.join(there)}: there already. Nothing was written; name another place."
        raise click.UsageError(msg)
    try:
        (out if in_folder else out.parent).mkdir(parents=True, exist_ok=True)
        for each in policies:
            with paths[each.policy].open("x", encoding="utf-8", newline="\n") as file:
                file.write(each.text)
    except OSError as error:
        msg = f"{error.filename or out}: cannot be written ({error.strerror})."
        raise click.UsageError(msg) from None
    return {policy: str(path) for policy, path in paths.items()}


def _tell(imported: "Imported") -> None:
    """What has no counterpart, for a reader, beside the answer."""
    from escalations.cli.losses import losses

    hint(losses(imported.not_carried))
