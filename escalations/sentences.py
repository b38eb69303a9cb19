"""The timeline and the next deadline in words, in the reader's language."""

from datetime import datetime
from types import ModuleType
from typing import Any

from escalations.clock import Deadline, Then
from escalations.events import ResolutionKind
from escalations.languages import en, fi, fr
from escalations.opening_hours import zone
from escalations.policy import HoldReason
from escalations.record import EscalationRecord
from escalations.timeline import TimelineEntry

LANGUAGES: dict[str, ModuleType] = {"en": en, "fr": fr, "fi": fi}

_CODES = ("why", "kind", "ending")
"""Details that hold a code of ours, as does `reason` where it is a hold's."""


def words_of(language: str | None) -> ModuleType:
    """The words of a language: `fr-CA` reads French; one we do not have reads English."""
    return LANGUAGES.get((language or "en").partition("-")[0], en)


def moment(at: datetime, timezone: str) -> str:
    """A moment for a reader: `2026-11-23 15:00 CET`."""
    return at.astimezone(zone(timezone)).strftime("%Y-%m-%d %H:%M %Z")


def timeline(record: EscalationRecord, language: str | None = None) -> list[str]:
    """What happened, a sentence an entry, each beginning with its moment in the policy's zone."""
    timezone = record.snapshot.policy.timezone
    return [
        f"{moment(entry.at, timezone)}  {sentence(entry, timezone, language)}"
        for entry in record.timeline
    ]


def sentence(entry: TimelineEntry, timezone: str, language: str | None = None) -> str:
    """One entry in words."""
    words = words_of(language)
    details: dict[str, Any] = {
        name: _in_words(name, getattr(entry, name), timezone, words)
        for name in type(entry).model_fields
    }
    text: str = words.ENTRIES[_form(entry)].format_map(details)
    return text


def _form(entry: TimelineEntry) -> str:
    """Which sentence an entry takes: its type, or a variant of it."""
    match entry.type:
        case "opened" if entry.again:
            return "opened.again"
        case "level_entered" if entry.due_at is None:
            return "level_entered.open"
        case "breached" if entry.what != "window":
            return f"breached.{entry.what}"
        case "left_level" if entry.undone:
            return "left_level.undone"
        case "action_completed" if entry.evidence:
            return "action_completed.shown"
        case "on_call" if entry.until is None:
            return "on_call.open"
        case "rated" if entry.comment:
            return "rated.said"
        case "trigger_raised" if not entry.moved:
            return "trigger_raised.still"
        case "policy_adopted" if (entry.was_level, entry.was_name) != (entry.level, entry.name):
            return "policy_adopted.moved"
        case "retrospective_scheduled" if entry.already:
            return "retrospective_scheduled.already"
        case "held" if entry.until is None:
            return "held.open"
        case "confirmed" if entry.by is None:
            return "confirmed.presumed"
        case "closed" if entry.by and entry.reason:
            return "closed.said"
        case kind:
            return kind


def _in_words(name: str, value: Any, timezone: str, words: ModuleType) -> str:
    if value is None:
        return str(words.SOMEBODY)
    if isinstance(value, datetime):
        return moment(value, timezone)
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} × {count}" for key, count in value.items())
    text = " ".join(str(value).split())
    return why(text, words) if name in _CODES or isinstance(value, HoldReason) else text


def why(code: str, words: ModuleType) -> str:
    """A reason code in words; what is no code of ours is somebody's words already."""
    kind, _, name = code.partition(":")
    if kind == "trigger" and name:
        return str(words.WHY["trigger"]).format(name=name)
    return str(words.WHY.get(code, code))


def upcoming(record: EscalationRecord, language: str | None = None) -> str:
    """What happens next, in words: `Level 2 → 3: Account manager`."""
    return coming(record, record.next_deadline, language)


def coming(record: EscalationRecord, deadline: Deadline | None, language: str | None = None) -> str:
    """What happens at a moment, in words, as the case stands now."""
    levels = record.snapshot.policy.levels
    above = min(record.level + 1, len(levels))
    text: str = (
        words_of(language)
        .NEXT[_form_of_next(record, deadline)]
        .format(
            name=record.level_name,
            level=record.level,
            next_level=above,
            next_name=levels[above - 1].name,
        )
    )
    return text


def _form_of_next(record: EscalationRecord, deadline: Deadline | None) -> str:
    """Which sentence a deadline takes: what will happen then, or a variant of it."""
    resolution = record.resolution
    if deadline is None:
        return "closed"
    if (
        deadline.then is Then.PRESUME
        and resolution
        and resolution.kind is ResolutionKind.WORKAROUND
    ):
        return "presume.workaround"
    return deadline.then
