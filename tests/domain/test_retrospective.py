"""A retrospective: the meeting, what is said, and who is reminded until it is said."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations import events
from escalations.effects import Notice
from escalations.errors import Refused
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import (
    AddActionItem,
    CompleteActionItem,
    Finish,
    Missing,
    RecordRootCause,
    RetrospectiveCommand,
)
from escalations.retrospective.objections import MAX_ACTION_ITEMS, MAX_REVISIONS
from escalations.retrospective.record import RetrospectiveRecord, RetrospectiveStatus
from tests.domain.retrospectives import (
    DAY,
    DIRECTOR,
    FRIDAY,
    begun,
    due,
    handed_over,
    opened,
    pass_time,
    report,
    sent,
    told_types,
)


def test_from_the_slot_to_the_filed_result() -> None:
    """Invited, met, reminded, said, done, filed: the timeline tells all, the case's part first."""
    retrospective = begun()
    (invitation,) = retrospective.take_circulars()
    slot = retrospective.record.slot
    assert slot is not None
    assert slot.start_at == datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert sent([invitation]) == [
        ("retrospective_invitation", ["coordinator", "desk", "account-executive"])
    ]
    assert retrospective.take_circulars() == []
    retrospective.handle(report(invitation), FRIDAY)

    monday = slot.end_at
    assert pass_time(retrospective, monday) == []
    assert retrospective.record.status is RetrospectiveStatus.WAITING
    assert due(retrospective) == monday + DAY
    reminded = pass_time(retrospective, monday + 2 * DAY)
    assert sent(reminded) == [("retrospective_reminder", ["coordinator"])] * 2
    assert reminded[0].particulars.missing == [Missing.ROOT_CAUSE, Missing.ACTION_ITEMS]

    thursday = monday + 3 * DAY - timedelta(hours=1)
    retrospective.handle(
        RecordRootCause(by="Ida", text="Nobody read the log", improvements="Read it"), thursday
    )
    assert due(retrospective) == monday + 3 * DAY
    retrospective.handle(
        AddActionItem(by="Ida", text="Alarm on the log", owner="Kim", due=date(2026, 12, 1)),
        thursday,
    )
    assert due(retrospective) == thursday + 7 * DAY
    retrospective.handle(CompleteActionItem(by="Kim", id=1), thursday)
    retrospective.handle(Finish(by="Ida"), thursday)

    assert retrospective.finished
    assert retrospective.next_deadline is None
    assert retrospective.record.timeline[0].type == "opened"
    assert told_types(retrospective) == [
        "scheduled",
        "not_invited",
        "invited",
        "invited",
        "invited",
        "meeting_over",
        "reminded",
        "reminded",
        "root_cause_recorded",
        "action_item_added",
        "action_item_done",
        "finished",
    ]
    outcome = retrospective.record.timeline[-1].model_dump()
    assert outcome["root_cause"] == "Nobody read the log"
    assert outcome["improvements"] == "Read it"
    assert [(item["text"], item["done_by"]) for item in outcome["action_items"]] == [
        ("Alarm on the log", "Kim")
    ]


@pytest.mark.parametrize(
    ("said", "command", "because"),
    [
        ([], Finish(by="Ida"), ["record_root_cause", "add_action_item", "no_action_items"]),
        ([], Finish(by="Ida", no_action_items="Bad luck"), ["record_root_cause"]),
        ([RecordRootCause(by="Ida", text="Luck")], Finish(by="Ida"), ["no_action_items"]),
        ([AddActionItem(by="I", text="X", owner="K")], Finish(by="I"), ["record_root_cause"]),
        ([], CompleteActionItem(by="Kim", id=1), ["no action item 1", "none yet"]),
        (
            [AddActionItem(by="I", text="X", owner="K"), CompleteActionItem(by="Kim", id=1)],
            CompleteActionItem(by="Kim", id=1),
            ["done by Kim"],
        ),
        (
            [AddActionItem(by="I", text=f"{n}", owner="K") for n in range(MAX_ACTION_ITEMS)],
            AddActionItem(by="I", text="X", owner="K"),
            [f"{MAX_ACTION_ITEMS} action items"],
        ),
        (
            [RecordRootCause(by="I", text=f"{n}") for n in range(MAX_REVISIONS)],
            RecordRootCause(by="I", text="X"),
            [f"{MAX_REVISIONS} times"],
        ),
        (
            [RecordRootCause(by="I", text="X"), Finish(by="I", no_action_items="Luck")],
            AddActionItem(by="I", text="X", owner="K"),
            ["finished"],
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_missing(
    said: list[RetrospectiveCommand], command: RetrospectiveCommand, because: list[str]
) -> None:
    """A refusal names the case and the way on, and changes nothing."""
    retrospective = begun()
    after = due(retrospective) + timedelta(minutes=1)
    pass_time(retrospective, after)
    for each in said:
        retrospective.handle(each, after)
    before = retrospective.record.model_copy(deep=True)

    with pytest.raises(Refused) as refused:
        retrospective.handle(command, after)

    for words in ["T-1", *because]:
        assert words in str(refused.value)
    assert retrospective.record == before


def test_none_needed_is_an_answer_with_its_reason() -> None:
    """An explicit `none needed` stands for the action items."""
    retrospective = begun()
    after = due(retrospective) + timedelta(minutes=1)
    retrospective.handle(RecordRootCause(by="Ida", text="A storm"), FRIDAY)
    retrospective.handle(Finish(by="Ida", no_action_items="Insured"), after)

    assert retrospective.record.timeline[-1].model_dump()["no_action_items"] == "Insured"


def test_it_is_not_finished_before_people_met() -> None:
    """What is known beforehand may be said, and the meeting still takes place."""
    retrospective = begun()
    retrospective.handle(RecordRootCause(by="Ida", text="A storm"), FRIDAY)
    retrospective.handle(AddActionItem(by="Ida", text="Umbrellas", owner="Kim"), FRIDAY)
    with pytest.raises(Refused, match="2026-11-23"):
        retrospective.handle(Finish(by="Ida"), FRIDAY)
    pass_time(retrospective, due(retrospective))

    retrospective.handle(Finish(by="Ida"), FRIDAY + 4 * DAY)


def test_a_repeated_message_changes_nothing() -> None:
    """An action item that was sent twice under one message id is there once."""
    retrospective = begun()
    command = AddActionItem(by="Ida", text="Umbrellas", owner="Kim", message_id="m-1")
    for _ in range(2):
        retrospective.handle(command, FRIDAY)

    assert len(retrospective.record.action_items) == 1


def test_no_slot_leaves_the_facilitator_to_find_a_time() -> None:
    """Where no opening hours are long enough, the facilitator is told, and reminded too."""
    short = {"office": {"hours": {"mon": ["09:00-09:30"]}}}
    retrospective = begun({"calendars": short})

    assert sent(retrospective.take_circulars()) == [("retrospective_unscheduled", ["coordinator"])]
    assert told_types(retrospective)[0] == "unscheduled"
    assert retrospective.record.status is RetrospectiveStatus.WAITING
    assert due(retrospective) > FRIDAY
    retrospective.handle(RecordRootCause(by="Ida", text="A storm"), FRIDAY)
    retrospective.handle(Finish(by="Ida", no_action_items="Insured"), FRIDAY)
    assert retrospective.finished


@pytest.mark.parametrize(
    ("unreachable", "told"),
    [
        ([], []),
        (["desk"], [("retrospective_undelivered", ["coordinator"])]),
        (["coordinator", "desk"], [("retrospective_undelivered", ["director"])]),
        (["coordinator", "director"], []),
    ],
)
def test_who_could_not_be_told_is_made_known(
    unreachable: list[str], told: list[tuple[str, list[str]]]
) -> None:
    """The facilitator hears of it, else the fallback; whoever hears, it is written down."""
    retrospective = begun({"fallback": "director"})
    (invitation,) = retrospective.take_circulars()
    invitation = invitation.model_copy(update={"to": [*invitation.to, DIRECTOR]})
    why = dict.fromkeys(unreachable, "550 no such person")
    known = retrospective.handle(report(invitation, **why), FRIDAY)

    assert sent(known) == told
    assert told_types(retrospective).count("undelivered") == len(unreachable)
    assert all("550 no such person" in each.particulars.text for each in known)
    for each in known:
        assert retrospective.handle(report(each, **{each.to[0].key: "550"}), FRIDAY) == []


commands = st.one_of(
    st.builds(RecordRootCause, by=st.just("Ida"), text=st.sampled_from(["a", "b"])),
    st.builds(AddActionItem, by=st.just("Ida"), text=st.just("x"), owner=st.just("Kim")),
    st.builds(CompleteActionItem, by=st.just("Kim"), id=st.integers(1, 3)),
    st.builds(Finish, by=st.just("Ida"), no_action_items=st.sampled_from(["", "none"])),
)
steps = st.lists(st.tuples(commands, st.integers(0, 72)), max_size=15)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_it_never_ends_by_itself_and_never_forgets(
    script: list[tuple[RetrospectiveCommand, int]],
) -> None:
    """In any order of commands: a deadline is ahead until it is finished, nothing after that."""
    retrospective = begun()
    at = FRIDAY
    accepted: list[RetrospectiveCommand] = []
    for command, hours in script:
        at += timedelta(hours=hours)
        pass_time(retrospective, at)
        try:
            retrospective.handle(command, at)
        except Refused:
            continue
        assert not any(isinstance(each, Finish) for each in accepted)
        accepted.append(command)
        if isinstance(command, Finish):
            record = retrospective.record
            assert record.root_cause
            assert record.action_items or command.no_action_items
    record = retrospective.record
    finished = any(isinstance(each, Finish) for each in accepted)
    causes = [each.text for each in accepted if isinstance(each, RecordRootCause)]

    assert retrospective.finished is finished
    assert (retrospective.next_deadline is None) is finished
    assert record.root_cause == (causes[-1] if causes else "")
    assert len(record.action_items) == sum(isinstance(each, AddActionItem) for each in accepted)
    assert RetrospectiveRecord.model_validate_json(record.model_dump_json()) == record
    if not finished:
        assert due(retrospective) > at
        reminder = pass_time(retrospective, due(retrospective) + 10 * DAY)
        assert {each.notice for each in reminder} == {Notice.RETROSPECTIVE_REMINDER}


def test_a_record_fits_into_one_payload_whatever_is_said() -> None:
    """All that may be said, at its longest and in any script, stays below Temporal's 2 MB."""
    case = opened(statement="字" * 20_000, at_stake="字" * 20_000)
    for n in range(40):
        case.handle(events.AddNote(by=f"person {n}", text="字" * 20_000), FRIDAY)
    retrospective = Retrospective.begin(handed_over(case), FRIDAY)
    after = due(retrospective)
    circulars = [*retrospective.record.outbox, *pass_time(retrospective, after + 1_000 * DAY)]
    retrospective.record.outbox.clear()
    for _ in range(MAX_REVISIONS):
        cause = RecordRootCause(by="Ida", text="字" * 4_000, improvements="字" * 4_000)
        retrospective.handle(cause, after)
    for n in range(1, MAX_ACTION_ITEMS + 1):
        item = AddActionItem(by="Ida", text="字" * 500, owner="字" * 200)
        retrospective.handle(item, after)
        retrospective.handle(CompleteActionItem(by="字" * 200, id=n), after)
    retrospective.handle(Finish(by="Ida"), after)

    assert len(retrospective.record.model_dump_json().encode()) < 2_000_000
    assert max(len(each.model_dump_json().encode()) for each in circulars) < 50_000
