"""However much is said, the record of a case fits into one payload and has lost no count."""

from collections import Counter

import pytest

from escalations import casefile, events, timeline_limits
from escalations.engine import Case
from escalations.events import Event
from escalations.record import EscalationRecord
from escalations.timeline import Folded
from escalations.timeline_limits import weight, weight_of
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import ladder

LIMIT = 1_500_000
"""Bytes; a payload holds 2 MB, and the record is not alone in it."""


def size(desk: Desk) -> int:
    return len(desk.record.model_dump_json().encode())


def counted(record: EscalationRecord) -> Counter[str]:
    """How often each type of entry was written, folded or not."""
    counts: Counter[str] = Counter()
    for entry in record.timeline:
        if isinstance(entry, Folded):
            counts.update(entry.counts)
        else:
            counts[entry.type] += 1
    return counts


def flood(desk: Desk, event: Event, numbers: range) -> None:
    """The same, again and again, each time under another message id."""
    for n in numbers:
        desk.say(event.model_copy(update={"message_id": f"m-{n}"}))


def test_20000_replies(opened: OpenDesk) -> None:
    """Short ones or of 20,000 characters: none is lost or counted twice, the record stays small."""
    desk = opened()
    desk.hanging = True
    flood(desk, events.CustomerReplied(text="Any news?"), range(18_000))
    flood(desk, events.CustomerReplied(text="x" * 20_000), range(18_000, 20_000))
    flood(desk, events.CustomerReplied(text="x" * 20_000), range(0, 20_000, 100))

    desk.expect("customer_replied → representative")
    assert size(desk) < LIMIT
    assert desk.record.replies == 20_000
    assert counted(desk.record)["customer_replied"] == 20_000
    assert counted(desk.record)["notified"] == 3
    assert desk.record.timeline[-1].type == "customer_replied"
    (folded,) = desk.entries("folded")
    assert folded.since == desk.record.opened_at
    before = desk.record
    desk.continue_as_new()
    assert desk.record == before


@pytest.mark.parametrize("character", ["é", "\U0001f600", '"'])
def test_characters_that_take_room(opened: OpenDesk, character: str) -> None:
    """Room is measured in bytes: emoji, accents and quotation marks take more of it."""
    desk = opened()
    for _ in range(200):
        desk.reply(character * 20_000)
    desk.told()
    assert size(desk) < LIMIT - 450_000, "there must be room for 20,000 message ids"
    assert len(desk.entries("customer_replied")) >= 3
    assert counted(desk.record)["customer_replied"] == 200
    assert counted(desk.record)["notified"] == 203


def test_what_moved_the_case_outlives_the_chatter(opened: OpenDesk) -> None:
    """Where thousands of short replies are folded, the steps of the case stay to be read."""
    desk = opened()
    for _ in range(3):
        for n in range(2_000):
            desk.say(events.AddNote(by="rita", text=f"note {n}"))
        desk.later(hours=1)
    desk.told()

    kinds = [entry.type for entry in desk.record.timeline]
    assert len(kinds) <= timeline_limits.MAX_ENTRIES
    assert kinds[:6] == [
        "opened",
        "level_entered",
        "acknowledgement_expired",
        "reminded",
        "breached",
        "left_level",
    ]
    assert (desk.level, kinds.count("level_entered")) == (3, 3)
    assert kinds.count("folded") == 1
    assert counted(desk.record)["noted"] == 6_000
    assert desk.entries("noted")[-1].text == "note 1999"
    at = [entry.at for entry in desk.record.timeline if entry.type not in ("folded",)]
    assert at == sorted(at)


@pytest.mark.parametrize(
    "event",
    [
        events.RaiseTrigger(trigger="unknown", by="rita", note="x" * 20_000),
        events.RaiseTrigger(trigger="manager-requested", by="rita", note="x" * 20_000),
        events.ReportDelivery(
            key="T-1/3", recipient="representative", delivered=False, detail="x" * 20_000
        ),
        events.AddNote(by="x" * 200, text="x" * 20_000),
        events.Assign(by="😀" * 200, to="😀" * 200),
        events.Resolve(by="rita", summary="x" * 20_000),
    ],
    ids=lambda event: type(event).__name__,
)
def test_any_other_flood(opened: OpenDesk, event: Event) -> None:
    """Whatever is said hundreds of times and at length, the record stays small."""
    desk = opened()
    flood(desk, event, range(500))
    desk.told()
    assert size(desk) < LIMIT
    assert len(desk.record.timeline) <= timeline_limits.MAX_ENTRIES


def test_unreadable_signals(opened: OpenDesk) -> None:
    """A system that sends nonsense all day does not fill the record."""
    desk = opened()
    for _ in range(1_000):
        desk.say(events.Unreadable(signal="x", problem="x" * 20_000))
    assert size(desk) < LIMIT
    assert counted(desk.record)["refused"] == 1_000


def test_a_case_that_only_moves(opened: OpenDesk) -> None:
    """Even steps of a case are folded in the end, the oldest first, and counted."""
    desk = opened(snapshot=ladder("1h"))
    for _ in range(500):
        desk.resolve()
        desk.say(events.RejectResolution(by="ada", why="x" * 2_000))
    desk.told()

    assert size(desk) < LIMIT
    assert counted(desk.record)["rejected"] == desk.record.reopened == 500
    assert counted(desk.record)["level_entered"] == desk.record.stays == 501


def test_a_case_that_nobody_resolves(opened: OpenDesk) -> None:
    """Told every minute for days, the last level's words are still numbered rightly."""
    desk = opened(snapshot=ladder("until-resolved", level={"repeat_every": "1m"}))
    desk.later(minutes=1_500)
    desk.told()
    assert desk.entries("repeated")[-1].times == 1_500
    assert counted(desk.record)["repeated"] == 1_500
    assert len(desk.record.timeline) <= timeline_limits.MAX_ENTRIES


def test_numbering_begins_anew_with_a_stay(opened: OpenDesk) -> None:
    """Whoever gets the case back after a no hears the first word of this stay."""
    desk = opened(snapshot=ladder("until-resolved", level={"repeat_every": "1h"}))
    desk.later(hours=2)
    desk.resolve()
    desk.say(events.RejectResolution(by="ada", why="no"))
    desk.later(hours=1)
    desk.told()
    assert [entry.times for entry in desk.entries("repeated")] == [1, 2, 1]


def test_people_known_by_name_only(opened: OpenDesk) -> None:
    """Of thousands of names the first are remembered, and contacts always are."""
    desk = opened()
    for n in range(1_000):
        desk.say(events.AddNote(by=f"system {n}", text="x"))
    desk.trigger("formal-complaint")
    desk.told()
    assert len(desk.record.participants) == casefile.MAX_PARTICIPANTS + 1
    assert list(desk.record.participants)[-1] == "contact:sales-director"


def test_message_ids_are_not_kept_for_ever(
    opened: OpenDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of more ids than a record can hold the oldest are forgotten, in a new run as well."""
    monkeypatch.setattr(casefile, "MAX_SEEN", 3)
    desk = opened()
    for message_id in ("1", "2", "3", "4"):
        desk.say(events.AddNote(by="rita", text="x", message_id=message_id))
    other = Case(EscalationRecord.model_validate_json(desk.record.model_dump_json()))

    for case in (desk.case, other):
        written = len(case.record.timeline)
        for message_id in ("2", "3", "4"):
            case.handle(events.AddNote(by="rita", text="x", message_id=message_id), desk.at)
        assert len(case.record.timeline) == written
        case.handle(events.AddNote(by="rita", text="x", message_id="1"), desk.at)
        assert len(case.record.timeline) == written + 1
        assert len(case.record.seen) == 3


def test_entries_weigh_together(opened: OpenDesk) -> None:
    """A record that is read back knows how heavy its timeline is: as heavy as all its entries."""
    entries = opened().record.timeline
    assert weight_of(entries) == sum(weight(entry) for entry in entries) > 150 * len(entries)
