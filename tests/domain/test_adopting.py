"""An open case adopts another revision of its policy: its level, its people, its waits."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.errors import Refused
from tests.domain.adoptions import FIVE, adopts, changed, holding, minutes
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.matrices import ladder


def test_nobody_who_took_it_is_reminded_or_asked(opened: OpenDesk) -> None:
    """The owner keeps the case; a reminder and a timeout that are new are not for them."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    desk.say(events.Acknowledge(by="rita"))
    desk.told()

    adopts(desk, ladder("10m..30m", "1h", level=FIVE))
    desk.later(minutes=20)

    desk.expect()
    assert (desk.record.owner, desk.record.acknowledged) == ("rita", True)


def test_the_level_is_found_by_its_name(opened: OpenDesk) -> None:
    """A level put in below changes the number and nothing else: the same people, the same time."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h", level={"actions": ["call"]}))
    desk.later(minutes=10)
    desk.say(events.Acknowledge(by="rita"))
    desk.work()
    before = desk.record.clocks[ClockName.WINDOW]
    desk.told()
    new = ladder("10m", "30m", "1h", level={"actions": ["call"]})
    levels = [
        each.model_copy(update={"name": name, "contact": contact})
        for each, name, contact in zip(
            new.policy.levels, ("L0", "L1", "L2"), ("three", "one", "two"), strict=True
        )
    ]
    policy = new.policy.model_copy(update={"levels": levels})

    adopts(desk, new.model_copy(update={"policy": policy, "revision": "00000000"}))

    assert (desk.level, desk.record.level_name) == (2, "L1")
    assert (desk.record.owner, desk.record.highest_level) == ("rita", 2)
    assert desk.record.clocks[ClockName.WINDOW] == before
    assert desk.record.open_actions == []
    desk.expect()
    (entry,) = desk.entries("policy_adopted")
    assert (entry.by, entry.was_level, entry.level) == ("olga", 1, 2)
    assert (entry.was_name, entry.name) == ("L1", "L1")
    assert entry.policy == "call-centre@00000000"
    assert entry.due_at == entry.was_due_at == before.due(Then.CLIMB)


def test_a_level_that_is_no_more_is_replaced_by_the_one_of_its_number(opened: OpenDesk) -> None:
    """Its people hear that the case is theirs, and who has it; beyond the top, it is the top."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h", "2h", level={"actions": ["call"]}))
    desk.hand_up()
    desk.hand_up()
    desk.say(events.CompleteAction(by="rita", action="call"))
    desk.say(events.Acknowledge(by="rita"))
    desk.told()

    new = ladder("30m", "1h", level={"actions": ["call"]})
    adopts(desk, new)

    assert (desk.level, desk.record.level_name, desk.record.highest_level) == (2, "L2", 2)
    assert desk.record.open_actions == []
    assert desk.record.stays == 3
    desk.expect("level_entered → two")
    assert desk.last("level_entered").particulars.why == "adopted"
    assert desk.last("level_entered").particulars.by == "rita"


def test_another_contact_hears_and_the_old_one_is_left_in_peace(opened: OpenDesk) -> None:
    """What waits for the old contact's quiet hours is not said; the new one hears."""
    quiet = {"name": "One", "reach": ["mailto:one@example.com"], "quiet_hours": ["00:00-23:00"]}
    old = changed(ladder("30m", "1h"), contacts={"one": quiet})
    desk = opened(at=MONDAY, snapshot=old)
    desk.told()

    adopts(desk, changed(ladder("30m", "1h"), first="two"))

    desk.expect("level_entered → two")
    assert [entry.recipient for entry in desk.entries("recalled")] == ["one"]


def test_a_new_manager_is_briefed(opened: OpenDesk) -> None:
    """Whoever drives the case from now on hears what it is about."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    desk.told()

    adopts(desk, changed(ladder("30m", "1h"), escalation_manager="two"))

    desk.expect("manager_briefed → two")
    assert desk.record.participants["contact:two"] == "Two"
    assert "person:olga" not in desk.record.participants


def test_the_same_revision_changes_nothing(opened: OpenDesk) -> None:
    """A case that goes by it already is what it was, and nothing is written down."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    desk.later(minutes=10)
    before = desk.record.model_dump_json()

    adopts(desk, ladder("30m", "1h"))

    assert desk.record.model_dump_json() == before
    desk.told()


def test_a_repeated_message_changes_nothing(opened: OpenDesk) -> None:
    """The same message again, after the case was moved back, does not move it again."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    adopts(desk, ladder("1h", "1h"), message_id="m-1")
    adopts(desk, ladder("30m", "1h"), message_id="m-2")

    adopts(desk, ladder("1h", "1h"), message_id="m-1")

    assert desk.record.snapshot.revision == ladder("30m", "1h").revision
    assert len(desk.entries("policy_adopted")) == 2
    desk.told()


def test_a_preview_changes_nothing(opened: OpenDesk) -> None:
    """Asked for a look only, the engine keeps its hands still."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    before = desk.record.model_dump_json()

    adopts(desk, ladder("1h", "1h"), preview=True, message_id="m-1")

    assert desk.record.model_dump_json() == before
    desk.told()


def test_a_policy_without_its_category_is_refused(opened: OpenDesk) -> None:
    """A category that is no more keeps the case where it is; the refusal says what there is."""
    old = ladder("30m", "1h", categories={"billing": {}})
    desk = opened(at=MONDAY, snapshot=old, category="billing")
    before = desk.record.model_dump_json()
    desk.told()

    with pytest.raises(
        Refused, match=r"has no category billing: there are data, delivery .*level 1"
    ):
        adopts(desk, ladder("30m", "1h", categories={"data": {}, "delivery": {}}))

    assert desk.record.model_dump_json() == before


def test_an_ended_case_is_refused(opened: OpenDesk) -> None:
    """Too late, and how it ended."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    desk.say(events.Withdraw(by="rita", why="never mind"))
    desk.told()

    with pytest.raises(Refused, match="too late to adopt policy; T-1 has ended: withdrawn"):
        adopts(desk, ladder("1h", "1h"))
    assert desk.record.participants.get("person:olga") is None


def test_a_hold_has_the_limit_of_the_new_matrix(opened: OpenDesk) -> None:
    """The time on hold counts; it is reminded of as before, unless it ends first."""
    desk = opened(at=MONDAY, snapshot=holding({"remind_every": "4h"}))
    desk.hold("vendor")
    desk.later(hours=1)
    desk.told()

    adopts(desk, holding({"remind_every": "4h", "at_most": "2d"}))
    assert minutes(desk, Then.END_HOLD, ClockName.HOLD) == 48 * 60
    assert minutes(desk, Then.REMIND_HOLD, ClockName.HOLD_REMINDER) == 180

    adopts(desk, holding({"remind_every": "4h", "at_most": "1d"}))
    assert minutes(desk, Then.END_HOLD, ClockName.HOLD) == 24 * 60
    adopts(desk, holding({"remind_every": "2d", "at_most": "1d"}))
    assert ClockName.HOLD_REMINDER not in desk.record.clocks
    adopts(desk, holding({"remind_every": "4h"}))
    assert minutes(desk, Then.REMIND_HOLD, ClockName.HOLD_REMINDER) == 240


def test_a_hold_that_is_not_allowed_any_more_ends(opened: OpenDesk) -> None:
    """Its reason is none of the new matrix: the clock goes on with the time that was left."""
    desk = opened(at=MONDAY, snapshot=holding({}))
    desk.later(minutes=10)
    desk.hold("vendor")
    desk.later(minutes=50)
    desk.told()

    adopts(desk, ladder("30m", "1h", holds={"customer": {}}))

    assert desk.status == "open"
    assert minutes(desk, Then.CLIMB) == 20
    assert [entry.why for entry in desk.entries("resumed")] == ["adopted"]
    desk.expect("customer_update → customer")
    assert desk.record.clocks.keys() == {ClockName.WINDOW}


def test_word_to_the_customer(opened: OpenDesk) -> None:
    """The time since they heard last counts; a promise that is new is kept from now on."""
    hourly = {"customer": {"update_every": {"P3": "1h"}}}
    desk = opened(at=MONDAY, snapshot=ladder("1d", "1h", **hourly))
    desk.later(minutes=50)
    desk.told()

    adopts(desk, ladder("1d", "1h", customer={"update_every": {"P3": "2h"}}))

    assert minutes(desk, Then.MISS_UPDATE, ClockName.UPDATE) == 70
    assert minutes(desk, Then.REMIND_UPDATE, ClockName.UPDATE) is None
    adopts(desk, ladder("1d", "1h"))
    assert ClockName.UPDATE not in desk.record.clocks
    adopts(desk, ladder("1d", "1h", **hourly))
    assert minutes(desk, Then.MISS_UPDATE, ClockName.UPDATE) == 60


def test_a_survey_that_is_out_ends_when_it_was_to(opened: OpenDesk) -> None:
    """The customer was told until when; a matrix without a survey does not take that back."""
    desk = opened(at=MONDAY, snapshot=ladder("1d", "1h", customer={"survey": {"within": "3d"}}))
    desk.resolve()
    desk.say(events.ConfirmResolution(by="ada"))
    before = desk.next
    desk.later(days=1)
    desk.told()

    adopts(desk, ladder("1d", "1h"))

    assert desk.next == before
    desk.say(events.Rate(score=1))
    assert desk.record.ending == "confirmed"
    desk.told()


def test_asking_for_it_is_refused_only_after_the_end(opened: OpenDesk) -> None:
    """Before the revision is there nothing is known against it, but that the case has ended."""
    desk = opened(at=MONDAY, snapshot=ladder("30m", "1h"))
    asked = events.AdoptPolicy(by="olga", policy="no-such")
    desk.case.check(asked)
    desk.say(events.Withdraw(by="rita", why="never mind"))
    desk.told()

    with pytest.raises(Refused, match="too late to adopt policy"):
        desk.case.check(asked)
