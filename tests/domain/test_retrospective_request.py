"""What a case hands over when it closes, and who is asked to come (A31)."""

import pytest
from pydantic import ValidationError

from escalations import events
from escalations.retrospective.request import (
    MAX_HISTORY,
    MAX_HISTORY_SIZE,
    RetrospectiveRequest,
    bounded,
    request_for,
)
from escalations.timeline import Folded, LevelEntered, Noted, TimelineEntry
from tests.domain.matrices import paris
from tests.domain.retrospectives import FRIDAY, handed_over, opened
from tests.domain.rosters import BO, EVE, desk_of, roster, staffed, unreadable


def keys(request: RetrospectiveRequest) -> list[str]:
    return [each.key for each in request.participants]


def test_everyone_who_took_part_is_asked_to_come() -> None:
    """Each level that had the case, manager, team, and people by contact, role, name or mail."""
    case = opened()
    case.handle(events.HandUp(by="Desk", from_level=1, reason="no access"), FRIDAY)
    case.handle(events.Acknowledge(by="account-executive"), FRIDAY)
    case.handle(events.AddNote(by="kim@partner.example", text="Looked at it"), FRIDAY)
    case.handle(events.AddNote(by="åsa öberg", text="So did I"), FRIDAY)
    case.handle(events.Assign(by="Jean", to="Petra"), FRIDAY)
    request = handed_over(case)

    assert request.facilitator.key == keys(request)[0] == "coordinator"
    assert set(keys(request)) == {
        "coordinator",
        "desk",
        "boss",
        "account-executive",
        "kim@partner.example",
    }
    assert set(request.unreached) == {"Jean", "Petra", "Marie"}


def test_whoever_cancelled_the_run_is_nobody_to_be_asked() -> None:
    """A run does not know who it was, so there is nobody to look for."""
    case = opened()
    case.handle(events.Withdraw.of_a_cancelled_run("A mistake"), FRIDAY)

    assert request_for(case.record, FRIDAY).unreached == []


@pytest.mark.parametrize(
    "by", ["ada@acme.example", "ADA@ACME.EXAMPLE", "bob@acme.example", "ACME", "C-7", "Bob"]
)
def test_the_customer_is_never_asked_to_come(by: str) -> None:
    """Not by address, name or number, not by who replied, and nobody else of their domain."""
    case = opened()
    case.handle(events.CustomerReplied(by="Bob", text="Hello?"), FRIDAY)
    case.handle(events.RaiseTrigger(by=by, trigger="none"), FRIDAY)
    case.handle(events.AddNote(by=by, text="I want my money"), FRIDAY)
    request = handed_over(case)

    assert by not in keys(request)
    assert by not in request.unreached
    assert "acme.example" not in str([each.reach for each in request.participants]).casefold()


def test_a_customer_in_our_own_house_does_not_keep_us_out() -> None:
    """Where the customer has an address at our domain, only that address is theirs."""
    case = opened(customer={"id": "C", "name": "IT", "contacts": ["mailto:ann@shop.example"]})
    case.handle(events.AddNote(by="per@shop.example", text="Looked at it"), FRIDAY)
    case.handle(events.AddNote(by="ann@shop.example", text="Please"), FRIDAY)

    assert set(keys(handed_over(case))) >= {"per@shop.example", "desk"}
    assert "ann@shop.example" not in keys(handed_over(opened()))


def test_nobody_is_asked_twice() -> None:
    """Somebody who is contact, role and writer of notes at once gets one invitation."""
    case = opened(team={"expert": {"name": "Desk", "reach": ["mailto:Desk@shop.example"]}})
    case.handle(events.AddNote(by="desk@shop.example", text="Done"), FRIDAY)
    addresses = [each.reach[0].casefold() for each in handed_over(case).participants]

    assert len(addresses) == len(set(addresses))


def test_without_an_escalation_manager_the_last_level_facilitates() -> None:
    """Somebody always has the task."""
    case = opened({"escalation_manager": None})
    case.handle(events.HandUp(by="Desk", from_level=1, reason="no access"), FRIDAY)

    assert handed_over(case).facilitator.key == "boss"


def test_a_case_opened_again_has_keys_of_its_own() -> None:
    """The delivery ledger must not take the second retrospective's invitation for the first's."""
    case = opened()
    first = handed_over(case)
    case.record.effects_issued += 1

    assert first.key.startswith("T-1/retrospective/")
    assert request_for(case.record, FRIDAY).key != first.key


def test_a_long_history_is_bounded_and_says_so() -> None:
    """What moved the case and the newest words stay, and the rest is counted."""
    moved = LevelEntered(at=FRIDAY, level=1, name="Desk", contact="desk", due_at=None)
    said = [Noted(at=FRIDAY, level=1, by="Kim", text=f"{n} " + "é" * 900) for n in range(3_000)]
    history: list[TimelineEntry] = [moved, *said, moved]
    kept = bounded(history)

    assert len(kept) <= MAX_HISTORY + 1
    assert sum(len(entry.model_dump_json().encode()) for entry in kept) < MAX_HISTORY_SIZE * 1.01
    assert kept[1] == kept[-1] == moved
    assert kept[-2] == said[-1]
    assert isinstance(kept[0], Folded)
    assert sum(kept[0].counts.values()) == len(history) - len(kept) + 1
    assert bounded(kept[1:]) == kept[1:]


def test_whoever_was_on_call_is_asked_to_come() -> None:
    """By name and address, those whose shift is long over too; the contact itself is nobody."""
    held = {"when": {"breached": True}}
    snapshot = staffed("10h", "until-resolved", retrospective=held)
    desk = desk_of(snapshot, roster("one", EVE, BO))
    desk.until(paris("2026-12-22 12:00"))
    desk.say(events.Withdraw(by="ada", why="Never mind"))
    request = request_for(desk.record, desk.at)

    invited = {each.key: each.reach for each in request.participants}
    assert invited["one/eve"] == ["mailto:eve@example.com"]
    assert invited["one/bo"] == ["mailto:bo@example.com"]
    assert "one" not in invited


def test_a_rota_that_nobody_could_read_holds_nobody_up() -> None:
    """Whoever has an address sees to it; who can only be found in the rota is not asked."""
    held = {"when": {"breached": True}}
    snapshot = staffed("1h", "1h", who=("one", "two"), retrospective=held, escalation_manager=None)
    desk = desk_of(snapshot, unreadable("one"), unreadable("two"))
    desk.later(hours=3)
    desk.say(events.Withdraw(by="ada", why="Never mind"))

    request = request_for(desk.record, desk.at)

    assert request.facilitator.key == "manager"
    assert all(each.reach for each in request.participants)


def test_a_retrospective_needs_somebody_who_is_there() -> None:
    """A policy of rotas alone that holds retrospectives is refused, with what to do about it."""
    with pytest.raises(ValidationError, match="one where a contact has `reach`"):
        staffed(
            "1h",
            who=("one", "manager"),
            retrospective={"when": {"breached": True}},
        )
