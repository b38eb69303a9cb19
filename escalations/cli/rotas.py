"""The rotas that a command reads: the files beside the policy, and what stands in for addresses."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from escalations.policy import Policy
    from escalations.rota_calendars.files import RotaFiles

INSTALL: Final = "pip install 'escalade[rotas]'"
"""What to do where the wheel is alone."""
READ_WITHIN: Final = 30.0
"""Seconds that the calendars of one policy may take, all together."""

rota_option = click.option(
    "--rota",
    "rotas",
    multiple=True,
    metavar="NAME=FILE",
    help="A calendar in the place of that contact's; NAME.overrides=FILE for its overrides.",
)


def stand_ins(said: Iterable[str]) -> dict[str, Path]:
    """What `--rota` said: `engineers` or `engineers.overrides` → a file.

    Raises:
        BadParameter: it is not written so, or there is no such file.
    """
    found: dict[str, Path] = {}
    for each in said:
        name, _, file = each.partition("=")
        if not name or not file:
            msg = f"found {each!r}: write --rota engineers=export.ics"
            raise click.BadParameter(msg, param_hint="--rota")
        if not Path(file).is_file():
            raise click.BadParameter(f"there is no file {file}", param_hint="--rota")
        found[name] = Path(file)
    return found


def known(given: Mapping[str, Path], policies: "Iterable[Policy]") -> None:
    """Whether each of them stands in for a calendar that is named.

    Raises:
        BadParameter: one does not; it says which ones could.
    """
    named = {
        name if key == "calendar" else f"{name}.{key}"
        for policy in policies
        for name, contact in policy.contacts.items()
        for key in ("calendar", "overrides")
        if getattr(contact.rota, key, None) is not None
    }
    for name in given:
        if name not in named:
            msg = f"found {name!r}; there is a rota of {', '.join(sorted(named)) or 'nobody'}"
            raise click.BadParameter(msg, param_hint="--rota")


def rota_files(folder: Path, given: Mapping[str, Path]) -> "RotaFiles | None":
    """What reads the calendars beside a policy; `None` where nothing is installed to read them."""
    try:
        from escalations.rota_calendars.files import RotaFiles
    except ModuleNotFoundError as missing:
        if missing.name not in ("icalendar", "dateutil"):
            raise
        return None
    return RotaFiles(folder, given, _LookUp(time.monotonic() + READ_WITHIN))


class _LookUp:
    """Ends the reading of calendars by raising when its time is over."""

    def __init__(self, ends: float) -> None:
        self._ends = ends

    def __call__(self) -> None:
        from escalations.rota_calendars.unreadable import CalendarUnreadable

        if time.monotonic() > self._ends:
            msg = f"it takes more than {READ_WITHIN:g} s: whoever keeps it exports less"
            raise CalendarUnreadable(msg)
