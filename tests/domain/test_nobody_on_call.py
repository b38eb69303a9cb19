"""Nobody on call, or nobody knows who: a fact that the fallback hears at once (A47)."""

from escalations import events
from escalations.clock import Then
from tests.domain.matrices import paris
from tests.domain.rosters import BO, EVE, OPENED, desk_of, on_call, roster, staffed, unreadable


def test_nobody_is_on_call() -> None:
    """A gap in the rota is a fact: the fallback hears at once, and the next level has the case."""
    desk = desk_of(staffed("1d", "1d"), roster("one", BO))
    desk.expect(
        *OPENED,
        "nobody_on_call → manager",
        "level_entered → two",
        "customer_handed_over → customer",
    )
    assert desk.last("nobody_on_call").particulars.by == "One"
    assert on_call(desk) == ["Tue 22 Dec 01:30 nobody"]
    (left,) = desk.entries("left_level")
    assert (left.why, left.to_level) == ("nobody_reachable", 2)
    assert (desk.level, desk.record.breached) == (2, False)
    assert desk.next == ("Wed 23 Dec 01:30", Then.BREACH)


def test_nobody_whom_the_calendar_names_is_known() -> None:
    """Somebody is on call whom no `people` entry knows: nobody, with the name to put in."""
    unknown = roster("one").model_copy(update={"unknown": ["Zoë B."]})
    desk = desk_of(staffed("1d", "1d"), unknown)
    assert desk.last("nobody_on_call").particulars.text == "Zoë B."
    assert [entry.detail for entry in desk.entries("nobody_on_call")] == ["Zoë B."]


def test_nobody_and_the_contact_has_an_address() -> None:
    """Where nobody is on call the contact's own address takes the case, and the fallback hears."""
    desk = desk_of(staffed("1d", "1d", own=True), roster("one", BO))
    desk.expect(*OPENED, "nobody_on_call → manager", "level_entered → one")
    assert desk.level == 1
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one", "level_entered → one/bo")


def test_nobody_at_the_last_level() -> None:
    """Nobody is above: the fallback gets the case in their place."""
    desk = desk_of(staffed("1d"), roster("one", BO))
    desk.expect(*OPENED, "nobody_on_call → manager", "level_entered → manager")
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one", "level_entered → one/bo")


def test_nobody_after_the_shift() -> None:
    """A shift that ends with nobody after it: the fallback hears; the level keeps the case."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE))
    desk.told()
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one", "nobody_on_call → manager")
    assert (desk.level, desk.record.on_call) == (1, [])
    assert desk.next == ("Wed 23 Dec 01:30", Then.CLIMB)


def test_nobody_while_on_hold() -> None:
    """A case that waits for a vendor is not moved because nobody is on call meanwhile."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, BO))
    desk.hold("vendor")
    desk.told()
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one", "level_entered → one/bo")
    desk.until(paris("2026-12-22 14:00"))
    desk.expect("rota of one", "nobody_on_call → manager")
    assert desk.level == 1


def test_taken_before_the_rota_is_read() -> None:
    """A case that somebody has taken is not moved on because nobody is on call."""
    desk = desk_of(staffed("1d", "1d"), roster("one", BO), reading=True)
    desk.say(events.Acknowledge(by="rita"))
    desk.told()
    desk.rotas_read()
    desk.expect("nobody_on_call → manager", "level_entered → manager")
    assert (desk.level, desk.record.owner) == (1, "rita")


def test_an_unreadable_rota() -> None:
    """Nothing is known of it: as if nobody were on call, with the reason; tried again hourly."""
    desk = desk_of(staffed("1d"), unreadable("one"))
    desk.expect(*OPENED, "nobody_on_call → manager", "level_entered → manager")
    assert [(entry.contact, entry.problem) for entry in desk.entries("rota_unread")] == [
        ("one", "404")
    ]
    assert desk.last("nobody_on_call").particulars.text == "404"
    assert desk.next == ("Tue 22 Dec 02:30", Then.HAND_OVER)

    desk.later(hours=5)
    assert desk.told() == ["rota of one"] * 5
    assert len(desk.entries("nobody_on_call")) == 1

    desk.rosters["one"] = roster("one", BO)
    desk.later(hours=1)
    desk.expect("rota of one", "level_entered → one/bo")


def test_another_problem_is_said() -> None:
    """The fallback who has mended one thing hears of the next."""
    desk = desk_of(staffed("1d"), unreadable("one"))
    desk.told()
    desk.rosters["one"] = unreadable("one", "no calendar there")
    desk.later(hours=1)
    desk.expect("rota of one", "nobody_on_call → manager")


def test_unreadable_with_what_was_known() -> None:
    """What was known of the rota holds as long as it reaches: nobody is alarmed."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, BO))
    desk.told()
    desk.rosters["one"] = unreadable("one")
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one", "level_entered → one/bo")
    assert [entry.problem for entry in desk.entries("rota_unread")] == ["404"]
    assert desk.entries("nobody_on_call") == []


def test_the_manager_is_their_own_fallback() -> None:
    """Nobody drives the case tonight and nobody else is the fallback: it is on record."""
    desk = desk_of(staffed("1h", who=("manager",)), roster("manager"))
    assert [entry.contact for entry in desk.entries("nobody_on_call")] == ["manager"]
    assert not any(line.startswith(("nobody", "manager")) for line in desk.told())
    assert desk.level == 1


def test_a_fallback_with_a_rota_and_an_address() -> None:
    """The fallback is told at its own address, without another rota being read."""
    desk = desk_of(
        staffed("1d", "1d", who=("one", "two"), own=True, fallback="two"),
        roster("one", BO),
    )
    assert "nobody_on_call → two" in desk.told()


def test_nobody_for_a_level_that_was_left() -> None:
    """It is still a fact that the fallback hears; the level that has the case now keeps it."""
    desk = desk_of(staffed("1d", "1d", "1d"), roster("one", BO), reading=True)
    desk.say(events.HandUp(by="rita", from_level=1, reason="no idea"))
    desk.told()
    desk.rotas_read()
    desk.expect("nobody_on_call → manager")
    assert desk.level == 2


def test_the_end_with_nobody_on_call() -> None:
    """The end of a case is told to the fallback where nobody is on call, and moves nothing."""
    desk = desk_of(staffed("1d", "1d"), roster("one", BO), reading=True)
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    desk.rotas_read()
    desk.expect("nobody_on_call → manager", "case_closed → manager")
    assert (desk.next, desk.level) == (None, 1)


def test_the_end_of_what_waited_for_a_rota() -> None:
    """What was to be said when it is known who is on call is not said of a case that has ended."""
    desk = desk_of(staffed("1h", "1d", who=("manager",)), roster("manager", EVE), reading=True)
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    desk.rotas_read()
    desk.expect("case_closed → manager/eve")


def test_what_was_known_does_not_reach() -> None:
    """What was known up to now is not known any more: nobody can be told, and the fallback is."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, until="2026-12-22 04:00"))
    desk.told()
    desk.rosters["one"] = unreadable("one")
    desk.until(paris("2026-12-22 04:00"))
    desk.expect("rota of one", "nobody_on_call → manager")
    assert desk.next == ("Tue 22 Dec 05:00", Then.HAND_OVER)


def test_nobody_at_the_next_level_either() -> None:
    """The same team at two levels: the fallback hears of each level that was left for it."""
    levels = staffed("1d", "1d", "1d").policy.model_dump(mode="json")["levels"]
    levels[1]["contact"] = "one"
    desk = desk_of(staffed("1d", "1d", "1d", levels=levels), roster("one", BO))
    assert desk.told().count("nobody_on_call → manager") == 2
    assert desk.level == 3


def test_nobody_again() -> None:
    """Two gaps with a shift between them are two facts."""
    desk = desk_of(staffed("1d"), roster("one", ("eve", "2026-12-22 03:00", "2026-12-22 04:00")))
    assert desk.told().count("nobody_on_call → manager") == 1
    desk.until(paris("2026-12-22 04:00"))
    desk.expect("rota of one", "level_entered → one/eve", "rota of one", "nobody_on_call → manager")


def test_held_before_the_rota_is_read() -> None:
    """A case that waits for a vendor stays at its level, whoever is on call."""
    desk = desk_of(staffed("1d", "1d"), roster("one", BO), reading=True)
    desk.hold("vendor")
    desk.told()
    desk.rotas_read()
    desk.expect("nobody_on_call → manager", "level_entered → manager")
    assert desk.level == 1


def test_what_is_said_to_nobody() -> None:
    """While nobody is on call the fallback hears in their place, without the rota being read."""
    desk = desk_of(staffed("2h..3h"), roster("one", EVE, until="2026-12-23 01:30"))
    desk.rosters["one"] = roster("one")
    desk.until(paris("2026-12-22 01:30"))
    nobody = desk_of(staffed("2h..3h"), roster("one"))
    nobody.told()
    nobody.later(hours=2)
    nobody.expect("reminder → manager")


def test_nobody_on_call_at_the_fallback_either() -> None:
    """An empty rota as the fallback does not end the search: the manager hears all of it (A47)."""
    snapshot = staffed("1d", fallback="two", contacts=_three("one", "two"))
    desk = desk_of(snapshot, roster("one", BO), roster("two"))
    desk.expect(
        *OPENED,
        "rota of two",
        "nobody_on_call → manager",
        "nobody_on_call → manager",
        "level_entered → manager",
    )
    assert [entry.contact for entry in desk.entries("nobody_on_call")] == ["one", "two"]
    desk.reply("Any news?")
    desk.expect("customer_replied → manager")


def test_nobody_anywhere() -> None:
    """Where all rotas are empty each is read once, and it is on record that nobody is on call."""
    empty = ("one", "two", "manager")
    snapshot = staffed("1d", fallback="two", contacts=_three(*empty))
    desk = desk_of(snapshot, *(roster(name) for name in empty))
    assert sorted(line for line in desk.told() if "rota" in line) == [
        "rota of manager",
        "rota of one",
        "rota of two",
    ]
    assert {entry.contact for entry in desk.entries("nobody_on_call")} == {*empty}
    desk.reply("Any news?")
    desk.expect()


def test_the_fallback_is_found_by_a_rota() -> None:
    """Who is on call at the fallback is told at once while its rota is known."""
    snapshot = staffed("1d", fallback="two", contacts=_three("one", "two"))
    desk = desk_of(snapshot, roster("one"), roster("two", EVE))
    desk.told()
    desk.reply("Any news?")
    desk.expect("customer_replied → two/eve")


def _three(*who: str) -> dict[str, object]:
    """Contacts of which these have a rota and no address of their own."""
    contacts: dict[str, object] = {}
    for name in ("one", "two", "manager"):
        rota = {"rota": {"calendar": f"{name}.ics"}}
        found = rota if name in who else {"reach": [f"mailto:{name}@example.com"]}
        contacts[name] = {"name": name.title(), **found}
    return contacts
