"""Words: languages, moments, spans of time and directions of script."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from activities.templates import OURS
from escalations.effects import Notice
from tests.activities.people import brief, recipient
from tests.activities.written import LANGUAGES, reader, write


@pytest.mark.parametrize(
    ("wanted", "read"), [("fr-CA", "fr"), ("fr", "fr"), ("sv", "en"), ("sv-FI", "en"), ("", "en")]
)
def test_language_nobody_wrote_falls_back(wanted: str, read: str) -> None:
    """`fr-CA` reads French; who reads none of our languages reads English."""
    letter = write(Notice.REMINDER, to=reader(wanted))

    assert letter.language == read
    assert f'<html lang="{read}" dir="ltr">' in str(letter.html)
    assert letter.text == write(Notice.REMINDER, read).text


@pytest.mark.parametrize(
    ("at", "language", "zone", "said"),
    [
        ((2026, 12, 1, 8, 5), "fr", "Europe/Paris", "mardi 1er décembre 2026 à 9 h 05"),
        ((2026, 12, 1, 7, 5), "fi", "Europe/Helsinki", "tiistaina 1. joulukuuta 2026 klo 9.05"),
        ((2026, 12, 31, 22, 0), "en", "Asia/Tokyo", "Friday 1 January 2027, 07:00 (Asia/Tokyo)"),
        ((2026, 10, 25, 0, 30), "en", "Europe/Paris", "02:30 (Europe/Paris, UTC+0200)"),
        ((2026, 10, 25, 1, 30), "en", "Europe/Paris", "02:30 (Europe/Paris, UTC+0100)"),
    ],
)
def test_moments_cannot_be_mistaken(
    at: tuple[int, ...], language: str, zone: str, said: str
) -> None:
    """A moment is said in the reader's words and zone; the hour that comes twice says which."""
    moment = datetime(*at, tzinfo=UTC)  # type: ignore[arg-type, misc]  # five numbers
    to = recipient("ada", language=language, timezone=zone)
    text = write(Notice.REMINDER, to=to, due_at=moment).text.replace("\u00a0", " ")

    assert said in text


@pytest.mark.parametrize(
    ("open_for", "language", "said"),
    [
        (timedelta(days=2, hours=3, minutes=9), "en", "2 days 3 hours"),
        (timedelta(minutes=61), "fr", "1 heure 1 minute"),
        (timedelta(days=1, minutes=2), "fi", "1 päivä 2 minuuttia"),
        (timedelta(seconds=59), "en", "less than a minute"),
        (-timedelta(hours=1), "en", "less than a minute"),
    ],
)
def test_spans_of_time_in_words(open_for: timedelta, language: str, said: str) -> None:
    """A missed promise says how long the case has been open, to two units."""
    text = write(Notice.BREACH, language, due_at=brief().opened_at + open_for).text

    assert re.search(rf"(Open for|Durée à ce jour\s|Avoinna): {said}\n", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_word(language: str) -> None:
    """The languages have the same words with the same places, and the matrix is translated."""

    def places(words: Any) -> Any:
        if isinstance(words, dict):
            return {key: places(value) for key, value in words.items()}
        return len(words) if isinstance(words, list) else set(re.findall(r"{(\w+)", str(words)))

    def words(name: str) -> dict[str, Any]:
        loaded = yaml.safe_load((OURS / name / "words.yaml").read_text("utf-8"))
        return {key: loaded[key] for key in loaded if key not in ("categories", "first_day")}

    matrix = yaml.safe_load(Path("policies/call-centre.yaml").read_text("utf-8"))
    assert places(words(language)) == places(words("en"))
    assert set(matrix["triggers"]) <= set(words(language)["triggers"])
    actions = {action for level in matrix["levels"] for action in level["actions"]}
    assert actions <= set(words(language)["actions"])
    grants = {grant for level in matrix["levels"] for grant in level.get("may_grant", {})}
    assert grants <= set(words(language)["grants"])


@pytest.mark.parametrize("name", ["דנה כהן", "أحمد", "ACME דנה (מנהלת)"])
def test_right_to_left_names_stand_apart(name: str) -> None:
    """A name in right-to-left script is isolated, so that the words around it keep their order."""
    letter = write(Notice.LEVEL_ENTERED, case={"customer_name": name, "title": f"{name} x " * 7})

    assert f"\u2068{name}\u2069 needs you" in letter.text
    assert letter.html is not None
    assert f"<bdi>{name}</bdi> needs you" in letter.html
    assert "\u2068" not in letter.html
    for part in (letter.subject, letter.text, letter.chat):
        assert part.count("\u2068") == part.count("\u2069") > 0


def test_isolation_cannot_be_undone_from_within() -> None:
    """Somebody's own direction marks do not end the isolation of their words."""
    letter = write(Notice.LEVEL_ENTERED, why="\u2069\u2068", by="\u2069דנה\u2069", text="x")

    assert "(\u2068דנה\u2069)" in letter.text
