"""An ended case that is opened again: its past stays, its ending does not."""

from escalations import events
from escalations.clock import Then
from escalations.record import Baton, Status
from escalations.rota import Roster
from tests.domain.conftest import MONDAY, OpenDesk, resolved
from tests.domain.desk import Desk
from tests.domain.matrices import ladder, matrix, paris

EXECUTIVE = {"bad-review": {"executive": True}}


def test_opened_again(opened: OpenDesk) -> None:
    """An ended case that is opened again begins one level above the one where it had ended."""
    ended = resolved(opened)
    ended.say(events.ConfirmResolution(by="ada"))
    ended.told()
    sent = ended.record.effects_issued
    text = ended.record.model_dump_json()

    desk = Desk(
        again=Baton(record=ended.record),
        at=paris("2027-02-01 10:00"),
        title="Line is down again",
        reopen=True,
    )

    desk.expect(
        "manager_briefed → escalation-manager",
        "customer_acknowledged → customer",
        "level_entered → support-manager",
    )
    record = desk.record
    assert (record.status, record.level, record.reopened) == (Status.OPEN, 2, 1)
    assert (record.ending, record.closed_at, record.owner) == (None, None, None)
    assert record.request.title == "Line is down again"
    assert [entry.type for entry in record.timeline if entry.at == desk.at][:3] == [
        "opened",
        "reopened",
        "level_entered",
    ]
    assert [entry.again for entry in desk.entries("opened")] == [False, True]
    assert desk.story("closed") == ["Mon 11 Jan 10:10 closed"]
    assert desk.next == ("Mon 01 Feb 10:30", Then.REMIND)
    assert desk.sent[0].key == f"T-1/{sent + 1}"
    assert ended.record.model_dump_json() == text


def test_opened_again_on_the_last_level(opened: OpenDesk) -> None:
    """A case that ended at the top is opened again at the top, also of a shorter matrix."""
    ended = opened(at=MONDAY)
    ended.trigger("legal-threat")
    ended.say(events.Withdraw(by="ada", why="never mind"))
    ended.told()

    same = Desk(again=Baton(record=ended.record), at=paris("2027-02-01 10:00"))
    shorter = Desk(
        again=Baton(record=ended.record),
        at=paris("2027-02-01 10:00"),
        snapshot=ladder("1h", "2h"),
    )
    assert same.level == 7
    assert (shorter.level, shorter.record.highest_level) == (2, 2)
    assert shorter.next == ("Mon 01 Feb 12:00", Then.BREACH)


def test_messages_of_the_past_do_not_count_again(opened: OpenDesk) -> None:
    """A message that counted before a case had ended counts as a repetition after it."""
    ended = opened(at=MONDAY)
    ended.reply("my lawyer will call you", message_id="m-1")
    ended.say(events.Withdraw(by="ada", why="never mind"))
    ended.told()

    desk = Desk(again=Baton(record=ended.record), at=paris("2027-02-01 10:00"))
    replies = desk.record.replies
    desk.told()
    desk.reply("my lawyer will call you", message_id="m-1")
    desk.expect()
    assert desk.record.replies == replies


def test_the_past_that_does_not_count(opened: OpenDesk) -> None:
    """Score, executive, actions and rotas of the past are its timeline's; the case begins anew."""
    survey = {"survey": {"within": "7d"}}
    ended = resolved(opened, snapshot=matrix(customer=survey, triggers=EXECUTIVE))
    ended.trigger("bad-review")
    ended.work()
    ended.resolve()
    ended.say(events.ConfirmResolution(by="ada"))
    ended.say(events.Rate(score=1))
    ended.told()
    known = Roster(contact="representative", read_at=ended.at, until=ended.at)
    ended.record.rosters = {"representative": known}
    assert (ended.record.score, ended.record.executive) == (1, True)
    assert ended.record.actions_done

    desk = Desk(again=Baton(record=ended.record), at=paris("2027-02-01 10:00"))

    record = desk.record
    assert (record.score, record.executive, record.actions_done) == (None, False, [])
    assert record.rosters == {}
