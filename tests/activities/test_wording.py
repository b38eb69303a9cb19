"""What single messages say: to a level, to whoever drives the case, to the customer."""

import re
import shlex
from typing import Any

import pytest

from escalations import events
from escalations.effects import CustomerNotice, Notice
from escalations.policy import Kind
from tests.activities.people import recipient
from tests.activities.written import CODES, LANGUAGES, MOVED, NOTICES, Page, write

SAID: dict[Notice | CustomerNotice, tuple[str, ...]] = {
    Notice.UPDATE_DUE: ("Maison Lefèvre", "Charged twice", "MOMENT", "update-customer T-1"),
    Notice.UPDATE_MISSED: ("Maison Lefèvre", "Charged twice", "MOMENT", "update-customer T-1"),
    Notice.ASK_CUSTOMER: ("Maison Lefèvre", "Their words.", "update-customer T-1"),
    Notice.RELEASED: ("Nia Roy", "Ken Oda", "MOMENT", "acknowledge T-1"),
    Notice.PRIORITY_CHANGED: ("Nia Roy", "Their words.", "P1", "MOMENT", "set-priority T-1"),
    Notice.NOBODY_ON_CALL: ("Nia Roy", "Their words.", "acknowledge T-1"),
    Notice.EXECUTIVE_CALLED: ("Nia Roy", "Their words.", "Maison Lefèvre"),
    CustomerNotice.SUGGESTION: ("Nia Roy", "Their words.", "Charged twice", "P1", "MOMENT"),
    CustomerNotice.UPDATE: ("Nia Roy", "Their words.", "Charged twice", "Ken Oda"),
    CustomerNotice.SURVEY: ("Charged twice", "MOMENT", "1", "5"),
}
"""Notice → what its reader must find in it, in whatever language."""
MOMENT = {"en": "23 November 2026, 15:00", "fr": "23 novembre 2026 à 15 h 00"}
MOMENT["fi"] = "23. marraskuuta 2026 klo 15.00"
RAW = ("trigger:", "legal-threat", "my-own", "manager-requested", "self-service", " any", "any ")
GRANTS = {"credit": "100 EUR", "own-thing": "any"}
TYPED = re.compile(r"^  (?:escalade|temporal) .*$", re.MULTILINE)


def without_commands(text: str) -> str:
    """A mail's text, but for what can be typed."""
    return TYPED.sub("", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", SAID)
def test_message_says_what_it_is_for(notice: Notice | CustomerNotice, language: str) -> None:
    """Whom, what, until when and how to go on: all of it is said, in text and in HTML."""
    why = "set" if notice is Notice.PRIORITY_CHANGED else CODES.get(notice, ("",))[0]
    letter = write(notice, language, why=why, by="Nia Roy", text="Their words.")
    page = Page(str(letter.html)).words.replace("\u00a0", " ")
    text = letter.text.replace("\u00a0", " ")

    for words in SAID[notice]:
        said = MOMENT[language] if words == "MOMENT" else words
        assert said in text
        assert said in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", NOTICES)
def test_nobody_reads_our_codes(notice: Notice | CustomerNotice, language: str) -> None:
    """Reasons, triggers and grants are said in words, whoever reads them."""
    for why in CODES.get(notice, ("",)):
        for left_out in ({}, {"by": "", "text": "", "due_at": None}):
            said: dict[str, Any] = {"by": "Nia", "text": "x", "may_grant": GRANTS, **left_out}
            letter = write(notice, language, why=why, leaves_on=["legal-threat"], **said)
            text = without_commands(letter.text)

            assert not re.search(r"[a-z]_[a-z]", letter.subject + text)
            assert not [raw for raw in RAW if raw in letter.subject + text and raw.strip() != "any"]
            assert "()" not in text
            assert ": any" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_of_its_own(language: str) -> None:
    """No two reasons read alike to a level, or to a customer whose case moves."""
    for notice in (Notice.LEVEL_ENTERED, CustomerNotice.HANDED_OVER):
        codes = [why for why in CODES[notice] if not why.startswith("trigger:")]
        texts = {write(notice, language, why=why).text for why in [*codes, "unheard-of"]}

        assert len(texts) == len(codes) + 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", MOVED)
def test_customer_hears_what_kind_of_people_take_over(why: str, language: str) -> None:
    """A specialist, somebody more senior, a partner outside; never our reasons or notes (C39)."""
    said: dict[str, Any] = {
        "why": why,
        "by": "Nia Roy",
        "text": "Hopeless customer.",
        "may_grant": GRANTS,
    }
    letters = [write(CustomerNotice.HANDED_OVER, language, kind=kind, **said) for kind in Kind]

    down_or_first = why in ("handed_back", "not_helped", "no_answer")
    assert len({letter.text for letter in letters}) == (3 if down_or_first else 4)
    for letter in letters:
        everything = f"{letter.subject} {letter.text} {Page(str(letter.html)).words} {letter.chat}"
        assert "Ken Oda" in letter.text
        inside = ("Hopeless", "Nia Roy", "my own", "100", "Support manager", "escalade", *RAW[:5])
        assert not [words for words in inside if words in everything]


def test_specialist_senior_or_partner() -> None:
    """The words for each kind, and none where nobody higher or more skilled takes over."""
    said = {kind: write(CustomerNotice.HANDED_OVER, kind=kind, why="time").text for kind in Kind}

    assert (
        "A specialist now looks after “Charged twice” (Ken Oda), because" in said[Kind.FUNCTIONAL]
    )
    assert "A partner outside our company now looks after" in said[Kind.EXTERNAL]
    assert "is now in more senior hands (Ken Oda), because" in said[Kind.HIERARCHICAL]
    assert "Ken Oda now looks after “Charged twice”, because" in said[Kind.SELF_SERVICE]


@pytest.mark.parametrize("why", ["rejected", "survey", "fix_overdue"])
def test_last_level_stays_where_it_is(why: str) -> None:
    """Reopened at the last level, the case is in no more senior hands than before."""
    last = write(CustomerNotice.HANDED_OVER, why=why, level=7)

    assert "senior" not in last.subject + last.text
    assert "senior" in write(CustomerNotice.HANDED_OVER, why=why, level=6).text
    assert "senior" in write(CustomerNotice.HANDED_OVER, why="time", level=7).text


@pytest.mark.parametrize("notice", [Notice.LEVEL_ENTERED, Notice.REMINDER])
def test_level_reads_what_it_may_grant(notice: Notice) -> None:
    """A level reads what it may grant and up to what amount (C14, D40); nothing, and no word."""
    letter = write(notice, may_grant={"credit": "100 EUR", "refund": "any", "own-thing": "any"})
    rows = "- credit: up to 100 EUR\n- refund: no limit\n- own thing: no limit\n"

    assert f"What may be granted at this level:\n{rows}" in letter.text
    assert "credit: up to 100 EUR" in Page(str(letter.html)).words
    assert "granted" not in write(notice).text


def test_open_actions_come_before_passing_it_on() -> None:
    """Each open action has its command, and passing the case on by hand waits for them (D28)."""
    open_ = write(Notice.LEVEL_ENTERED, actions=["check-account", "own-thing"])
    done = write(Notice.LEVEL_ENTERED, actions=[])

    command = 'escalade complete-action T-1 --by "your name" --action'
    said = f"- Write down as done (check the customer’s account):\n  {command} check-account\n"
    assert said in open_.text
    assert f"{command} own-thing" in open_.text
    assert "by hand has to wait until these are done" in open_.text
    assert "Pass it on to the next level, once all of that is done:" in open_.text
    assert "by hand" not in done.text
    assert "complete-action" not in done.text
    assert "Pass it on to the next level:" in done.text
    last = write(Notice.LEVEL_ENTERED, case={"level": 7}, level=7, actions=["check-account"])
    assert "by hand" not in last.text


def test_advice_comes_with_what_is_handed_back() -> None:
    """A level that gets a case back reads the advice as advice (B36)."""
    text = write(Notice.LEVEL_ENTERED, why="handed_back", text="Ask for the invoice.").text

    assert "handed back to your level, with advice; you find it below." in text
    assert "The advice that comes with it:\n> Ask for the invoice.\n" in text
    assert "hand-back" not in text
    assert "escalade hand-back T-1" in write(Notice.LEVEL_ENTERED, why="handed_up").text


def test_new_shift_hears_who_has_the_case() -> None:
    """Whoever comes on call hears that the case is open, and who has it, if somebody has."""
    taken = write(Notice.LEVEL_ENTERED, why="shift", by="Nia Roy", case={"owner": "Nia Roy"})
    free = write(Notice.LEVEL_ENTERED, why="shift")

    assert "Nia Roy has taken it. Please agree with them who goes on" in taken.text
    assert "escalade acknowledge" not in taken.text
    assert "escalade assign T-1" in taken.text
    assert "Nobody has taken it yet." in free.text
    assert "escalade acknowledge T-1" in free.text
    assert "needs you" not in free.text + taken.text
    held = write(Notice.LEVEL_ENTERED, why="shift", due_at=None, case={"status": "on_hold"})
    assert "It is on hold: no time passes until the wait is over." in held.text
    assert "No time limit" not in held.text


def test_rota_without_anybody_says_so() -> None:
    """The stand-in hears whether nobody is on call, or what was found instead."""
    gap = write(Notice.NOBODY_ON_CALL, by="Night desk", text="")
    unread = write(Notice.NOBODY_ON_CALL, by="Night desk", text="it answers 404")

    assert "Their rota has nobody for this time." in gap.text
    assert "rota:" not in gap.text
    assert "could not be read, or it names somebody" in unread.text
    assert "What was found in the rota (Night desk):\n> it answers 404\n" in unread.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", SAID)
@pytest.mark.parametrize("name", ["דנה כהן", "أحمد 🌟", "🦊"])
def test_names_of_any_script(notice: Notice | CustomerNotice, language: str, name: str) -> None:
    """Names in any script stand in text, HTML and chat as they are, their direction closed."""
    said: dict[str, Any] = {"contact_name": name, "by": name, "text": f"{name}: x"}
    to = recipient("ada", name=name, language=language)
    letter = write(notice, language, case={"customer_name": name, "title": name}, to=to, **said)

    for part in (letter.subject, letter.text, letter.chat):
        assert name in part
        assert part.count("\u2068") == part.count("\u2069")
    assert Page(str(letter.html)).open == []
    assert name in Page(str(letter.html)).words


@pytest.mark.parametrize("notice", [notice for notice in Notice if "retro" not in notice])
def test_commands_name_the_fields_of_their_message(notice: Notice) -> None:
    """What a message offers to type says all that the case must hear, and nothing it refuses."""
    for why in CODES.get(notice, ("",)):
        text = write(notice, why=why, actions=["check-account"]).text
        for line in re.findall(r"^  escalade (.*)$", text, re.MULTILINE):
            verb, case, *rest = shlex.split(line)
            assert case == "T-1"
            if verb == "show":
                continue
            model = getattr(events, verb.title().replace("-", ""))
            given = {option[2:].replace("-", "_") for option in rest[::2]}
            needed = {name for name, field in model.model_fields.items() if field.is_required()}
            assert needed <= given <= set(model.model_fields)


@pytest.mark.parametrize("language", LANGUAGES)
def test_shift_is_a_shift_in_every_language(language: str) -> None:
    """In every language a new shift reads who has the case, and another subject than a climb."""
    said: dict[str, Any] = {"by": "Nia Roy", "text": ""}
    shift = write(Notice.LEVEL_ENTERED, language, why="shift", **said)
    climb = write(Notice.LEVEL_ENTERED, language, why="time", **said)

    assert "Nia Roy" in shift.text.split("\n\n")[2]
    assert shift.subject != climb.subject
    assert "Nia Roy" not in climb.text


def test_table_says_only_what_is_true_then() -> None:
    """Nobody looks after what is solved or suggested; a case about to move is nowhere yet."""
    for notice in (CustomerNotice.SUGGESTION, CustomerNotice.SURVEY):
        assert "Ken Oda" not in write(notice).text
    assert "Level:" not in write(Notice.EXECUTIVE_CALLED, why="trigger:legal-threat").text
    assert "Open for: 1 hour 30 minutes" in write(Notice.UPDATE_MISSED).text
