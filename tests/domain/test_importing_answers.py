"""What the answers of the tools' APIs have and their shortest examples leave out."""

import pytest

from escalations.importing.importing import import_policies
from tests.domain.importing import answers, exports, imported, made, said_of


def test_whole_pagerduty_user_is_no_schedule() -> None:
    """`GET /users/ID` also has the address of a calendar, that of their own shifts."""
    whole = next(each.data for each in exports("pagerduty") if each.file == "users.json")
    user = {**whole["users"][0], "http_cal_url": "https://x.pagerduty.com/private/00/feed"}
    policy = {
        "id": "P1",
        "type": "escalation_policy",
        "name": "Small",
        "escalation_rules": [
            {
                "id": "R1",
                "escalation_delay_in_minutes": 5,
                "targets": [{"id": user["id"], "type": "user_reference"}],
            }
        ],
    }
    result = import_policies(answers(policy={"escalation_policy": policy}, user={"user": user}))

    (contact,) = [each for each in made(result).contacts.values() if each.rota is None][:1]
    assert contact.reach[0] == "mailto:125.greenholt.earline@graham.example"
    assert "/private/00/" not in result.policies[0].text


def test_key_to_a_personal_calendar_is_not_carried() -> None:
    """A schedule's answer also has the address of the shifts of whoever asked: it goes nowhere."""
    text = imported("pagerduty").policies[0].text

    assert "user_id=" not in text
    assert made(imported("pagerduty")).contacts


@pytest.mark.parametrize("nested", [False, True], ids=["a user's answer", "a contact's answer"])
def test_opsgenie_contact_that_is_off(nested: bool) -> None:
    """Whether it is said of the contact itself or in its `status`, it is not carried over."""
    said = {each.file.removesuffix(".json"): each.data for each in exports("opsgenie")}
    off = {"enabled": False, "disabledReason": "By the user."}
    contact = {"to": "90-5550000009", "id": "b9", "contactMethod": "voice"}
    user = {
        **said["user"]["data"],
        "userContacts": [contact | ({"status": off} if nested else off)],
    }
    result = import_policies(answers(**{**said, "user": {"data": user}}))

    assert "5550000009" not in "".join(each.text for each in result.policies)
    assert "voice" in said_of(result, "voice: switched off").what


def test_goalert_user_group_has_no_address() -> None:
    """A group of Slack users cannot be written to: its address is to be filled in."""
    said = {each.file.removesuffix(".json"): each.data for each in exports("goalert")}
    step = said["policy"]["data"]["escalationPolicy"]["steps"][1]
    step["actions"] = [
        {
            "type": "builtin-slack-usergroup",
            "args": {"slack_usergroup_id": "S0123456789"},
            "displayInfo": {"text": "@store-leads"},
        }
    ]
    result = import_policies(answers(**said))

    assert "`reach`" in said_of(result, "Asking slackUserGroup @store-leads").advice
    assert "S0123456789" not in result.policies[0].text
