"""What `policy check` reads besides a policy: its comments, its rotas' files, the templates."""

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import click

import escalations
from escalations.lint.findings import LintFinding, lint
from escalations.lint.staffed import Staffed, staffed
from escalations.lint.subject import HORIZON, Subject
from escalations.lint.vocabulary import Vocabulary
from escalations.opening_hours import zone
from escalations.policy import Policy
from escalations.policy_file import Checked, Finding
from escalations.policy_files.files import MAX_BYTES, text_of
from escalations.rostering import Cover
from escalations.rota import RotaQuestion

OURS: Final = Path(escalations.__file__).parents[1] / "activities" / "templates"
"""Our templates, where this is a checkout; the wheel has none."""

_SENTENCES: Final = Path(escalations.__file__).parent / "languages"


@dataclass(frozen=True)
class Result:
    """What a check of one file found."""

    file: str
    policy: Policy | None
    """The policy, if it can be used."""
    mistakes: list[Finding] = field(default_factory=list)
    """What keeps it from being used."""
    findings: list[LintFinding] = field(default_factory=list)
    """What it can be used with, accepted or not."""
    staffing: list[Staffed] = field(default_factory=list)
    """When somebody is there in the days ahead, level by level."""


def check_file(
    file: Path,
    at: datetime | None,
    templates: Path | None,
    ignored: Iterable[str],
    rotas: Mapping[str, Path] | None = None,
) -> Result:
    """Check one policy file; `-` is standard input. `at` is a day by the policy's clock, or now.

    `rotas` are calendars in the place of those that the policy names, such as addresses.
    """
    source: Path | str = file
    if str(file) == "-":
        source = sys.stdin.buffer.read(MAX_BYTES + 1).decode("utf-8-sig", "replace")
    checked = Checked(source)
    policy, document = checked.policy, checked.document
    if policy is None:
        return Result(document.file, None, checked.findings)
    since = at.replace(tzinfo=zone(policy.timezone)) if at else datetime.now(UTC)
    folder = file.parent
    subject = Subject(
        policy=policy,
        at=since,
        vocabulary=vocabulary(tuple(policy.languages), templates),
        covers=covers(policy, folder, since, rotas or {}),
        absent=_absent(policy, folder, rotas or {}),
    )
    texts = {document.file: source} if isinstance(source, str) else _texts(file, policy)
    found = lint(subject, document, texts, frozenset(ignored))
    return Result(document.file, policy, [], found, list(staffed(subject)))


def covers(
    policy: Policy, folder: Path, since: datetime, stand_ins: Mapping[str, Path]
) -> dict[str, Cover]:
    """Who is on call in the days ahead: contact → what its calendars say.

    Without those whose calendar is an address that nothing stands in for, or is not there; nobody
    where nothing is installed that reads calendars.
    """
    from escalations.cli.rotas import rota_files

    rotas = {name: each.rota for name, each in policy.contacts.items() if each.rota is not None}
    files = rota_files(folder, stand_ins) if rotas else None
    if files is None:
        return {}
    return {
        name: files.cover(
            RotaQuestion(contact=name, rota=rota, at=since, timezone=policy.timezone), HORIZON
        )
        for name, rota in rotas.items()
        if not files.lacking(name, rota)
    }


def _texts(file: Path, policy: Policy) -> dict[str, str]:
    """The policy's file and, where it names one, the file with its articles."""
    texts = {str(file): text_of(file)}
    for each in file.parent.iterdir() if policy.knowledge else ():
        if each.suffix in (".yaml", ".yml"):
            texts[str(file.parent / each.name)] = text_of(each)
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def _absent(policy: Policy, folder: Path, stand_ins: Mapping[str, Path]) -> frozenset[str]:
    """The files with shifts that this policy names and that are not beside it."""
    named = {
        source
        for name, contact in policy.contacts.items()
        for key in ("calendar", "overrides")
        if (source := getattr(contact.rota, key, None)) is not None
        and (name if key == "calendar" else f"{name}.{key}") not in stand_ins
    }
    return frozenset(each for each in named if "://" not in each and not (folder / each).is_file())


@cache
def vocabulary(languages: tuple[str, ...], templates: Path | None) -> Vocabulary | None:
    """The words in a company's templates over ours; `None` where ours are not at hand."""
    if not (OURS / "layout.txt").is_file():
        return None
    folders = [OURS, *([templates] if templates else [])]
    known = {each.name for folder in folders for each in folder.iterdir() if each.is_dir()}
    read = {each for language in languages[1:] for each in (language, language.partition("-")[0])}
    return Vocabulary(
        notices={
            language: frozenset(
                path.stem for folder in folders for path in (folder / language).glob("*.txt")
            )
            for language in known
        },
        names={language: _names(language, folders) for language in known & read},
        sentences=frozenset(path.stem for path in _SENTENCES.glob("??*.py")) - {"__init__"},
    )


def _names(language: str, folders: list[Path]) -> frozenset[str]:
    """The triggers and actions for which there are words in that language."""
    found: set[str] = set()
    for folder in folders:
        words = _read(folder / language / "words.yaml")
        for table in ("triggers", "actions"):
            found.update(map(str, words.get(table) or {}))
    return frozenset(found)


def _read(path: Path) -> dict[str, Any]:
    """A file of words; one that is not there, or broken, has none."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        words = yaml.load(path.read_text("utf-8"), loader)  # noqa: S506  a safe one, in C if there
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return {}
    return words if isinstance(words, dict) else {}


def templates_folder(said: Path | None) -> Path | None:
    """The company's templates: what was said, else ESCALADE_TEMPLATES, if there is any.

    Raises:
        UsageError: there is no such folder.
    """
    named = said or (Path(os.environ["ESCALADE_TEMPLATES"]) if _set() else None)
    if named is not None and not named.is_dir():
        msg = f"there is no folder {named}: --templates or ESCALADE_TEMPLATES must name one"
        raise click.UsageError(msg)
    return named


def _set() -> bool:
    return bool(os.environ.get("ESCALADE_TEMPLATES"))
