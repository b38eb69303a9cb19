"""A policy as a sheet: what somebody who does not program reads of it, and that nothing is lost."""

from typing import Any

import pytest

from escalations.policy import Policy, Priority
from escalations.policy_pages.document import document
from escalations.policy_pages.sheet import Section, View, sheet
from escalations.policy_pages.wording import LANGUAGES, Wording
from tests.domain.every_key import FULL, full
from tests.domain.matrices import ladder, whole_call_centre


def section(view: View, key: str) -> Section:
    return next(each for each in sheet(view).sections if each.key == key)


def rows(view: View, key: str) -> dict[str, list[str]]:
    """The rows of a section: the first line of the name → the other cells, lines joined."""
    return {
        name[0]: [" | ".join(cell) for cell in cells] for name, *cells in section(view, key).rows
    }


def of_call_centre(**shown: Any) -> View:
    return View(whole_call_centre().policy, Wording("en"), **shown)


def test_a_level_in_words() -> None:
    """A row tells who, how long at which priority, on whose clock, who takes it and what to do."""
    found = section(of_call_centre(), "levels")

    assert len(found.rows) == 7
    assert dict(zip(found.header, found.rows[0], strict=True)) == {
        "Level": ("1 Representative", "up the ranks"),
        "Who": ("Call-centre representative",),
        "How long": (
            "reminded after 15 minutes, moves on after 30 minutes",
            "P1: reminded after 7 minutes 30 seconds, moves on after 15 minutes",
            "P2: reminded after 11 minutes 15 seconds, moves on after 22 minutes 30 seconds",
        ),
        "The clock runs": ("around the clock",),
        "Taking it": ("asked again after 5 minutes if nobody takes it",),
        "To do here": ("record statement",),
        "May grant": (),
        "Moves on at once when": ("unable to resolve", "manager requested →\u00a02"),
    }


def test_hours_of_a_calendar_that_closes() -> None:
    """A business day is said with the hours of the office, days with the same hours together."""
    levels = rows(of_call_centre(), "levels")

    assert levels["5 Director of sales and operations"][1].startswith(
        "reminded after 1 business day, moves on after 2 business days"
    )
    assert levels["5 Director of sales and operations"][2] == (
        "Mon–Thu 09:00–12:30, 13:30–18:00; Fri 09:00–12:30, 13:30–17:00"
    )


def test_for_one_priority() -> None:
    """With a priority, windows are those that count, and promises only what it is promised."""
    view = of_call_centre(priority=Priority.P1)

    assert rows(view, "levels")["1 Representative"][1] == (
        "reminded after 7 minutes 30 seconds, moves on after 15 minutes"
    )
    assert "Hears of progress at P1" in rows(view, "customer")
    assert "Hears of progress at P2" not in rows(view, "customer")
    assert "account executive (the request names the person)" in rows(view, "stakeholders")
    lower = of_call_centre(priority=Priority.P4)
    assert not section(lower, "stakeholders").rows


def test_for_one_category() -> None:
    """With a category, the levels begin where such a case does, with its own people."""
    levels = rows(of_call_centre(category="billing"), "levels")

    assert next(iter(levels)) == "2 Support manager"
    assert levels["3 Account manager"][0] == "Accounts and billing"


def test_where_categories_differ() -> None:
    """Only what is different is told; the others are named in one row."""
    categories = rows(of_call_centre(), "categories")

    assert categories.pop("billing") == [
        "starts at level 2 Support manager | at level 3 Account manager: Who: Accounts and billing"
    ]
    ((others, said),) = categories.items()
    assert "order status" in others
    assert said == ["the same as above"]


def test_who_may_grant_what() -> None:
    """Somebody who asks what they may grant finds themselves, with amounts and levels (C14)."""
    grants = rows(of_call_centre(), "grants")

    assert grants["Sales manager"] == ["credit: up to 100 EUR (level 4)"]
    assert grants["Senior management"] == [
        "credit: any amount (level 7) | refund: any amount (level 7) | "
        "cancellation: any amount (level 7)"
    ]
    assert "Account manager" not in grants


def test_a_grant_of_one_category() -> None:
    """What may be granted for one category only is told so."""
    grants = rows(View(full(), Wording("en")), "grants")

    assert grants["Boss"] == ["credit: up to 9 EUR (level 2, billing)"]


def test_on_call_and_quiet_hours() -> None:
    """Who is on call by a rota, and who is left in peace when, by whose clock."""
    assert rows(View(full(), Wording("en")), "on_call") == {
        "Service desk": [
            "on call as the rota says: Ada, Bo | "
            "quiet 22:00–07:00, except for P1 (time of Europe/London)"
        ]
    }
    assert "on_call" not in [each.key for each in sheet(of_call_centre()).sections]


def test_a_small_policy_has_a_small_sheet() -> None:
    """Sections and columns without anything in them are not there."""
    view = View(ladder("30m", "until-resolved").policy, Wording("en"))

    assert [each.key for each in sheet(view).sections] == [
        "levels", "customer", "holds", "priorities", "stakeholders",
    ]  # fmt: skip
    assert section(view, "levels").header == ("Level", "Who", "How long", "The clock runs")
    assert rows(view, "levels")["2 L2"][1] == (
        "stays until it is resolved | told again every business day"
    )


def test_the_last_window_is_no_climb() -> None:
    """From the last level a case moves nowhere: it is overdue."""
    view = View(ladder("30m", "1h..2h").policy, Wording("en"))

    assert rows(view, "levels")["2 L2"][1] == (
        "reminded after 1 hour, overdue after 2 hours | then told again every business day"
    )


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for key, each in value.items() for leaf in (str(key), *_leaves(each))]
    if isinstance(value, list):
        return [leaf for each in value for leaf in _leaves(each)]
    return [str(value)]


@pytest.mark.parametrize(("language", "says"), [("en", "Never"), ("fr", "Jamais"), ("fi", "Ei")])
def test_a_retrospective_after_no_case(language: str, says: str) -> None:
    """Where `when` names nothing, the sheet says so, and not when the meeting would be held."""
    policy = ladder("1d", retrospective={"when": {}}).policy
    (note,) = section(View(policy, Wording(language)), "retrospective").notes
    assert note.startswith(says)


def test_nothing_people_wrote_is_lost() -> None:
    """Every name, phrase, action, grant and hour of a full policy is somewhere on its sheet."""
    text = " ".join(_leaves(document(View(full(), Wording("en")))["sections"]))

    for word in (
        "Desk", "Second", "Boss", "Bank", "record statement", "look up", "credit", "refund",
        "lawyer", "sue", "avocat", "Reset it", "it hangs", "billing", "strategic", "DE-BY",
        "2026-12-24", "09:00–12:30", "20:00–24:00", "22:00–07:00", "5 minutes", "4 hours",
        "account executive", "angry", "unresolved", "10 business days", "45 minutes", "sponsor",
    ):  # fmt: skip
        assert word in text, word


@pytest.mark.parametrize("language", ["fr", "fi"])
def test_other_languages_say_as_much(language: str) -> None:
    """In French and Finnish there are the same sections, rows and lines."""
    english, other = (sheet(View(full(), Wording(each))) for each in ("en", language))

    assert [each.key for each in other.sections] == [each.key for each in english.sections]
    for ours, theirs in zip(english.sections, other.sections, strict=True):
        assert ours.title != theirs.title
        assert [[len(cell) for cell in row] for row in ours.rows] == [
            [len(cell) for cell in row] for row in theirs.rows
        ]
        assert len(ours.notes) == len(theirs.notes)


def test_languages_have_the_same_words() -> None:
    """No sentence is missing in a language, and none forgets what it is about."""
    for words in LANGUAGES.values():
        assert words.keys() == LANGUAGES["en"].keys()
        for key, said in words.items():
            english = LANGUAGES["en"][key]
            assert _fields(said) == _fields(english), key
            assert ("|" in said) == ("|" in english), key


def _fields(said: str) -> set[str]:
    return {part.partition("}")[0] for part in said.split("{")[1:]}


def test_as_a_document() -> None:
    """A program gets the level as it counts for the category, and its windows by priority."""
    told = document(of_call_centre(category="billing"))

    assert told["levels"][1]["contact"] == "billing-team"
    assert told["levels"][1]["windows"] == {
        "P1": "30m..1h", "P2": "45m..1h30m", "P3": "1h..2h", "P4": "1h..2h",
    }  # fmt: skip
    assert told["mermaid"].startswith("flowchart TD\n")


def test_a_level_of_any_policy_is_shown() -> None:
    """A policy that says nearly nothing is shown without stumbling."""
    levels = [{"name": "Only", "contact": "desk", "within": "until-resolved"}]
    bare = Policy.model_validate(
        {"policy": "bare", "contacts": {"desk": FULL["contacts"]["bank"]}, "levels": levels}
    )

    assert rows(View(bare, Wording("en")), "levels")["1 Only"][0] == "Bank"
