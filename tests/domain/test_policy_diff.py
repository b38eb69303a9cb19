"""What changes from one matrix to another, told as the people say it who work by it."""

from typing import Any

from escalations.policy import Policy
from escalations.policy_pages.comparison import Comparison, compare
from escalations.policy_pages.diff_pages import as_document, as_markdown, equal_line
from tests.domain.matrices import ladder, whole_call_centre

YEARS = range(2026, 2028)
Written = dict[str, Any]


def written() -> Written:
    return whole_call_centre().policy.model_dump(mode="json")


def to(changed: Written) -> Comparison:
    return compare(whole_call_centre().policy, Policy.model_validate(changed), YEARS)


def texts(found: Comparison) -> list[str]:
    return [change.text for change in found.changes]


def test_nothing_changes() -> None:
    """Keys in another order, and defaults that are written out, are no difference."""
    policy = written()
    reordered = dict(reversed(policy.items()))

    found = to(reordered)

    assert found.changes == []
    assert found.before == found.after
    assert as_document(found)["equal"] is True
    assert "Nothing changes" in as_markdown(found)


def test_a_shorter_window() -> None:
    """A window is told as it counts at each priority, and for whom."""
    policy = written()
    policy["levels"][2]["within"] = "1h"
    policy["categories"]["billing"]["levels"]["Account manager"]["within"] = "1h..2h"

    (change,) = to(policy).changes

    assert change.text == (
        "Level 3 Account manager: leaves after 1 hour instead of 2 hours, no reminder any more "
        "(P1: 30 minutes instead of 1 hour; P2: 45 minutes instead of 1 hour 30 minutes), "
        "for all categories but billing"
    )
    assert change.categories is not None
    assert "billing" not in change.categories


def test_a_cell_of_one_category() -> None:
    """What is different for one category only is told for it."""
    policy = written()
    policy["categories"]["order-status"]["levels"] = {"Sales manager": {"contact": "billing-team"}}

    (change,) = to(policy).changes

    assert change.text == (
        "Level 4 Sales manager: goes to Accounts and billing instead of Sales manager, "
        "for order-status"
    )
    assert change.categories == ("order-status",)


def test_twenty_equal_lines_are_one() -> None:
    """The same difference at several levels is one change."""
    policy = written()
    for level in policy["levels"][:4]:
        level["release_after"] = "4h"

    (change,) = to(policy).changes

    assert change.text == (
        "Levels 1 Representative, 2 Support manager, 3 Account manager and 4 Sales manager: "
        "taken from an owner who is silent for: now 4 hours"
    )


def test_another_speed() -> None:
    """Another share of time is one change; what it does to each level stands below."""
    policy = written()
    policy["priorities"]["speed"]["P1"] = 0.25

    (change,) = to(policy).changes

    assert change.text == "P1: the windows of the levels take 25 % of their time instead of 50 %"
    assert change.priorities == ("P1",)
    assert change.details[0] == (
        "Level 1 Representative: leaves after 7 minutes 30 seconds instead of 15 minutes, "
        "reminded after 3 minutes 45 seconds instead of 7 minutes 30 seconds"
    )
    assert len(change.details) == 6


def test_a_level_inserted() -> None:
    """A new level is told between its neighbours; triggers that name levels are as before."""
    policy = written()
    policy["levels"].insert(
        2, {"name": "Review board", "contact": "escalation-manager", "within": "45m"}
    )

    (change,) = to(policy).changes

    assert change.text == "Level inserted between 2 and 3: 3 Review board"
    assert change.details[0] == "Escalation manager, up the ranks"


def test_a_level_inserted_at_the_front() -> None:
    """Then all cases that began at the first level begin at the new one."""
    policy = written()
    policy["levels"].insert(
        0, {"name": "Answers", "contact": "representative", "within": "5m", "kind": "external"}
    )

    assert texts(to(policy)) == [
        "Level inserted before the first one: 1 Answers",
        "All categories but billing now start at level 1 Answers instead of level 1 Representative",
    ]


def test_a_level_gone() -> None:
    """What led to it leads elsewhere, and that is told too."""
    before = ladder("30m", "1h", "2h", triggers={"angry": {"to": "L2"}})
    after = ladder("30m", "1h", "2h", triggers={"angry": {"to": "L3"}}).policy.model_dump(
        mode="json"
    )
    del after["levels"][1]
    found = compare(before.policy, Policy.model_validate(after), YEARS)

    assert texts(found) == [
        "Level 2 L2 is gone",
        "Trigger angry now leads to level 2 L3 instead of level 2 L2",
    ]


def test_a_level_called_otherwise() -> None:
    """A new name with the same contact and window is a name, not a level gone and one inserted."""
    policy = written()
    policy["levels"][1]["name"] = "Team lead"
    policy["triggers"]["manager-requested"]["to"] = "Team lead"
    policy["categories"]["billing"]["start"] = "Team lead"

    assert texts(to(policy)) == ["Level 2 Support manager is now called Team lead"]


def test_a_contact_and_a_calendar_called_otherwise() -> None:
    """A new key for the same people or hours is told once, wherever it is used."""
    policy = written()
    policy["contacts"]["agent"] = policy["contacts"].pop("representative")
    policy["levels"][0]["contact"] = "agent"
    policy["calendars"]["bureau"] = policy["calendars"].pop("office")
    for rule in (*policy["levels"][4:], policy["customer"], policy["retrospective"]):
        rule["calendar"] = "bureau"

    assert texts(to(policy)) == [
        "Contact representative (Call-centre representative) is now written agent",
        "Calendar office is now called bureau; its hours are the same",
    ]


def test_a_level_moved() -> None:
    """One level that moved is one change, though two have another number."""
    policy = written()
    policy["levels"].insert(1, policy["levels"].pop(2))

    (change,) = to(policy).changes

    assert change.text in (
        "Level 3 Account manager moved after 1 Representative: it is level 2 now",
        "Level 2 Support manager moved after 2 Account manager: it is level 3 now",
    )


def test_a_start() -> None:
    """Where a category begins."""
    policy = written()
    policy["categories"]["billing"]["start"] = None

    assert texts(to(policy)) == [
        "billing now starts at level 1 Representative instead of level 2 Support manager"
    ]


def test_triggers() -> None:
    """Where a trigger leads, what it is shown by, and one that is new."""
    policy = written()
    policy["triggers"]["bad-review"]["to"] = "Stakeholder"
    policy["triggers"]["legal-threat"]["phrases"]["en"] += ["solicitor"]
    policy["triggers"]["press"] = {"to": "next"}

    assert texts(to(policy)) == [
        "New trigger press: leads to the next level",
        "Trigger bad-review now leads to level 6 Stakeholder instead of level 4 Sales manager",
        "legal-threat: new phrase (en) “solicitor”",
    ]


def test_a_promise() -> None:
    """How often customers of a priority hear of progress."""
    policy = written()
    policy["customer"]["update_every"] |= {"P1": "2h"}

    (change,) = to(policy).changes

    assert change.text == "Customers of P1 hear of progress: every 2 hours instead of every hour"
    assert change.priorities == ("P1",)


def test_an_address() -> None:
    """Who is told differently, and where they are asked."""
    policy = written()
    policy["contacts"]["billing-team"]["reach"] = ["mailto:money@callcentre.example"]

    (change,) = to(policy).changes

    assert change.text == (
        "Accounts and billing: reached by mailto:money@callcentre.example "
        "instead of mailto:billing@callcentre.example"
    )
    assert change.details == ("is asked at level 3 Account manager for billing",)


def test_a_calendar() -> None:
    """The days of the week and the dates on which it opens otherwise, and who counts on it."""
    policy = written()
    policy["calendars"]["office"]["hours"]["fri"] = ["09:00-12:30"]
    policy["calendars"]["office"]["holidays"]["dates"] = ["2026-12-31", "2026-12-26"]

    (change,) = to(policy).changes

    assert change.text == (
        "Calendar office: Fri 09:00–12:30 instead of 09:00–12:30, 13:30–17:00; "
        "no longer closed on Thu 2026-12-24"
    )
    assert change.details == (
        "counts for levels 5 Director of sales and operations, 6 Stakeholder and "
        "7 Senior management, what the customer is promised and the retrospective",
    )


def test_another_country() -> None:
    """Public holidays of another country are told day by day."""
    policy = written()
    policy["calendars"]["office"]["holidays"]["country"] = "BE"

    (change,) = to(policy).changes

    assert "now closed on Tue 2026-07-21, Wed 2027-07-21" in change.text
    assert "no longer closed on Fri 2026-05-08, Tue 2026-07-14, Wed 2026-11-11" not in change.text
    assert "Tue 2026-07-14" in change.text
    assert "public holidays of: BE instead of FR" in change.text


def test_what_has_no_effect_is_told_as_such() -> None:
    """A cell that repeats what the level says anyway is another text with the same meaning."""
    policy = written()
    policy["categories"]["billing"]["levels"]["Sales manager"] = {"within": "2h..5h"}

    (change,) = to(policy).changes

    assert change.text == (
        "Written otherwise, and nothing else changes by it: "
        "categories.billing.levels.Sales manager.within: 2h..5h instead of nothing"
    )


def test_what_stays_is_one_line() -> None:
    """The parts in which nothing changes are named once."""
    policy = written()
    policy["fallback"] = None

    found = to(policy)

    assert texts(found) == [
        "Told when nobody of a level can be reached: no longer Escalation manager"
    ]
    assert equal_line(found) == (
        "As before: levels, categories, triggers, priorities, holds, stakeholders, contacts, "
        "calendars, articles."
    )
