"""The decision log: what the engine chose in every recorded history, beside what it chooses now.

That all of it is the same is held by `test_replay.py`. Here: a difference is told in words, at its
moment, and by its kind; words only are told from decisions; a rule that was changed as it should be
differs nowhere; and tables of holidays and time zones that change are no surprise.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import holidays
import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from escalations import calendars, console, ladder, opening, priorities, rules, timeline
from escalations.calendars import BusinessTime
from escalations.casefile import CaseFile
from escalations.effects import Notice, Send
from escalations.engine import Case
from escalations.opening_hours import zone
from escalations.record import Baton, EscalationRecord, Opening
from tests.workflows import replaying
from workers.replay.compare import differences
from workers.replay.present import replay
from workers.replay.report import Report
from workers.replay.verdicts import Difference, Kind, Verdict
from workflows import escalation

RECORDED = replaying.recorded()
_send_summary = console.send_summary


async def found_in(name: str, *, words: bool = False) -> list[Difference]:
    """What is decided otherwise, with a change that was made in this process."""
    # In the sandbox a workflow's module is loaded anew, without the change.
    return await replaying.differing(RECORDED[name], UnsandboxedWorkflowRunner(), words=words)


async def by_name(*, words: bool = False) -> dict[str, list[Difference]]:
    """The histories in which something is decided otherwise."""
    found = {name: await found_in(name, words=words) for name in RECORDED}
    return {name: differences for name, differences in found.items() if differences}


def told_otherwise(if_rules: Callable[[CaseFile], bool]) -> Callable[[CaseFile], None]:
    """A changed rule: where it applies, only the contact hears of a missed window."""

    def breach(case: CaseFile) -> None:
        case.record.breached = True
        case.note(timeline.Breached, what="window", name=case.level.name)
        told = [*case.manager, *case.contact(case.level.contact)]
        if if_rules(case):
            told = case.contact(case.level.contact)
        case.tell(Notice.BREACH, told, why="time", due_at=case.at)

    return breach


async def test_a_difference_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a rule was changed, the moment, what came, and who was told then and is now."""
    monkeypatch.setattr(ladder, "_breach", told_otherwise(lambda case: True))

    (first, *_) = await found_in("acknowledged")

    assert first.kind is Kind.DECIDED
    assert first.came == [
        "timer rang: Level 1 → 2 at 04 Mar 10:30 CET: Head of service, if nothing comes first"
    ]
    assert first.at is not None
    assert (first.at.hour, first.at.minute) == (9, 30)
    assert first.then.startswith("a send: “breach” to Coordinator, Service desk; “level entered”")
    (detail,) = first.details
    assert detail.place == "sends 1 to"
    assert (detail.then, detail.now) == ("Coordinator, Service desk", "Service desk")


async def test_a_rule_of_new_cases_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same change, made as it should be: a case keeps the rules that it was opened under, and
    nothing is decided otherwise in any history; a case opened now has the new rule."""
    monkeypatch.setattr(rules, "KNOWN", 2)
    monkeypatch.setattr(ladder, "_breach", told_otherwise(lambda case: case.rules >= 2))

    assert await by_name() == {}


def test_rules_that_are_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case under newer rules than this code knows is not decided by guess: it says what to do."""
    record = any_record()
    newer = record.model_copy(
        update={"snapshot": record.snapshot.model_copy(update={"rules": rules.KNOWN + 1})}
    )

    with pytest.raises(rules.RulesUnknown, match=r"It waits for a worker with code that knows"):
        Case(newer)


async def test_words_are_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    """A summary that is written otherwise is told as a matter of words, in every history, and can
    be passed over; no decision can."""

    def politely(sends: list[Send]) -> str:
        return f"kindly: {_send_summary(sends)}"

    monkeypatch.setattr(console, "send_summary", politely)
    report, strict = Report(["words"]), Report()

    found = await by_name(words=True)
    for name, differing in found.items():
        for each in (report, strict):
            each.hear(Verdict(name=name, differences=differing[:5]))

    assert {each.kind for differences in found.values() for each in differences} == {Kind.WORDS}
    assert len(found) > 20
    assert (report.ok, report.passed[Kind.WORDS]) == (True, len(found))
    assert not strict.ok


async def test_where_it_begins_and_what_comes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An effect more is told at the moment it is decided, and that the case would stop later."""
    inform = priorities.inform_stakeholders

    def inform_all(case: CaseFile) -> None:
        case.tell(Notice.STAKEHOLDER_INFORMED, case.manager)
        inform(case)

    monkeypatch.setattr(opening, "inform_stakeholders", inform_all)

    first, *_, last = await found_in("climbed")

    assert first.kind is Kind.DECIDED
    assert "stakeholder informed" in first.details[0].now
    assert "stakeholder informed" not in first.details[0].then
    assert first.event is not None
    assert last.event is not None
    assert first.event < last.event
    assert last.kind is Kind.STOPS


async def test_code_that_fails_names_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake that a case would meet is told with the exception and the line."""

    def broken(case: CaseFile) -> None:
        raise KeyError("no such level")

    monkeypatch.setattr(ladder, "ask_again", broken)

    (found,) = await found_in("acknowledgement_expired")

    assert found.kind is Kind.STOPS
    (came,) = found.came
    assert came.startswith("timer rang: Ask Desk again at 04 Mar 10:05 CET: nobody has taken it")
    assert "KeyError: 'no such level' (workflows/test_decisions.py:" in found.now


async def test_a_timer_of_another_length(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer's length, which the SDK's replayer does not compare, is told in minutes."""
    monkeypatch.setattr(escalation, "AT_ONCE", timedelta(days=1))

    (first, *_) = await found_in("acknowledgement_expired")

    (length,) = first.details
    assert (first.kind, first.what, length.place) == (Kind.DECIDED, "timer", "seconds")
    assert length.then.startswith("4 min 59")
    assert length.now == "1 d"


@pytest.mark.parametrize(("longer", "told"), [(0.0004, 0), (-0.0004, 0), (0.002, 1)])
async def test_a_timer_by_less_than_the_server_counts(longer: float, told: int) -> None:
    """A part of a millisecond, which no server keeps, is no other decision; two of them are."""
    past, present = await replay(RECORDED["acknowledgement_expired"])
    last = max(n for n, each in enumerate(present.decided) if each.what == "timer")
    timer = present.decided[last]
    length = timer.content["seconds"] + longer
    present.decided[last] = replace(timer, content=timer.content | {"seconds": length})

    otherwise = [each for found in differences(past, present) for each in found.details]
    assert len([each for each in otherwise if each.place == "seconds"]) == told


async def test_holidays_that_change_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tables of holidays than when a case was opened: it is decided the same (deploy 35)."""

    def nobody_works(*_: object, **__: object) -> Iterator[None]:
        raise AssertionError("a replay has the holidays from its history")

    monkeypatch.setattr(holidays, "country_holidays", nobody_works)
    BusinessTime.of.cache_clear()

    assert await by_name() == {}


async def test_zones_that_change_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tz database is other code: the gate names the cases whose opening hours it moves, and
    what a case promised before it was handed over is kept all the same (deploy 35)."""
    before = any_record()
    monkeypatch.setattr(calendars, "zone", elsewhere)
    BusinessTime.of.cache_clear()
    try:
        found = await by_name()
        kept = Case(before).next_deadline
    finally:
        BusinessTime.of.cache_clear()

    assert found
    assert {each.kind for (each, *_) in found.values()} == {Kind.DECIDED}
    assert kept == before.next_deadline


def elsewhere(name: str) -> ZoneInfo:
    """A zone as a newer database might have it."""
    return zone("America/New_York" if name == "Europe/Paris" else name)


def any_record() -> EscalationRecord:
    """A case as one run handed it to the next."""
    begun = RECORDED["continued_2"].events[0].workflow_execution_started_event_attributes
    opening = Opening.model_validate_json(begun.input.payloads[0].data).root
    assert isinstance(opening, Baton)
    return opening.record
