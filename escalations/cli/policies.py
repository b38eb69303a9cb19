"""The commands that need no server: what a policy file says, and whether it can be used."""

from pathlib import Path

import click

from escalations.cli.diff import diff
from escalations.cli.options import json_option
from escalations.cli.printer import Printer
from escalations.cli.show import show

FOUND = 2
"""The exit code where a policy has mistakes."""


@click.group()
def policy() -> None:
    """Check policy files, show them, and say how two of them differ."""


@policy.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@json_option
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Check policy files: every mistake with its file, line, key, what was found, what is allowed.

    Exit code 2 if there are mistakes.
    """
    from escalations.policy_file import PolicyError, open_keys, read

    out = Printer(as_json)
    findings, usable = [], []
    for file in files:
        try:
            usable.append((file, read(file)))
        except PolicyError as error:
            findings += error.findings
    if as_json:
        out.document(
            {
                "findings": [finding.model_dump(mode="json") for finding in findings],
                "policies": [
                    {"file": str(file), "policy": each.policy, "not_acted_on": open_keys(each)}
                    for file, each in usable
                ],
            }
        )
    else:
        out.text([str(finding) for finding in findings])
        for file, each in usable:
            out.text([f"{file}: {each.policy} can be used: {len(each.levels)} levels"])
            if keys := open_keys(each):
                out.text([f"{file}: read, and not acted on yet: {', '.join(keys)}"])
    return FOUND if findings else 0


policy.add_command(show)
policy.add_command(diff)
