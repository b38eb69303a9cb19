"""Who is on call by the matrix that a case adopts: rotas are read anew, and what waited is said."""

from escalations import events
from escalations.addressees import was_on_call
from escalations.policy import Policy
from escalations.snapshot import Snapshot, take
from tests.domain.adoptions import adopts
from tests.domain.matrices import ladder
from tests.domain.rosters import BO, EVE, OPENED, desk_of, roster, staffed


def elsewhere(snapshot: Snapshot) -> Snapshot:
    """The same matrix, whose first contact has its rota in another calendar."""
    written = snapshot.policy.model_dump(mode="json")
    written["contacts"]["one"]["rota"]["calendar"] = "elsewhere.ics"
    return take(Policy.model_validate(written), 2026)


def test_the_rota_is_read_anew() -> None:
    """Whoever is on call there by now hears of the case, who had it before does not again."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE))
    desk.told()
    both = ("bo", EVE[1], EVE[2])
    desk.rosters["one"] = roster("one", EVE, both)

    desk.reading = True
    adopts(desk, elsewhere(staffed("1d", "1d")))

    desk.expect("rota of one")
    assert desk.record.rosters == {}
    desk.rotas_read()
    desk.expect("level_entered → one/bo")
    assert desk.record.on_call == ["one/bo", "one/eve"]


def test_an_answer_from_the_old_calendar_is_not_one() -> None:
    """A rota that is being read while the matrix changes says nothing about the new one."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True)
    desk.told()
    adopts(desk, elsewhere(staffed("1d", "1d")))
    asked = [each.key for each in desk.record.outbox]

    old = events.RosterRead(key=asked[0], roster=roster("one", EVE))
    desk.say(old)

    assert [each.key for each in desk.record.outbox] == asked[1:]
    assert desk.record.rosters == {}
    desk.expect("rota of one")
    desk.rosters["one"] = roster("one", BO, ("eve", EVE[1], EVE[2]))
    desk.rotas_read()
    desk.expect("level_entered → one/eve")


def test_what_waits_for_a_rota_that_is_no_more_is_said() -> None:
    """A contact without a rota is told at its own addresses; a rota's answer changes nothing."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True)
    desk.expect(*OPENED)

    adopts(desk, ladder("1d", "1d"))

    desk.expect("level_entered → one")
    desk.rotas_read()
    desk.expect()
    assert desk.record.rosters == {}


def test_a_contact_that_is_no_more() -> None:
    """What waited for its rota, and does not ask for the level, is said to the fallback."""
    with_rota = staffed("1d", "1d", who=("one", "manager"))
    desk = desk_of(with_rota, roster("one", EVE), roster("manager", BO), reading=True)
    desk.told()
    new = ladder("1d", "1d", fallback="two", escalation_manager=None)
    contacts = {name: each for name, each in new.policy.contacts.items() if name != "manager"}
    policy = new.policy.model_copy(update={"contacts": contacts})

    adopts(desk, new.model_copy(update={"policy": policy, "revision": "00000000"}))

    desk.expect("manager_briefed → two", "level_entered → one")
    desk.rotas_read()
    desk.expect()
    desk.say(events.Withdraw(by="rita", why="never mind"))
    desk.told()


def test_who_was_on_call_for_a_contact_that_is_no_more() -> None:
    """The retrospective does without whom nobody can reach any more."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE))
    desk.told()
    new = ladder("1d", "1d")
    contacts = {name: each for name, each in new.policy.contacts.items() if name != "one"}
    levels = [each.model_copy(update={"contact": "two"}) for each in new.policy.levels]
    policy = new.policy.model_copy(update={"contacts": contacts, "levels": levels})

    adopts(desk, new.model_copy(update={"policy": policy, "revision": "00000000"}))

    desk.expect("level_entered → two")
    assert was_on_call(desk.record, "one/eve") == []
