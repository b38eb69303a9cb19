"""Self-service: an answer is suggested before anybody is asked, and people take over (C6)."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.record import Ending, Status
from escalations.snapshot import Snapshot
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder, paris

ROUTER = {
    "id": "restart-the-router",
    "title": {"en": "Restart the router"},
    "answer": {"en": "Unplug it for a minute."},
    "phrases": {"en": ["line is down", "line"]},
}
CABLE = {
    "id": "check-the-cable",
    "title": {"en": "Check the cable"},
    "answer": {"en": "Push it in until it clicks."},
    "phrases": {"en": ["down"]},
}
ANSWERED = ("customer_suggestion → customer", "manager_briefed → manager")
PEOPLE = ("level_entered → two", "customer_handed_over → customer")


def answers(*levels: str, self_service: int = 1, **keys: object) -> Snapshot:
    """A ladder whose first levels are self-service, and what they know."""
    small = ladder(*levels).policy.model_dump(mode="json")["levels"]
    for level in small[:self_service]:
        level |= {"kind": "self-service", "acknowledge_within": "5m"}
    return ladder(*levels, **{"knowledge": [ROUTER], "levels": small, **keys})


ONE = answers("30m..1h", "2h")


def test_an_answer_is_suggested() -> None:
    """The customer gets the answer and until when they may try it; nobody else is asked yet."""
    desk = Desk(snapshot=ONE)
    desk.expect(*ANSWERED)
    told = desk.last("customer_suggestion").particulars
    assert (told.by, told.text) == ("Restart the router", "Unplug it for a minute.")
    assert in_paris(told.due_at) == "Tue 22 Dec 02:30"
    assert [(entry.article, entry.title) for entry in desk.entries("suggested")] == [
        ("restart-the-router", "Restart the router")
    ]
    assert desk.next == ("Tue 22 Dec 02:30", Then.CLIMB)
    assert desk.record.clocks.keys() == {ClockName.WINDOW}


def test_it_helped(opened: OpenDesk) -> None:
    """The customer's yes ends the case: resolved by self-service, and nobody was asked."""
    desk = opened(snapshot=ONE)
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_closed → customer", "case_closed → manager, one")
    assert desk.record.ending is Ending.CONFIRMED
    (entry,) = desk.entries("resolved")
    assert (entry.by, entry.kind, entry.summary) == ("L1", "fix", "Restart the router")
    assert desk.record.hand_offs == 0


def test_it_did_not_help(opened: OpenDesk) -> None:
    """The customer's no asks people at once, with the customer's words; no promise was broken."""
    desk = opened(snapshot=ONE)
    desk.later(minutes=5)
    desk.say(events.RejectResolution(by="ada", why="It has no plug"))
    desk.expect(*PEOPLE)
    assert desk.last("level_entered").particulars.text == "It has no plug"
    (left,) = desk.entries("left_level")
    assert (left.why, left.by, left.to_level) == ("not_helped", "ada", 2)
    assert (desk.record.breached, desk.record.reopened) == (False, 0)
    assert desk.record.suggestion is None
    assert desk.next == ("Tue 22 Dec 03:35", Then.BREACH)


def test_a_reply_asks_people(opened: OpenDesk) -> None:
    """Who writes instead of answering wants somebody: people get the case with these words."""
    desk = opened(snapshot=ONE)
    desk.reply("And what about my second line?")
    desk.expect(*PEOPLE)
    assert desk.last("level_entered").particulars.text == "And what about my second line?"
    assert desk.entries("left_level")[0].by == "Ada of ACME"


def test_silence_asks_people(opened: OpenDesk) -> None:
    """When the time to try it is over people get the case; it is no breach."""
    desk = opened(snapshot=ONE)
    desk.until(desk.at.replace(hour=1, minute=29))  # 02:29 in Paris
    desk.expect()
    desk.later(minutes=1)
    desk.expect(*PEOPLE)
    assert desk.entries("breached") == []
    assert not desk.record.breached
    assert [entry.why for entry in desk.entries("left_level")] == ["not_helped"]


def test_no_answer_is_known(opened: OpenDesk) -> None:
    """A problem that no article answers goes to people at once; they have the customer's time."""
    desk = Desk(snapshot=ONE, title="It smells", statement="Of fish.")
    desk.expect(
        "manager_briefed → manager", "customer_acknowledged → customer", "level_entered → two"
    )
    (left,) = desk.entries("left_level")
    assert (left.why, left.level, left.to_level) == ("no_answer", 1, 2)
    assert (desk.level, desk.record.hand_offs) == (2, 0)
    assert desk.next == ("Tue 22 Dec 03:30", Then.BREACH)


def test_people_have_the_time_since_the_report(opened: OpenDesk) -> None:
    """Where no article answers, the window of the people runs from the report on as well."""
    told = {"title": "It smells", "statement": "Of fish."}
    reported_at, at = paris("2026-12-22 01:00"), paris("2026-12-22 02:00")
    early = opened(snapshot=ONE, reported_at=reported_at, at=at, **told)
    assert early.next == ("Tue 22 Dec 03:00", Then.BREACH)


def test_nobody_to_send_an_answer_to(opened: OpenDesk) -> None:
    """A customer without an address is no reader: people get the case at once."""
    desk = Desk(snapshot=ONE, customer={"contacts": []})
    desk.expect("manager_briefed → manager", "level_entered → two")
    assert desk.entries("suggested") == []


def test_never_the_same_answer_twice(opened: OpenDesk) -> None:
    """A second level of self-service suggests what was not suggested yet."""
    desk = opened(snapshot=answers("1h", "1h", "1h", self_service=2, knowledge=[ROUTER, CABLE]))
    assert desk.record.suggested == ["restart-the-router"]
    desk.reply("no")
    desk.expect("customer_suggestion → customer")
    assert desk.last("customer_suggestion").particulars.by == "Check the cable"
    desk.reply("no")
    desk.expect("level_entered → three", "customer_handed_over → customer")
    assert desk.record.suggested == ["restart-the-router", "check-the-cable"]


def test_the_last_level_is_self_service(opened: OpenDesk) -> None:
    """Above it is nobody: when the answer does not help, its contact is asked after all."""
    desk = opened(snapshot=answers("1h"))
    desk.later(hours=1)
    desk.expect("level_entered → one")
    assert desk.last("level_entered").particulars.why == "not_helped"
    assert (desk.record.suggestion, desk.record.breached) == (None, False)
    assert desk.next == ("Wed 23 Dec 02:30", Then.REPEAT)

    refused = opened(snapshot=answers("1h"))
    refused.reply("no")
    refused.expect("level_entered → one", "customer_handed_over → customer")
    assert refused.entries("left_level") == []


def test_no_answer_at_the_last_level(opened: OpenDesk) -> None:
    """Without an answer its contact is asked at once."""
    desk = Desk(snapshot=answers("1h"), title="It smells", statement="Of fish.")
    assert desk.told()[-1] == "level_entered → one"


def test_word_is_promised_when_people_have_it(opened: OpenDesk) -> None:
    """A customer with an answer to try has heard; the promise begins when people get the case."""
    care = {"update_every": {"P3": "3h"}}
    desk = opened(snapshot=answers("1h", "9h", customer=care))
    assert ClockName.UPDATE not in desk.record.clocks
    desk.later(hours=1)
    desk.expect(*PEOPLE)
    assert (
        in_paris(desk.record.clocks[ClockName.UPDATE].due(Then.MISS_UPDATE)) == "Tue 22 Dec 05:30"
    )

    last = opened(snapshot=answers("1h", customer=care))
    last.later(hours=1)
    last.expect("level_entered → one")
    assert (
        in_paris(last.record.clocks[ClockName.UPDATE].due(Then.MISS_UPDATE)) == "Tue 22 Dec 05:30"
    )


def test_a_solution_of_ours_meanwhile(opened: OpenDesk) -> None:
    """Whoever resolves the case while the answer is tried asks the customer about that."""
    desk = opened(snapshot=ONE)
    desk.resolve()
    desk.expect("customer_confirmation_asked → customer")
    assert (desk.status, desk.record.suggestion) == (Status.RESOLVED, None)


@pytest.mark.parametrize("survey", [None, {"within": "7d", "reopen_at_or_below": 2}])
def test_helped_while_on_hold(opened: OpenDesk, survey: object) -> None:
    """A yes ends a hold with it: the customer who has answered is waited for no more."""
    desk = opened(snapshot=answers("1h", "1h", customer={"survey": survey}))
    desk.hold("customer")
    desk.say(events.ConfirmResolution(by="ada"))
    assert desk.record.hold is None
    assert not {ClockName.HOLD, ClockName.HOLD_REMINDER} & desk.record.clocks.keys()
    assert [entry.why for entry in desk.entries("resumed")] == ["resolved"]
    desk.told()


def test_not_helped_while_on_hold(opened: OpenDesk) -> None:
    """A no ends it too, and the timeline says so."""
    desk = opened(snapshot=ONE)
    desk.hold("customer")
    desk.reply("It does not help")
    desk.expect("customer_waiting → customer", *PEOPLE)
    assert [entry.why for entry in desk.entries("resumed")] == ["moved"]


def test_a_threat_goes_past_the_answer(opened: OpenDesk) -> None:
    """A trigger in the reply leads where it leads."""
    triggers = {"court": {"to": "L3", "phrases": {"en": ["lawyer"]}}}
    desk = opened(snapshot=answers("1h", "1h", "1h", triggers=triggers))
    desk.reply("My lawyer will call you")
    desk.expect("level_entered → three", "customer_handed_over → customer")
    assert desk.record.suggestion is None


@pytest.mark.parametrize("reopen", ["next", "same"])
def test_helped_and_yet_not(opened: OpenDesk, reopen: str) -> None:
    """A bad answer to the survey after self-service asks people, also where cases stay."""
    care = {"survey": {"within": "7d", "reopen_at_or_below": 2}, "reopen": reopen}
    desk = opened(snapshot=answers("1h", "1h", customer=care))
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_survey → customer")
    desk.say(events.Rate(score=1, comment="broken again"))
    desk.expect("reopened → manager, one", *PEOPLE)
    assert desk.level == 2


def test_word_waits_for_a_later_answer(opened: OpenDesk) -> None:
    """Handed back to self-service, the customer has something to try: nothing is promised."""
    levels = answers("1h", "9h").policy.model_dump(mode="json")["levels"]
    levels[0], levels[1] = levels[1] | {"name": "L1"}, levels[0] | {"name": "L2"}
    care = {"update_every": {"P3": "3h"}}
    desk = opened(snapshot=ladder("1h", "9h", levels=levels, knowledge=[ROUTER], customer=care))
    assert ClockName.UPDATE in desk.record.clocks
    desk.hand_up()
    desk.expect("customer_suggestion → customer")
    assert ClockName.UPDATE not in desk.record.clocks


def test_found_by_the_statement(opened: OpenDesk) -> None:
    """The words of the problem are those of its title and of its statement."""
    desk = Desk(snapshot=ONE, title="Help", statement="My line is gone")
    assert [entry.article for entry in desk.entries("suggested")] == ["restart-the-router"]


def test_helped_and_thanked(opened: OpenDesk) -> None:
    """Who writes after their yes, during the survey, does not ask for people with it."""
    desk = opened(snapshot=answers("1h", "1h", customer={"survey": {"within": "7d"}}))
    desk.say(events.ConfirmResolution(by="ada"))
    desk.reply("Thank you, it works")
    desk.expect("customer_survey → customer", "customer_replied → one")
    assert (desk.status, desk.level) == (Status.RESOLVED, 1)


def test_nothing_is_promised_after_a_hold(opened: OpenDesk) -> None:
    """A hold that ends while the answer is tried promises no word either."""
    care = {"update_every": {"P3": "3h"}}
    desk = opened(snapshot=answers("1h", "1h", customer=care))
    desk.hold("vendor")
    desk.say(events.Resume(by="rita"))
    desk.expect(*["customer_update → customer"] * 2)
    assert ClockName.UPDATE not in desk.record.clocks
