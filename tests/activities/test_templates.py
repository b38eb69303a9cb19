"""The words: every notice in every language, whatever stands in a case."""

import json
import re

import pytest
from structlog.testing import capture_logs

from activities.templates import JinjaTemplates
from escalations.effects import CustomerNotice, Notice
from tests.activities.people import brief, recipient
from tests.activities.written import (
    CODES,
    HOSTILE,
    LANGUAGES,
    NOTICES,
    SHOWN_TO_CUSTOMERS,
    Page,
    sent,
    write,
)


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
    silent |= {Notice.NOBODY_ON_CALL, Notice.EXECUTIVE_CALLED, Notice.ASK_CUSTOMER}
    meeting = {Notice.RETROSPECTIVE_INVITATION, Notice.RETROSPECTIVE_WITHDRAWN}
    silent |= {n for n in Notice if n.startswith("retrospective_")} - meeting
    letter = write(notice, to=helsinki, why=CODES.get(notice, ("",))[0])
    says = "Monday 23 November 2026, 16:00 (Europe/Helsinki)" in letter.text

    never = (*silent, CustomerNotice.CLOSED)
    assert says is (notice not in never)
    without = write(notice, to=helsinki, due_at=None, why=CODES.get(notice, ("",))[0])
    if notice not in meeting:
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
        may_grant={HOSTILE: HOSTILE},
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


def test_customers_hear_nothing_of_the_inside() -> None:
    """A customer reads no level, no stake, no command, and no words that were not for them."""
    for notice in CustomerNotice:
        for why in CODES.get(notice, ("",)):
            letter = write(notice, why=why, text="Hopeless customer.", leaves_on=["bad-review"])
            said = f"{letter.subject} {letter.text} {letter.html} {letter.chat}"

            for inside in ("level", "Level", "escalade", "Support manager", "The renewal."):
                assert inside not in said
            assert ("Hopeless customer." in said) is (notice in SHOWN_TO_CUSTOMERS)


def test_a_moment_that_stands_still_and_one_that_moved() -> None:
    """A customer reads why we wait, and that the time stands still; then the new moment."""
    held = write(CustomerNotice.UPDATE, why="vendor", due_at=None, text="").text
    assert "cannot go on" in held
    assert "because we wait for a supplier" in held
    assert "stands still" in held

    moment = "By Monday 23 November 2026, 16:00 (Europe/Helsinki) at the latest"
    helsinki = recipient("ada", timezone="Europe/Helsinki")
    again = write(CustomerNotice.UPDATE, to=helsinki, why="resumed", text="").text
    assert "We can go on" in again
    assert moment in again
    later = write(CustomerNotice.UPDATE, to=helsinki, why="set", text="").text
    assert "takes longer than we told you" in later
    assert moment in later
    for text in (held, again, later):
        assert "You find it below" not in text


def test_handed_over_says_who_why_and_how_long() -> None:
    """The customer hears who takes over, why, and until when (D18, C39, C40)."""
    letter = write(CustomerNotice.HANDED_OVER, why="time")

    assert "“Charged twice” is now in more senior hands (Ken Oda), because" in letter.text
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


def test_last_level_is_not_told_to_pass_it_on() -> None:
    """Where no level comes after, nobody is offered to hand the case up."""
    assert "escalade hand-up" in write(Notice.LEVEL_ENTERED).text
    assert "escalade hand-up" not in write(Notice.LEVEL_ENTERED, case={"level": 7}).text
