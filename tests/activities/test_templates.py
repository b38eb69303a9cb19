"""The words: every notice in every language, whatever stands in a case."""

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from structlog.testing import capture_logs

from activities.letters import Letter
from activities.templates import OURS, JinjaTemplates
from escalations.durations import Duration
from escalations.effects import CustomerNotice, Notice, Recipient, Send
from escalations.events import ResolutionKind
from escalations.policy import HoldReason
from escalations.record import Ending
from escalations.retrospective_events import (
    ActionItem,
    ActionKind,
    Circular,
    Missing,
    RetrospectiveParticulars,
)
from escalations.slots import Slot
from tests.activities.people import AT, brief, particulars, recipient, send

LANGUAGES = ("en", "fr", "fi")
NOTICES: tuple[Notice | CustomerNotice, ...] = (*Notice, *CustomerNotice)
MOVED = ("time", "handed_up", "trigger:manager-requested", "trigger:my-own", "rejected")
CODES: dict[Notice | CustomerNotice, tuple[str, ...]] = {
    Notice.LEVEL_ENTERED: ("opened", "opened_again", "fix_overdue", "nobody_reachable", *MOVED),
    Notice.REOPENED: ("rejected", "fix_overdue"),
    Notice.HOLD_REMINDER: tuple(HoldReason),
    Notice.HOLD_ENDED: tuple(HoldReason),
    Notice.CASE_CLOSED: tuple(Ending),
    CustomerNotice.HANDED_OVER: ("fix_overdue", "nobody_reachable", *MOVED),
    CustomerNotice.CONFIRMATION_ASKED: tuple(ResolutionKind),
    CustomerNotice.REOPENED: ("rejected", "fix_overdue"),
    CustomerNotice.CLOSED: tuple(Ending),
}
"""Notice → every reason it is sent for; the others have none."""

OUR_TEMPLATES = JinjaTemplates()

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} {% raw %} &amp; \"'</style> 🚨 דנה"
"""What somebody may put into a title: markup, template code, right-to-left script."""


def reader(language: str, **changed: Any) -> Recipient:
    return recipient("ada", language=language, **changed)


def sent(notice: Notice | CustomerNotice, **said: Any) -> Send:
    """A send of any notice, its words filled; a retrospective's with everything it may say."""
    if notice not in Notice or not notice.startswith("retrospective_"):
        return send(notice, **({"actions": ["investigate-further"]} | said))
    item = ActionItem(id=1, text="Write it", owner="Ken", due=AT.date(), kind=ActionKind.TRAINING)
    about = {
        "decided_at": AT,
        "slot": Slot(start_at=AT, end_at=AT + timedelta(minutes=45)),
        "duration": Duration.parse("45m"),
        "story": [],
        "unreached": ["Eve"],
        "missing": list(Missing),
        "open_items": [item],
    }
    words = RetrospectiveParticulars(**(particulars(**said).model_dump() | about))
    return Circular(key="T-1/9/1", notice=Notice(notice), to=[], brief=brief(), particulars=words)


def write(
    notice: Notice | CustomerNotice,
    language: str = "en",
    *,
    templates: JinjaTemplates | None = None,
    case: dict[str, Any] | None = None,
    to: Recipient | None = None,
    **said: Any,
) -> Letter:
    with capture_logs() as logs:
        letter = (templates or OUR_TEMPLATES).write(
            brief(**(case or {})), sent(notice, **said), to or reader(language)
        )
    if templates is None:
        assert logs == [], "one of our own templates broke"
    return letter


class Page(HTMLParser):
    """What a browser makes of an HTML mail: visible words, tags, what is still open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += "" if "style" in self.open else data


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_in_every_language(notice: Notice | CustomerNotice, language: str) -> None:
    """Each notice says the same in text and HTML, names the case, and leaves nothing unsaid."""
    for why in CODES.get(notice, ("",)):
        letter = write(notice, language, why=why, text="Their words.")

        assert letter.html is not None
        page = Page(letter.html)
        assert page.open == []
        assert letter.subject.startswith("[T-1] ")
        assert len(letter.subject) <= 120
        assert "\n" not in letter.subject
        assert "T-1" in letter.text
        assert "Charged twice" in letter.text
        assert letter.chat
        for paragraph in letter.text.split("\n\n")[1:-3]:
            if not paragraph.startswith(("- ", "> ")) and "\n" not in paragraph:
                assert paragraph in page.words
        for unsaid in ("None", "{{", "{%", "\u2068", "<", "Undefined"):
            assert unsaid not in letter.subject + letter.text.replace("<script", "") + letter.chat


@pytest.mark.parametrize("notice", NOTICES)
def test_languages_are_different(notice: Notice | CustomerNotice) -> None:
    """No language has another one's sentences."""
    why = CODES.get(notice, ("",))[0]
    letters = [write(notice, language, why=why) for language in LANGUAGES]

    for part in ("subject", "chat"):
        assert len({getattr(letter, part) for letter in letters}) == 3
    first_sentences = {letter.text.split("\n\n")[1] for letter in letters}
    assert len(first_sentences) == 3


@pytest.mark.parametrize("notice", NOTICES)
def test_every_notice_says_its_moment_in_the_readers_zone(
    notice: Notice | CustomerNotice,
) -> None:
    """Where a notice has a moment, the reader finds it in their own zone, zone named; else none."""
    helsinki = recipient("ada", timezone="Europe/Helsinki")
    silent = {Notice.STAKEHOLDER_INFORMED, Notice.REOPENED, Notice.CASE_CLOSED, Notice.UNDELIVERED}
    silent |= {n for n in Notice if n.startswith("retrospective_")} - {
        Notice.RETROSPECTIVE_INVITATION
    }
    letter = write(notice, to=helsinki, why=CODES.get(notice, ("",))[0])
    says = "Monday 23 November 2026, 16:00 (Europe/Helsinki)" in letter.text

    assert says is (notice not in silent and notice is not CustomerNotice.CLOSED)
    without = write(notice, to=helsinki, due_at=None, why=CODES.get(notice, ("",))[0])
    if notice is not Notice.RETROSPECTIVE_INVITATION:
        assert "16:00" not in without.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES)
def test_nothing_in_a_case_is_taken_for_markup(
    notice: Notice | CustomerNotice, language: str
) -> None:
    """Markup, template code and long words in every field are shown as they are, no more."""
    words = f"{HOSTILE}\n{HOSTILE}"
    letter = write(
        notice,
        language,
        case={
            "title": HOSTILE,
            "statement": (words * 150)[:20_000],
            "customer_name": HOSTILE,
            "at_stake": words,
            "owner": HOSTILE,
            "category": HOSTILE,
        },
        to=recipient("ada", name=HOSTILE, language=language),
        level_name=HOSTILE,
        contact_name=HOSTILE,
        why=CODES.get(notice, (f"trigger:{HOSTILE}",))[0],
        by=HOSTILE,
        text=(words * 150)[:20_000],
        actions=[HOSTILE],
        leaves_on=[HOSTILE],
    )

    assert letter.html is not None
    page = Page(letter.html)
    assert page.open == []
    assert "script" not in page.tags
    assert page.tags.count("style") == 1
    assert "<script>alert(1)</script> {{ 7*7 }} {% raw %} &amp;" in page.words
    assert "49" not in letter.subject + letter.chat
    assert len(letter.subject) <= 120
    assert len(letter.text) < 20_000
    assert len(letter.html) < 60_000
    assert len(letter.chat) < 3_000


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


def test_customers_hear_nothing_of_the_inside() -> None:
    """A customer reads no level, no stake, no command, and no words that were not for them."""
    for notice in CustomerNotice:
        for why in CODES.get(notice, ("",)):
            letter = write(notice, why=why, text="Hopeless customer.", leaves_on=["bad-review"])
            said = f"{letter.subject} {letter.text} {letter.html} {letter.chat}"

            for inside in ("level", "Level", "escalade", "Support manager", "The renewal."):
                assert inside not in said
            asked = notice is CustomerNotice.CONFIRMATION_ASKED
            assert ("Hopeless customer." in said) is asked


def test_handed_over_says_who_why_and_how_long() -> None:
    """The customer hears who takes over, why, and until when (D18, C39, C40)."""
    letter = write(CustomerNotice.HANDED_OVER, why="time")

    assert "Ken Oda now looks after “Charged twice”" in letter.text
    assert "because we have not found a solution as fast as we want to" in letter.text
    assert "by Monday 23 November 2026, 15:00 (Europe/Paris)" in letter.text


def test_confirmation_asks_yes_or_no_and_says_what_silence_means() -> None:
    """The customer reads what was done, how to answer, and when silence closes the case."""
    text = write(CustomerNotice.CONFIRMATION_ASKED, why="fix", text="We refunded it.").text

    assert "Please reply yes or no." in text
    assert "> We refunded it." in text
    assert "hear nothing by Monday 23 November 2026, 15:00 (Europe/Paris), we take it" in text
    assert "close the case" in text
    assert "close the case" not in write(CustomerNotice.CONFIRMATION_ASKED, why="workaround").text


def test_level_reads_what_to_do() -> None:
    """A level reads its actions, what passes the case on, and the command that takes it."""
    text = write(
        Notice.LEVEL_ENTERED, actions=["attempt-solution", "own-thing"], leaves_on=["bad-review"]
    ).text

    assert "- attempt a solution\n- own thing\n" in text
    assert "passes the case on when:\n- there is, or will be, a bad review\n" in text
    assert 'escalade acknowledge T-1 --by "your name"' in text
    assert "The renewal." in text
    assert "Level: 2 of 7 · Support manager" in text


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


def test_message_goes_out_without_any_template() -> None:
    """A zone that is none breaks even ours: the bare facts are sent all the same."""
    nowhere = recipient("ada", timezone="Mars/Olympus")
    with capture_logs() as logs:
        letter = JinjaTemplates().write(brief(), sent(Notice.REMINDER), nowhere)

    assert letter.subject == "[T-1] P1 · Charged twice"
    assert "Invoice 7 was charged twice." in letter.text
    assert letter.html is None
    assert {log["event"] for log in logs} == {"template.broke"}


def test_commands_of_a_retrospective_are_json() -> None:
    """The commands in a retrospective's messages can be typed as they stand."""
    text = write(Notice.RETROSPECTIVE_REMINDER).text
    inputs = re.findall(r"--input '(.*)'", text)

    assert inputs
    assert all(json.loads(each)["by"] == "your name" for each in inputs)
