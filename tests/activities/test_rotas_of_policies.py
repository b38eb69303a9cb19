"""The rotas beside our policies, read as a worker reads them: no hour is left out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from temporalio.testing import ActivityEnvironment

from activities.rotas import Rotas
from escalations import policy_file
from escalations.effects import Notify
from escalations.opening_hours import zone
from escalations.rota import Roster, RotaQuestion, on_call
from escalations.rota_calendars.files import RotaFiles
from escalations.snapshot import take
from tests.domain.desk import Desk

FOLDER: Final = Path(__file__).resolve().parents[2] / "policies"
POLICIES: Final = policy_file.read_folder(FOLDER)
ON_CALL: Final = [
    (name, contact)
    for name, policy in POLICIES.items()
    for contact, each in policy.contacts.items()
    if each.rota is not None
]
HOUR: Final = timedelta(hours=1)
FORTNIGHTS: Final = [
    datetime.fromisoformat(f"{day}T00:00+00:00")
    for day in ("2026-03-01", "2026-03-22", "2026-07-01", "2026-10-18", "2026-10-26", "2027-12-24")
]
"""Summer, the end of a year, and all changes of clocks."""
CLOCKS_CHANGE: Final = ["2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01"]


async def read(policy: str, contact: str, at: datetime) -> Roster:
    rota = POLICIES[policy].contacts[contact].rota
    assert rota is not None
    zone_of_policy = POLICIES[policy].timezone
    question = RotaQuestion(contact=contact, rota=rota, at=at, timezone=zone_of_policy)
    roster = await ActivityEnvironment().run(Rotas(FOLDER, {}).read_rota, question)
    assert (roster.problem, roster.unknown) == ("", [])
    return roster


def test_the_rotas_there_are() -> None:
    """These contacts have one; a file that nobody reads would be left over."""
    assert ON_CALL == [
        ("follow-the-sun", "first-line"),
        ("follow-the-sun", "engineers"),
        ("follow-the-sun", "site-leads"),
        ("ticket-tiers", "engineer-on-call"),
    ]
    rotas = [POLICIES[policy].contacts[contact].rota for policy, contact in ON_CALL]
    named = {each.calendar for each in rotas if each is not None}
    assert named == {str(path.relative_to(FOLDER)) for path in FOLDER.glob("rota/*")}


@pytest.mark.parametrize(("policy", "contact"), ON_CALL)
async def test_no_hour_is_left_out(policy: str, contact: str) -> None:
    """At every moment somebody is on call whom the policy knows how to reach; where the sun is
    followed, it is day for them from the first minute of their shift to the last."""
    seen = set()
    for fortnight in FORTNIGHTS:
        roster = await read(policy, contact, fortnight)
        covered = fortnight
        for shift in roster.shifts:
            assert shift.start <= covered, f"nobody from {covered} to {shift.start}"
            covered = max(covered, shift.end)
            seen.add(shift.key)
            if policy == "follow-the-sun":
                own = zone(shift.timezone or "UTC")
                start, end = shift.start.astimezone(own), shift.end.astimezone(own)
                assert 8 <= start.hour <= end.hour < 20, f"{shift.key} from {start} to {end}"
                assert start.date() == end.date()
        assert covered >= roster.until
    rota = POLICIES[policy].contacts[contact].rota
    assert rota is not None
    assert len(seen) == len(rota.people), "somebody never has a turn"


async def test_an_engineer_a_week() -> None:
    """One engineer has the whole week, until nine on Monday in Paris, summer and winter time."""
    paris = zone("Europe/Paris")
    before = datetime(2026, 10, 26, 8, 59, tzinfo=paris)
    mondays = [(before + timedelta(weeks=n)).astimezone(UTC) for n in range(4)]
    people = []
    for monday in mondays:
        roster = await read("ticket-tiers", "engineer-on-call", monday)
        people += [on_call(roster, at) for at in (monday, monday + timedelta(minutes=1))]

    names = [each.name for shift in people for each in shift]
    assert names[1::2][:3] == names[2::2]
    assert len(names) == 8
    assert sorted(names[:6:2]) == ["Inès Caron", "Matti Salo", "Owen Price"]


@pytest.mark.parametrize("day", CLOCKS_CHANGE)
async def test_a_fresh_case_is_with_somebody_awake(day: str) -> None:
    """D1: played through with the real calendars, hour by hour around a change of clocks: a fresh
    P2 is in the same minute with somebody between eight in the morning and eight at night."""
    change = datetime.fromisoformat(day).replace(tzinfo=UTC)
    policy = POLICIES["follow-the-sun"]
    start = change - timedelta(days=3)
    rosters = {
        contact: await read(name, contact, start)
        for name, contact in ON_CALL
        if name == policy.policy
    }
    snapshot = take(policy, change.year)
    for n in range(7 * 24):
        at = start + n * HOUR
        desk = Desk(at=at, snapshot=snapshot, policy=policy.policy, priority="P2", rosters=rosters)
        (asked,) = (
            each
            for each in desk.sent
            if isinstance(each, Notify) and each.notice == "level_entered"
        )
        assert desk.at == at
        assert asked.to
        assert {8 <= at.astimezone(zone(to.timezone)).hour < 20 for to in asked.to} == {True}


@pytest.mark.parametrize("at", FORTNIGHTS, ids=lambda at: f"{at:%Y-%m-%d}")
async def test_a_desk_reads_what_a_worker_reads(at: datetime) -> None:
    """What `policy check` and `policy simulate` go by is what a worker would answer, shift by
    shift."""
    files = RotaFiles(FOLDER)
    for name, contact in ON_CALL:
        policy = POLICIES[name]
        rota = policy.contacts[contact].rota
        assert rota is not None
        asked = RotaQuestion(contact=contact, rota=rota, at=at, timezone=policy.timezone)
        worker = await read(name, contact, at)
        ahead = files.cover(asked, timedelta(days=90))

        assert files.roster(asked) == worker
        assert [each for each in ahead.shifts if each.start < worker.until] == worker.shifts
        assert (ahead.problem, ahead.strangers, ahead.gaps) == ("", [], [])
