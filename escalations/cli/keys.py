"""`escalade keys`: the file of keys that payloads are encrypted with."""

import os
from pathlib import Path

import click

from escalations.cli.options import json_option


@click.group(short_help="Make and rotate the keys of payloads.")
def keys() -> None:
    """Make and rotate the keys that payloads are encrypted with.

    To rotate: `add` a key and hand the file to every worker, client and codec server; then
    `activate` it and hand the file out again. What was encrypted before stays readable.
    """


file_argument = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
id_option = click.option(
    "--id",
    "key_id",
    metavar="ID",
    callback=lambda _context, _option, value: value and _key_id(value),
    help="What the key is called; today's date and four letters if not given.",
)


def _key_id(value: str) -> str:
    from escalations.encryption import FORM, SEARCH

    if FORM.fullmatch(value) is None:
        msg = f"found {value!r}; allowed: 1 to 40 of letters, digits, '.', '_', '-'."
        raise click.BadParameter(msg)
    if value == SEARCH:
        msg = f"found {value!r}, which is the key that names customers in searches."
        raise click.BadParameter(msg)
    return value


@keys.command("new")
@file_argument
@id_option
@json_option
def new(file: Path, key_id: str | None, *, as_json: bool) -> int:
    """Make FILE: a key to encrypt with, and one that names customers in searches."""
    from escalations.encryption import new_file, new_id
    from escalations.errors import Refused

    if file.exists():
        msg = f"{file} is there already. `escalade keys add {file}` adds a key to it."
        raise Refused(msg)
    return _written(file, new_file(key_id or new_id()), as_json)


@keys.command("add")
@file_argument
@id_option
@json_option
def add(file: Path, key_id: str | None, *, as_json: bool) -> int:
    """Add a key to FILE that only decrypts, until it is activated."""
    from escalations.encryption import new_id, read_keys, with_another
    from escalations.errors import Refused

    key_id = key_id or new_id()
    if key_id in read_keys(file).ids:
        msg = f"{file} has a key {key_id} already. Name the new one with --id."
        raise Refused(msg)
    return _written(file, with_another(file.read_text(encoding="ascii"), key_id), as_json)


@keys.command("activate")
@file_argument
@click.argument("key_id", metavar="ID")
@json_option
def activate(file: Path, key_id: str, *, as_json: bool) -> int:
    """Encrypt with the key ID of FILE from now on."""
    from escalations.encryption import read_keys, with_active
    from escalations.errors import Refused

    if key_id not in (ids := read_keys(file).ids):
        msg = f"{file} has no key {key_id}; it has {', '.join(ids)}."
        raise Refused(msg)
    return _written(file, with_active(file.read_text(encoding="ascii"), key_id), as_json)


@keys.command("list")
@file_argument
@json_option
def list_(file: Path, *, as_json: bool) -> int:
    """The ids of the keys in FILE, the one that encrypts first."""
    return _shown(file, as_json)


def _written(file: Path, text: str, as_json: bool) -> int:
    """The file with this text or as it was before, whatever happens meanwhile."""
    try:
        _replaced(file, text)
    except OSError as error:
        msg = f"{file} cannot be written: {error.strerror}."
        raise click.UsageError(msg) from None
    return _shown(file, as_json)


def _replaced(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.new")
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)


def _shown(file: Path, as_json: bool) -> int:
    from escalations.cli.printer import Printer
    from escalations.encryption import read_keys

    known, printer = read_keys(file), Printer(as_json)
    if as_json:
        printer.document({"active": known.active, "keys": known.ids})
    else:
        printer.lines(
            f"{key_id}  {'encrypts' if key_id == known.active else 'decrypts only'}"
            for key_id in known.ids
        )
    return 0
