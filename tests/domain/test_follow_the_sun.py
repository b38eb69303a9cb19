"""Three cities around the clock: whoever is told is awake, and the case goes west with the sun."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from escalations import events
from escalations.effects import Effect, Notify, Recipient
from escalations.opening_hours import zone
from escalations.policy import Priority
from escalations.rostering import unreadable
from escalations.rota import Roster, RotaQuestion
from tests.domain.desk import Desk
from tests.domain.ladders import asked, ladder, leaves_at, moment, policies, roster, wall

POLICY = policies()["follow-the-sun"]
FIRST, ENGINEERS, LEAD, HEAD = range(1, 5)
CITIES: Final = {
    "first-line": {
        "Asia/Singapore": ["mei tan", "arjun rao"],
        "Europe/Paris": ["claire petit", "hugo lambert"],
        "America/Vancouver": ["dana white", "luis ortega"],
    },
    "engineers": {
        "Asia/Singapore": ["wei lim", "priya nair"],
        "Europe/Paris": ["karim haddad", "anne morel"],
        "America/Vancouver": ["joan clarke", "tom baker"],
    },
    "site-leads": {
        "Asia/Singapore": ["lead singapore"],
        "Europe/Paris": ["lead paris"],
        "America/Vancouver": ["lead vancouver"],
    },
}
WEEKS: Final = {
    "winter": "2026-01-12",
    "Vancouver goes forward": "2026-03-05",
    "Paris goes forward": "2026-03-26",
    "summer": "2026-07-13",
    "Paris goes back": "2026-10-22",
    "Vancouver goes back": "2026-10-29",
}


def utc(written: str) -> datetime:
    return moment(written, "UTC")


def rotas(at: datetime, days: int = 20) -> dict[str, Roster]:
    """The three rotas, as they are read at that moment."""
    return {contact: roster(contact, at, days, cities) for contact, cities in CITIES.items()}


class Watch(Desk):
    """A desk that remembers at which moment each message to people inside went out."""

    def report(self, effects: Iterable[Effect]) -> None:
        """Their results, as on every desk."""
        sent = list(effects)
        self.__dict__.setdefault("log", []).extend((self.at, effect) for effect in sent)
        super().report(sent)

    def heard(self, notice: str | None = None) -> Iterator[tuple[datetime, Recipient]]:
        """When, and who on a rota heard."""
        for at, effect in self.__dict__["log"]:
            if isinstance(effect, Notify) and notice in (None, str(effect.notice)):
                yield from ((at, to) for to in effect.to if "/" in to.key)


def opened(at: datetime, **changes: Any) -> Watch:
    said = {"category": "network", "priority": "P2", "rosters": rotas(at)}
    snapshot = ladder("follow-the-sun", at.year)
    return Watch(at=at, snapshot=snapshot, policy="follow-the-sun", **said | changes)


def is_awake(at: datetime, person: Recipient) -> bool:
    """By the person's own clock it is between eight in the morning and eight at night."""
    return 8 <= at.astimezone(zone(person.timezone)).hour < 20


@pytest.mark.parametrize("week", WEEKS.values(), ids=list(WEEKS))
def test_somebody_is_awake(week: str) -> None:
    """D1, D2: at every hour of a week, also where clocks change, a fresh P2 is in the same minute
    with somebody for whom it is day, and a data centre's with such an engineer."""
    start = utc(f"{week} 00:00")
    read = rotas(start)
    for n in range(7 * 24):
        at = start + timedelta(hours=n)
        desk = opened(at, category=("network", "data-centre")[n // 24 % 2], rosters=read)
        told = list(desk.heard("level_entered"))
        assert told, f"nobody at {at}"
        assert [each for each in told if each[0] != at or not is_awake(*each)] == []


@pytest.mark.parametrize("week", WEEKS.values(), ids=list(WEEKS))
@pytest.mark.parametrize("priority", ["P1", "P2", "P3"])
def test_nobody_is_woken_up(week: str, priority: str) -> None:
    """D1: in four days of a case that nobody touches, through all levels, everybody on a rota who
    hears of it is at work then."""
    desk = opened(utc(f"{week} 05:00"), priority=priority)
    desk.later(days=4)

    assert desk.level == HEAD
    heard = list(desk.heard())
    assert len({to.key.partition("/")[0] for _, to in heard}) == 3
    assert [(str(at), to.key) for at, to in heard if not is_awake(at, to)] == []


def test_the_clock_never_stops() -> None:
    """D1, D7: left alone from a Saturday night on, a P2 climbs by the clock on the wall."""
    at = utc("2026-07-11 22:00")
    desk = opened(at)
    desk.later(days=1)

    entered = [each.at - at for each in desk.entries("level_entered")]
    assert entered == [timedelta(hours=hours) for hours in (0, 0.5, 6.5, 18.5)]


def test_handed_over_inside_a_level() -> None:
    """D1: at the change of shift those who come are told, with the owner's name; the level, its
    window and the customer's peace stay."""
    desk = opened(utc("2026-07-13 13:30"), category="data-centre")
    desk.say(events.Acknowledge(by="anne"))
    leaves, stays = leaves_at(desk), desk.record.stays
    desk.told()

    desk.until(utc("2026-07-13 15:00"))
    (vancouver,) = desk.record.on_call
    desk.expect("rota of engineers", f"level_entered → {vancouver}")
    assert vancouver.partition("/")[2] in CITIES["engineers"]["America/Vancouver"]
    handed = desk.last("level_entered")
    assert (handed.particulars.why, handed.particulars.by) == ("shift", "anne")
    assert (desk.level, desk.record.stays, leaves_at(desk)) == (ENGINEERS, stays, leaves)


def test_a_case_goes_round_the_world() -> None:
    """D1: an open case is with all three cities in turn, while it is at one level."""
    desk = opened(utc("2026-07-13 07:30"), category="data-centre", priority="P3")
    desk.hold("vendor")
    desk.later(hours=24)

    cities = [to.timezone for _, to in desk.heard("level_entered")]
    assert list(dict.fromkeys(cities)) == ["Asia/Singapore", "Europe/Paris", "America/Vancouver"]
    assert desk.level == ENGINEERS


def test_both_are_told_while_two_cities_are_there() -> None:
    """While shifts overlap, those who come and those who go both hear of a fresh case."""
    desk = opened(utc("2026-01-12 08:30"), priority="P2")
    assert sorted(to.timezone for _, to in desk.heard("level_entered")) == [
        "Asia/Singapore",
        "Europe/Paris",
    ]


def test_taken_home() -> None:
    """C1: who takes a case at the end of a shift and goes home loses it after two hours of
    silence, and those who are awake are asked."""
    desk = opened(utc("2026-07-13 14:30"), category="data-centre", priority="P3")
    desk.say(events.Acknowledge(by="anne"))
    desk.later(hours=2)

    assert desk.record.owner is None
    (released,) = desk.heard("released")
    assert released[1].timezone == "America/Vancouver"


@pytest.mark.parametrize("contact", CITIES)
def test_a_rota_that_cannot_be_read(contact: str) -> None:
    """A47: then the team's mailbox has the case, and the control room knows that it has to ring
    somebody."""
    at = utc("2026-07-13 13:00")
    rota = POLICY.contacts[contact].rota
    assert rota is not None
    question = RotaQuestion(contact=contact, rota=rota, at=at)
    broken = {contact: unreadable(question, "it is a broken calendar")}
    desk = opened(at, rosters=rotas(at) | broken)
    if contact == "site-leads":
        desk.trigger("affects-many")
    elif contact == "engineers":
        desk.trigger("engineer-needed")

    assert asked(desk)[-1] == contact
    assert asked(desk, "nobody_on_call") == ["control-room"]


def test_the_head_of_operations_sleeps_unless_it_is_p1() -> None:
    """Quiet hours: a P2 at night is told at seven in Paris; one that becomes a P1, at once."""
    night = moment("2026-07-13 23:00", "Europe/Paris")
    desk, grave = opened(night), opened(night)
    assert asked(desk, "stakeholder_informed") == []
    sent = [each for each in desk.record.outbox if isinstance(each, Notify)]
    assert [wall(each.not_before, "Europe/Paris") for each in sent] == ["Tue 14 Jul 07:00"]

    grave.say(events.SetPriority(by="mei", priority=Priority.P1, why="all customers"))
    assert asked(grave, "stakeholder_informed") == ["head-of-operations"]


def test_a_case_that_the_sun_has_gone_round() -> None:
    """C31: a day after the report it is more important, and the climb hastens."""
    at = utc("2026-07-13 13:00")
    desk = opened(at, priority="P3")
    desk.until(at + timedelta(hours=24))

    assert desk.record.priority == "P2"


def test_a_refused_solution_stays() -> None:
    """Whoever is on that level's shift then goes on with it: they know it best."""
    desk = opened(utc("2026-07-13 13:00"), category="data-centre")
    desk.resolve()
    desk.say(events.RejectResolution(by="Ada", why="still broken"))

    assert desk.level == ENGINEERS


def test_meetings_are_by_day_for_those_who_are_asked() -> None:
    """A31: retrospectives lie in Paris's morning and Singapore's afternoon, summer and winter."""
    hours = POLICY.calendars["morning-in-paris"].hours
    ((opens, closes),) = {(each.opens, each.closes) for day in hours.values() for each in day}
    for date in ("2027-01-12", "2027-07-13"):
        for minute in (opens, closes):
            at = moment(f"{date} {minute // 60:02}:{minute % 60:02}", "Europe/Paris")
            assert 8 <= at.astimezone(zone("Asia/Singapore")).hour < 18


def test_the_zones_of_the_policy_are_the_cities() -> None:
    """Everybody on a rota is shown times by the clock of their own city."""
    for contact, cities in CITIES.items():
        rota = POLICY.contacts[contact].rota
        assert rota is not None
        assert {person.timezone for person in rota.people.values()} == set(cities)
