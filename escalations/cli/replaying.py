"""`escalade replay`: the deployment gate of the checkout one is in.

The gate replays with the workflows, which are not part of the wheel: it lives in the checkout's
`workers/replay`, and this command hands over to it (docs/design.md).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from escalations.cli.options import CaseType, json_option, keys_option

GATE: Final = Path("workers", "replay", "__main__.py")
_AS_GIVEN: Final = "escalade.replay"


class _AsGiven(click.Command):
    """Remembers its words as they were given, to hand them over."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Check them; help and mistakes are answered here."""
        ctx.meta[_AS_GIVEN] = list(args)
        return super().parse_args(ctx, args)


def replay_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The words that `escalade replay` and `python -m workers.replay` both take."""
    path = click.Path(exists=True, path_type=Path)
    for option in (
        json_option,
        keys_option,
        click.option(
            "--profile", metavar="NAME", help="Of Temporal's file; else TEMPORAL_PROFILE."
        ),
        click.option("--namespace", metavar="NAME", help="Temporal's; else TEMPORAL_NAMESPACE."),
        click.option("--address", metavar="HOST:PORT", help="Temporal's; else TEMPORAL_ADDRESS."),
        click.option(
            "--jobs", type=click.IntRange(1, 64), help="Processes; one a core if not said."
        ),
        click.option(
            "--ignore",
            type=click.Choice(["words"]),
            multiple=True,
            help="Pass what differs in nothing but words.",
        ),
        click.option("--step", is_flag=True, help="Walk through one history, task by task."),
        click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many runs."),
        click.option(
            "--case", "cases", type=CaseType(), multiple=True, help="Only this one; repeatable."
        ),
        click.argument("places", nargs=-1, type=path, metavar="[FILE|FOLDER]..."),
    ):
        command = option(command)
    return command


@click.command(cls=_AsGiven)
@replay_options
@click.pass_context
def replay(ctx: click.Context, /, **_: Any) -> None:
    """Would this checkout's code break an open case?

    Replays all open cases and retrospectives of a server, or recorded histories, with the code of
    the checkout you are in. Exit code 1 and the cases by name if one would stop, or be decided
    otherwise than it was.
    """
    if not GATE.exists():
        raise click.UsageError(
            f"there is no {GATE} here. Run it in the checkout whose code is to be tried: "
            "it replays with the workflows, which are not installed with the command."
        )
    sys.stdout.flush()
    gate = [sys.executable, "-m", "workers.replay", *ctx.meta[_AS_GIVEN]]
    os.execv(sys.executable, gate)  # noqa: S606  this interpreter, and the words it was given
