"""Other tools' escalations become policies that say the same about who is asked when."""

import re

import pytest

from escalations.importing.exports import Export
from escalations.importing.importing import TOOLS, import_policies
from escalations.importing.result import Weight
from tests.domain import importing
from tests.domain.importing import (
    answers,
    differs,
    exports,
    imported,
    last,
    made,
    said_of,
    times,
)
from tests.house import CHECKOUT


@pytest.mark.parametrize("tool", importing.TOOLS)
def test_every_policy_is_valid_and_says_where_it_is_from(tool: str) -> None:
    """The shape tells the tool; its file is read as any policy, and says at its top what it was."""
    result = imported(tool)

    assert result.source == tool
    assert result.policies
    for number, each in enumerate(result.policies):
        policy = made(result, number)
        assert policy.policy == each.policy
        assert each.text.startswith(f"# Made from the {TOOLS[tool].title} ")
        assert f'"{each.name}"' in each.text.splitlines()[0]


@pytest.mark.parametrize("tool", importing.TOOLS)
def test_the_same_files_make_the_same_text(tool: str) -> None:
    """Nothing of the moment stands in a file, nor does the order of the files matter."""
    texts = [each.text for each in imported(tool).policies]

    again = import_policies(exports(tool)[::-1])

    assert [each.text for each in again.policies] == texts


def test_pagerduty_rules_become_windows() -> None:
    """A rule's delay is when its level is left; the last level hears of it as often as a round."""
    result = imported("pagerduty")
    policy = made(result)

    assert times(policy) == [
        ("Daily Engineering Rotation", "30m"),
        ("Earline Greenholt", "22m"),
        ("Kyler Kuhn, Earline Greenholt", "until-resolved"),
    ]
    assert str(last(policy).repeat_every) == "2h22m"  # 30 + 22 + 90 minutes
    assert "2 times more" in said_of(result, "Starting again").what
    assert str(policy.levels[0].release_after) == "30m"  # the service's acknowledgement timeout
    assert times(made(result, 1)) == [("Kyler Kuhn", "5m"), ("Earline Greenholt", "until-resolved")]
    assert str(last(made(result, 1)).repeat_every) == "1bd"
    assert "its own 10m" in said_of(result, "Silence after the last step").what


def test_pagerduty_schedule_becomes_a_rota_with_its_calendar() -> None:
    """The export has the calendar's address and the people; their names want a look."""
    result = imported("pagerduty")
    contact = made(result).contacts["daily-engineering-rotation"]

    assert contact.rota is not None
    assert contact.rota.calendar.endswith("/feed/PI7DH85")
    assert contact.timezone == "America/New_York"
    assert contact.rota.people["Kyler Kuhn"].reach == ["mailto:126.dvm.kyler.kuhn@beahan.example"]
    assert said_of(result, "The names in Daily").weight is Weight.FILL_IN
    assert said_of(result, "The secrecy of the calendar").weight is Weight.FILL_IN


def test_pagerduty_contact_methods_become_addresses() -> None:
    """Mail first, since it needs no account; texts and calls as Apprise writes them."""
    result = imported("pagerduty")

    assert made(result).contacts["earline-greenholt"].reach == [
        "mailto:125.greenholt.earline@graham.example",
        "twilio://${SMS_ACCOUNT}:${SMS_TOKEN}@${SMS_FROM}/15555550147",
        "twilio://${SMS_ACCOUNT}:${SMS_TOKEN}@${SMS_FROM}/15555550148?method=call",
    ]
    assert said_of(result, "Phone calls").weight is Weight.FILL_IN
    assert said_of(result, "push_notification").weight is Weight.LEFT_OUT


def test_opsgenie_delays_count_from_the_beginning() -> None:
    """Windows are the differences; a rule for the same schedule is an acknowledgement timeout."""
    policy = made(imported("opsgenie"))

    assert times(policy) == [
        ("payments_schedule", "2h"),
        ("Fahri Özkan", "22h"),
        ("payments", "until-resolved"),
    ]
    assert str(policy.levels[0].acknowledge_within) == "5m"
    assert str(last(policy).repeat_every) == "25h"  # a day, and the wait of an hour


def test_opsgenie_if_not_closed_is_what_we_do_anyway() -> None:
    """A rule that asks although somebody has acknowledged is no difference; if-not-acked is one."""
    escalation = exports("opsgenie")[0].data["data"][0]
    result = imported("opsgenie")

    assert not [what for what in differs(result) if what.startswith("Acknowledging")]

    escalation["rules"][2]["condition"] = "if-not-acked"
    people = {each.file.removesuffix(".json"): each.data for each in exports("opsgenie")[1:]}
    unacked = import_policies(answers(escalation={"data": escalation}, **people))

    assert "by rule 3: if-not-acked" in said_of(unacked, "Acknowledging").why


def test_grafana_steps_between_two_waits_are_one_level() -> None:
    """Steps follow at once, in the order of their positions; only waits take time."""
    result = imported("grafana-oncall")
    policy = made(result)

    assert times(policy) == [
        ("Demo schedule iCal", "5m"),
        ("alex, sam", "15m"),
        ("Demo schedule Calendar, alex", "30m"),
        ("Meow Group", "until-resolved"),
    ]
    assert str(last(policy).repeat_every) == "1h50m"
    rota = policy.contacts["demo-schedule-ical"].rota
    assert rota is not None
    assert rota.overrides == "https://example.com/meow_calendar_overrides.ics"
    assert '"09:00-18:00"' in said_of(result, "The step notify_if_time_from_to").advice
    assert "KGEFG74LU1D8L" in said_of(result, "The step trigger_webhook").what


def test_goalert_actions_and_targets_say_the_same() -> None:
    """Old targets and new actions are read; a Slack channel is reached by a bot of ours."""
    policy = made(imported("goalert"))

    assert times(policy) == [
        ("Store on-call", "15m"),
        ("Ada Byron, #store-incidents", "30m"),
        ("Managers, hooks.example.com", "until-resolved"),
    ]
    assert policy.contacts["ada-byron-store-incidents"].reach == [
        "mailto:ada@example.com",
        "twilio://${SMS_ACCOUNT}:${SMS_TOKEN}@${SMS_FROM}/15555550123",
        "slack://${SLACK_TOKEN}/+U0123456789",
        "slack://${SLACK_TOKEN}/+C0123456789",
    ]
    assert str(last(policy).repeat_every) == "1h45m"


def test_iris_repeats_are_acknowledgement_timeout_and_reminder() -> None:
    """Sent three times five minutes apart: asked again at 5, reminded at 10, left at 15."""
    result = imported("iris")
    policy = made(result)

    assert [str(level.within) for level in policy.levels] == ["10m..15m", "10m", "until-resolved"]
    assert [str(level.acknowledge_within) for level in policy.levels] == ["5m", "5m", "15m"]
    assert said_of(result, "Asked again after 30m, 45m, 1h").weight is Weight.DIFFERS
    assert said_of(result, "The calendar of demo-team oncall-primary").weight is Weight.FILL_IN


@pytest.mark.parametrize("tool", [tool for tool in importing.TOOLS if tool != "opsgenie"])
def test_acknowledging_does_not_stop_the_climb_here(tool: str) -> None:
    """Of all differences the one that surprises most is said, in words for a support lead (D7)."""
    found = [each for each in imported(tool).not_carried if each.what.startswith("Acknowledging")]

    assert found
    for each in found:
        assert each.weight is Weight.DIFFERS
        assert "still goes to the next level" in each.why
        assert "hold" in each.advice


def test_names_of_any_script_are_kept_and_made_safe() -> None:
    """A name stays what it is where people read it; keys are letters, digits and hyphens."""
    rules = [
        {"escalation_delay_in_minutes": 5, "targets": [{"id": name, "type": "user_reference"}]}
        for name in ("A", "B", "C", "D", "A")
    ]
    names = {
        "A": "שלום כהן",
        "B": "Zoë  Ångström",
        "C": "zoe-angstrom",
        "D": "next\u202e \U0001f600",
    }
    result = import_policies(
        answers(
            policy={"escalation_policy": {"name": "אסקלציה", "escalation_rules": rules}},
            users=[
                {"id": id_, "type": "user", "name": name, "email": f"{id_}@example.com"}
                for id_, name in names.items()
            ],
        )
    )
    policy = made(result)

    assert policy.policy == "policy-1"
    assert policy.summary == "אסקלציה"
    assert {key: each.name for key, each in policy.contacts.items()} == {
        "contact-1": "שלום כהן",
        "zoe-angstrom": "Zoë Ångström",
        "zoe-angstrom-2": "zoe-angstrom",
        "next": "next \U0001f600",
    }
    assert [level.name for level in policy.levels][-1] == "שלום כהן (level 5)"


@pytest.mark.parametrize("envelope", ["bare", "list", "single", "plural"])
def test_any_envelope_is_opened(envelope: str) -> None:
    """An object alone, a list, `{"escalation_policy": …}` and `{"escalation_policies": […]}`."""
    user = {"id": "U1", "type": "user", "name": "Ada", "email": "ada@example.com"}
    target = {"id": "U1", "type": "user_reference"}
    rule = {"escalation_delay_in_minutes": 5, "targets": [target]}
    policy = {"id": "P1", "name": "Shop", "escalation_rules": [rule]}
    wrapped = {
        "bare": policy,
        "list": [policy],
        "single": {"escalation_policy": policy},
        "plural": {"escalation_policies": [policy]},
    }[envelope]

    result = import_policies(answers(policy=wrapped, user={"user": user}), name="web-shop")

    assert times(made(result)) == [("Ada", "until-resolved")]
    assert made(result).policy == "web-shop"
    assert str(last(made(result)).repeat_every) == "1bd"


def test_the_example_of_the_documentation_is_real() -> None:
    """What docs/importing.md shows before and after is what the importer makes of it."""
    page = (CHECKOUT / "docs/importing.md").read_text("utf-8")
    (before,) = re.findall(r"```json\n(.*?)```", page, re.S)
    (after,) = re.findall(r"```yaml\n(.*?)```", page, re.S)

    result = import_policies([Export.of("export.json", before)])

    assert result.policies[0].text == after


def test_the_same_contact_twice_is_one_contact() -> None:
    """Who stands on two levels, with others between, is written once."""
    policy = made(imported("pagerduty"), 1)

    assert list(policy.contacts) == ["kyler-kuhn", "earline-greenholt"]
