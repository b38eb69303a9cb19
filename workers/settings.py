"""What the environment says to a worker: read here and nowhere else.

The Temporal client's own variables (`TEMPORAL_ADDRESS`, …) are read by `temporalio.envconfig`.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    DirectoryPath,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.exc import SQLAlchemyError

from activities.channels.mail import Mail
from activities.channels.smtp import Smtp
from activities.ledger import SqlLedger
from escalations import names
from escalations.durations import Duration, Unit
from escalations.errors import EscaladeError
from escalations.given_addresses import MAIL
from escalations.model import Line
from workers.secret_files import FOLDER, secret_files

PREFIX: Final = "ESCALADE_"
SECRET_PREFIX: Final = "ESCALADE_SECRET_"  # noqa: S105  a name, not a secret

_DEPLOYMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_BUILD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")
_CHANNEL: Final = re.compile(r"[a-z][a-z0-9+.\-]*")
_OF_OTHERS: Final = (
    "ESCALADE_CODEC_ADDRESS",
    "ESCALADE_CODEC_ORIGIN",
    "ESCALADE_CODEC_TOKENS_FILE",
    "ESCALADE_BASE_URL",
    "ESCALADE_LINK_KEYS",
    "ESCALADE_API_KEYS_FILE",
)
_WORDS: Final = {
    "path_not_directory": "a folder that exists",
    "path_not_file": "a file that exists",
    "missing": "it has to be set",
    "int_parsing": "a whole number",
}
_HIDDEN: Final = ("smtp_url", "records_url")


class SettingsInvalid(EscaladeError):
    """The settings have mistakes. Mend the variables that are named and start again."""


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _smtp_url(url: SecretStr) -> SecretStr:
    try:
        Smtp(url.get_secret_value())
    except ValueError:
        msg = "smtp://[user:password@]host:port, or smtps://… for TLS from the start"
        raise ValueError(msg) from None
    return url


def _records_url(url: SecretStr) -> SecretStr:
    try:
        SqlLedger(url.get_secret_value())
    except (SQLAlchemyError, ValueError):
        msg = (
            "a database that lasts, such as sqlite:///escalade.db or postgresql+psycopg://host/name"
        )
        raise ValueError(msg) from None
    except ImportError as error:
        msg = f"a database whose driver is installed here; missing is {error.name}"
        raise ValueError(msg) from None
    return url


def _sender(mailbox: str | None, others: ValidationInfo) -> str | None:
    if mailbox is not None:
        try:
            Mail(Smtp("smtp://localhost"), mailbox)
        except ValueError:
            msg = "`Name <mail@example.com>`, or the address alone"
            raise ValueError(msg) from None
    elif others.data.get("smtp_url") is not None:
        msg = "the sender of all mail, such as `Help <help@example.com>`: ESCALADE_SMTP_URL is set"
        raise ValueError(msg)
    return mailbox


def _deployment(name: str) -> str:
    if _DEPLOYMENT.fullmatch(name) is None:
        msg = "1 to 64 of letters, digits, '_' and '-', such as escalade"
        raise ValueError(msg)
    return name


def _build(build: str | None) -> str | None:
    if build is not None and _BUILD.fullmatch(build) is None:
        msg = "1 to 100 of letters, digits, '.', '_', '+' and '-', such as a version or a commit"
        raise ValueError(msg)
    return build


def _metrics_address(address: str | None) -> str | None:
    host, _, port = (address or "127.0.0.1:9464").rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65_536:
        msg = "host:port to listen on, such as 127.0.0.1:9464"
        raise ValueError(msg)
    return address


def _sign_of_life(sign: Path | None) -> Path | None:
    if sign is not None and not sign.parent.is_dir():
        msg = f"a file in a folder that exists, such as /tmp/{sign.name}"
        raise ValueError(msg)
    return sign


def _channels(value: object) -> object:
    if not isinstance(value, str):
        return value
    channels = [each.strip() for each in value.split(",")]
    if not all(map(_CHANNEL.fullmatch, channels)):
        msg = "channels, a comma between them, such as `mailto` or `mailto, slack`"
        raise ValueError(msg)
    return tuple(dict.fromkeys(channels))


def _open_time(value: object) -> object:
    if not isinstance(value, str):
        return value
    with suppress(ValueError):
        duration = Duration.parse(value)
        if duration.unit is Unit.HOURS:
            return timedelta(microseconds=int(duration.amount))
    msg = "seconds, minutes or hours, such as 20s"
    raise ValueError(msg)


class Running(BaseSettings):
    """What every process of ours is told; each field is the variable `ESCALADE_<FIELD>`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    task_queue: Line = names.TASK_QUEUE
    """The queue that workers take their work from."""

    log: Annotated[Literal["json", "console"], BeforeValidator(_lower)] = "json"
    """How log lines look: JSON for machines, or columns for people."""

    log_level: Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)] = (
        "info"
    )
    """The least severe lines that are written."""

    metrics_address: Annotated[str | None, AfterValidator(_metrics_address)] = None
    """`host:port` on which Prometheus finds metrics; none without it."""

    encryption_keys_file: FilePath | None = None
    """The keys that payloads are encrypted with (`escalade keys`); they are in plain without it."""


class Settings(Running):
    """A worker's settings."""

    deployment: Annotated[str, AfterValidator(_deployment)] = "escalade"
    """The worker deployment of which this worker is a build; of no use without `build`."""

    build: Annotated[str | None, AfterValidator(_build)] = None
    """This worker's build id: open cases stay on their build (docs/deploying.md). None without it:
    whichever worker is there goes on with a case."""

    policies: DirectoryPath = Path("policies")
    """Folder of the matrices, one YAML file each."""

    templates: DirectoryPath | None = None
    """Folder whose templates replace ours, file by file."""

    smtp_url: Annotated[SecretStr, AfterValidator(_smtp_url)] | None = None
    """Mail out: `smtp://[user:password@]host:port` or `smtps://…`; no mail goes out without it."""

    mail_from: Annotated[str | None, AfterValidator(_sender)] = None
    """Sender of all mail; needed where mail goes out."""

    request_channels: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_channels)] = (MAIL,)
    """Channels that an address in a request may be of, and never with a secret; addresses in a
    policy may be of any."""

    records_url: Annotated[SecretStr, AfterValidator(_records_url)] = SecretStr(
        "sqlite:///escalade.db"
    )
    """SQLAlchemy URL of the database for records and deliveries."""

    alive_file: Annotated[Path | None, AfterValidator(_sign_of_life)] = None
    """File that the worker touches every five seconds (`python -m workers.health --alive`)."""

    max_cached_workflows: int = Field(default=5_000, ge=0)
    """Open cases kept in memory, about 50 KB each; those beyond are replayed at every message."""

    max_concurrent_workflow_tasks: int = Field(default=100, ge=2)
    """Decisions made at a time."""

    max_concurrent_activities: int = Field(default=100, ge=1)
    """Side effects carried out at a time."""

    stop_within: Annotated[timedelta, NoDecode, BeforeValidator(_open_time)] = timedelta(seconds=20)
    """How long work in hand may go on when the worker is stopped; less than its orchestrator's."""

    secrets: Annotated[dict[str, SecretStr], NoDecode] = {}
    """Name → value of `${NAME}` in the addresses of a policy: `ESCALADE_SECRET_<NAME>`."""


def read_settings() -> Settings:
    """The settings of this process, from the environment and from files (`secret_files`).

    Raises:
        SettingsInvalid: with every mistake at once, each with its variable, what was found (never
            a secret) and what is allowed, and with every `ESCALADE_…` variable there is no use for.
    """
    files, problems = secret_files(os.environ, PREFIX)
    given = files | os.environ
    secrets = {
        name.removeprefix(SECRET_PREFIX): SecretStr(value)
        for name, value in given.items()
        if name.startswith(SECRET_PREFIX)
    }
    problems += _useless(given)
    known = {PREFIX + field.upper(): field for field in Settings.model_fields}
    said: dict[str, Any] = {known[n]: text for n, text in files.items() if n in known and text}
    try:
        settings = Settings(**said | {"secrets": secrets})
    except ValidationError as error:
        problems += map(mistake, error.errors(include_url=False))
    if problems:
        raise SettingsInvalid("\n".join(["The settings have mistakes.", *problems]))
    return settings


def _useless(given: Iterable[str]) -> Iterator[str]:
    known = [field.upper() for field in Settings.model_fields if field != "secrets"]
    for name in sorted(given):
        short = name.removeprefix(PREFIX)
        if short == name or name.startswith(SECRET_PREFIX) or short in known or name == FOLDER:
            continue
        elif name not in _OF_OTHERS:
            similar = [PREFIX + each for each in get_close_matches(short, [*known, "SECRET_NAME"])]
            there_are = ", ".join(PREFIX + each for each in known)
            hint = f"did you mean {similar[0]}?" if similar else f"there are {there_are}"
            yield f"{name}: there is no such setting; {hint}"


def mistake(error: ErrorDetails) -> str:
    """One mistake: the variable, what was found (never a secret), and what is allowed."""
    field, given = str(error["loc"][0]), error["input"]
    found = "nothing" if given is None else repr(str(given)[:60])
    if field in _HIDDEN:
        found = "a value that is not shown here, since it may hold a password"
    allowed = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    allowed = _WORDS.get(error["type"], allowed)
    return f"{PREFIX}{field.upper()}: found {found}; allowed: {allowed}"
