"""The matrix of the call centre means what it says, and a policy says what it leaves open."""

from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from pydantic import ValidationError

from escalations.calendars import BusinessTime, expand
from escalations.durations import Duration, Window
from escalations.policy import Grade, HoldReason, Kind, Policy, Priority
from escalations.policy_file import read
from tests.house import CHECKOUT

CALL_CENTRE: Final = read(CHECKOUT / "policies" / "call-centre.yaml")

SHOP: Final[dict[str, Any]] = {
    "policy": "shop",
    "contacts": {"agent": {"name": "Agent", "reach": ["mailto:agent@shop.example"]}},
    "levels": [{"name": "Agent", "contact": "agent", "within": "15m..30m"}],
}


def test_seven_levels_from_minutes_to_business_days() -> None:
    """D22, D24, D26, D27: who acts, and how long each of them has."""
    assert [(level.name, str(level.within), level.calendar) for level in CALL_CENTRE.levels] == [
        ("Representative", "15m..30m", "always"),
        ("Support manager", "30m..1h", "always"),
        ("Account manager", "1h..2h", "always"),
        ("Sales manager", "2h..5h", "always"),
        ("Director of sales and operations", "1bd..2bd", "office"),
        ("Stakeholder", "1bd..3bd", "office"),
        ("Senior management", "until-resolved", "office"),
    ]
    assert CALL_CENTRE.levels[-1].within == Window(None, None)
    assert CALL_CENTRE.levels[-1].repeat_every == Duration.parse("1bd")
    assert CALL_CENTRE.levels[0].acknowledge_within == Duration.parse("5m")
    assert CALL_CENTRE.levels[1].acknowledge_within is None


def test_billing_starts_a_level_up_and_has_a_team_of_its_own() -> None:
    """D31: a cell of the matrix differs in what it says and in nothing else."""
    plain, cell = CALL_CENTRE.level(3, "order-status"), CALL_CENTRE.level(3, "billing")

    assert [CALL_CENTRE.start(each) for each in ("billing", "order-status", None)] == [2, 1, 1]
    assert (plain.contact, cell.contact) == ("account-manager", "billing-team")
    assert cell.kind is Kind.FUNCTIONAL
    assert cell == plain.model_copy(update={"contact": "billing-team"})
    assert CALL_CENTRE.level(4, "billing") == CALL_CENTRE.levels[3]


def test_cell_survives_the_wire() -> None:
    """A cell that came through JSON, with nulls where it said nothing, changes nothing more."""
    copy = Policy.model_validate_json(CALL_CENTRE.model_dump_json())

    assert copy == CALL_CENTRE
    assert copy.level(3, "billing") == CALL_CENTRE.level(3, "billing")


def test_office_is_closed_at_christmas() -> None:
    """Holidays are those of France and the company's own: 24 (own), 25 (public), 31 (own)."""
    office = expand(CALL_CENTRE.calendars["office"], CALL_CENTRE.timezone, range(2026, 2028))
    time = BusinessTime.of(office)

    assert {date(2026, 12, day) for day in (24, 25, 31)} < set(office.closed)
    assert time.next_open(datetime(2026, 12, 23, 17, tzinfo=UTC)) == datetime(
        2026, 12, 28, 8, tzinfo=UTC
    )
    friday_lunch = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert time.next_open(friday_lunch) == datetime(2026, 11, 20, 12, 30, tzinfo=UTC)


def test_priorities_raise_and_speed_up() -> None:
    """C30, D10: impact × urgency, a step up for a strategic customer, half the time for a P1."""
    assert CALL_CENTRE.priorities.matrix == {
        Grade.HIGH: [Priority.P3, Priority.P2, Priority.P1],
        Grade.MEDIUM: [Priority.P4, Priority.P3, Priority.P2],
        Grade.LOW: [Priority.P4, Priority.P4, Priority.P3],
    }
    assert CALL_CENTRE.priorities.raise_for_tier == {"strategic": 1}
    assert str(CALL_CENTRE.levels[0].within * CALL_CENTRE.priorities.speed[Priority.P1]) == (
        "7m30s..15m"
    )
    assert Priority.P3.raised() is Priority.P2
    assert Priority.P2.raised(3) is Priority.P1


def test_promises_holds_and_retrospective() -> None:
    """What the customer is promised, why a clock may stand still, when there is a look back."""
    customer, look_back = CALL_CENTRE.customer, CALL_CENTRE.retrospective
    assert look_back is not None

    assert (str(customer.confirm_within), str(customer.fix_within)) == ("3bd", "10bd")
    assert (customer.calendar, customer.reopen) == ("office", "next")
    assert {reason: str(hold.at_most) for reason, hold in CALL_CENTRE.holds.items()} == {
        HoldReason.CUSTOMER: "10bd",
        HoldReason.VENDOR: "5bd",
        HoldReason.INCIDENT: "None",
        HoldReason.EVIDENCE: "5bd",
    }
    assert (look_back.when.level, look_back.when.priority) == ("Sales manager", Priority.P1)
    assert (str(look_back.within), str(look_back.duration)) == ("5bd", "45m")


def test_three_keys_are_enough() -> None:
    """`policy`, `contacts` and `levels` make a policy; everything else has a safe default."""
    shop = Policy.model_validate(SHOP)

    assert (shop.timezone, shop.languages, list(shop.calendars)) == ("UTC", ["en"], ["always"])
    assert shop.levels[0].calendar == "always"
    assert (shop.triggers, shop.retrospective, shop.customer.survey) == ({}, None, None)
    assert set(shop.holds) == set(HoldReason)


def test_always_is_written_or_not() -> None:
    """`always: always` may be written; the name stands for nothing else."""
    written = Policy.model_validate({**SHOP, "calendars": {"always": "always"}})
    assert written == Policy.model_validate(SHOP)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            {"calendars": {"always": {"hours": {"mon": ["09:00-17:00"]}}}},
            "calendars.always: found 'other hours'",
        ),
        ({"fallback": "boss"}, "fallback: found 'boss'; allowed: a contact of this policy (agent)"),
        (
            {
                "calendars": {"rare": {"hours": {"mon": ["09:00-09:15"]}}},
                "customer": {"calendar": "rare", "fix_within": "101h"},
            },
            "customer.fix_within: found '101h'; allowed: at most 100h: calendar `rare` opens 15m",
        ),
        ({"levels": SHOP["levels"] * 2}, "levels.1.name: found 'Agent'; allowed: a name that no"),
    ],
)
def test_parts_that_do_not_fit_together(keys: dict[str, Any], problem: str) -> None:
    """A policy that is put together in code is refused as a file is."""
    with pytest.raises(ValidationError) as refused:
        Policy.model_validate({**SHOP, **keys})
    assert problem in str(refused.value)


def test_every_span_of_a_valid_policy_ends_on_its_calendar() -> None:
    """The longest span that a scarce calendar allows still has a due moment."""
    rare = {"hours": {"mon": ["09:00-09:15"]}}
    levels = [{"name": "Agent", "contact": "agent", "within": "100h", "calendar": "rare"}]
    policy = Policy.model_validate({**SHOP, "calendars": {"rare": rare}, "levels": levels})
    time = BusinessTime.of(expand(policy.calendars["rare"], "UTC", range(2026, 2027)))
    within = policy.levels[0].within.leave
    assert within is not None

    assert time.add(datetime(2026, 1, 1, tzinfo=UTC), within).year == 2033
