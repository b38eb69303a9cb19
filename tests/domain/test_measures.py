"""What is measured of a case: each thing once, with few labels, and nothing personal."""

from datetime import timedelta

import pytest

from escalations import events, metrics
from escalations.measures import Measure, Measured, lateness
from escalations.metrics import Kind, Metric
from escalations.record import Baton
from tests.domain.desk import Desk
from tests.domain.matrices import paris

MINUTES = timedelta(minutes=1)


class Watched:
    """A case, and what is measured of it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.measured = Measured()
        self.news()

    def news(self) -> list[tuple[str, dict[str, str], float | None]]:
        """What is new: name, labels, and how many minutes."""
        found = self.measured.news(self.desk.record)
        return [said(measure) for measure in found]


def said(measure: Measure) -> tuple[str, dict[str, str], float | None]:
    value = None if measure.value is None else measure.value / MINUTES
    return measure.metric.served, dict(measure.labels), value


def watched() -> Watched:
    """A P3 case of the real matrix, reported ten minutes before it was opened."""
    reported_at = paris("2026-12-22 01:20")
    return Watched(Desk(at=paris("2026-12-22 01:30"), reported_at=reported_at))


def test_taken() -> None:
    """Who takes a case ends the wait of the level, since it was asked, and the customer's, since
    they reported; who takes it after that ends no customer's wait."""
    watch = watched()
    watch.desk.later(minutes=3)
    watch.news()
    watch.desk.say(events.Acknowledge(by="rita"))

    assert watch.news() == [
        ("escalade_time_to_acknowledge_seconds", {"level": "1", "priority": "P3"}, 3),
        ("escalade_time_to_own_seconds", {"priority": "P3"}, 13),
    ]
    watch.desk.say(events.Assign(by="rita", to="sam"))
    assert watch.news() == []


def test_assigned_to_somebody() -> None:
    """A case that is given to somebody has its first owner, and nobody has acknowledged."""
    watch = watched()
    watch.desk.say(events.Assign(by="rita", to="sam"))

    assert watch.news() == [("escalade_time_to_own_seconds", {"priority": "P3"}, 10)]


def test_climbed() -> None:
    """A level left by time is a breach of its window, and counted as left."""
    watch = watched()
    watch.desk.later(minutes=20)

    assert watch.news() == [
        ("escalade_breaches_total", {"what": "window", "level": "1", "priority": "P3"}, None),
        ("escalade_levels_left_total", {"why": "time"}, None),
    ]


def test_left_by_a_trigger() -> None:
    """Why a level was left is one of few words: the trigger's own name is the policy's."""
    watch = watched()
    watch.desk.say(events.RaiseTrigger(trigger="unable-to-resolve", by="rita"))

    names = [(name, labels) for name, labels, _ in watch.news()]
    assert ("escalade_levels_left_total", {"why": "trigger"}) in names


def test_resolved() -> None:
    """The time to resolve ends with the fix that the customer agreed to, not with their yes, and
    not with one that they refused; the time to close with the end."""
    watch = watched()
    desk = watch.desk
    desk.say(events.ProposeResolution(by="rita", summary="Restarted."))
    desk.say(events.RejectResolution(by="Ada", why="No."))
    desk.later(minutes=5)
    desk.say(events.ProposeResolution(by="rita", summary="Refunded."))
    watch.news()
    desk.later(minutes=60)
    assert watch.news() == []
    desk.say(events.ConfirmResolution(by="Ada"))

    assert watch.news() == [
        ("escalade_time_to_resolve_seconds", {"kind": "fix", "priority": "P3"}, 15),
        ("escalade_time_to_close_seconds", {"ending": "confirmed", "priority": "P3"}, 75),
    ]


def test_withdrawn() -> None:
    """A case that is given up was closed, and never resolved."""
    watch = watched()
    watch.desk.say(events.Withdraw(by="Ada", why="A mistake."))

    labels = {"ending": "withdrawn", "priority": "P3"}
    assert watch.news() == [("escalade_time_to_close_seconds", labels, 10)]


def test_undelivered() -> None:
    """Whoever could not be told counts by what they were to be told, never by who they are."""
    watch = watched()
    watch.desk.unreachable = {"representative"}
    watch.desk.later(minutes=5)

    counted = [labels for name, labels, _ in watch.news() if name == "escalade_undelivered_total"]
    assert counted == [{"notice": "unacknowledged"}, {"notice": "reminder"}]


def test_a_new_run_measures_only_what_is_new() -> None:
    """What the run before has measured is not measured again by the next one."""
    watch = watched()
    watch.desk.later(minutes=20)
    record = Baton.model_validate_json(Baton(record=watch.desk.record).model_dump_json()).record
    after = Measured()
    after.skip(record, len(record.timeline))

    assert after.news(record) == []
    watch.desk.case.record.timeline[:] = record.timeline
    watch.desk.say(events.Acknowledge(by="eve"))
    assert len(after.news(watch.desk.record)) == 2


def test_a_folded_timeline_is_not_measured_again() -> None:
    """Where a timeline grew too long and was folded, nothing in it is counted twice."""
    watch = watched()
    watch.desk.hanging = True
    watch.desk.say(events.Acknowledge(by="rita"))
    assert len(watch.news()) == 2
    for n in range(2_500):
        watch.desk.say(events.AddNote(by="rita", text=f"Note {n}"))
        assert watch.news() == []

    assert any(entry.type == "folded" for entry in watch.desk.record.timeline)


def test_lateness() -> None:
    """What is carried out after its moment is late by so much; what was due before the case was
    opened was due with the opening."""
    desk = Desk(at=paris("2026-12-22 01:30"))
    deadline = desk.case.next_deadline
    assert deadline is not None
    late = lateness(deadline, desk.record, deadline.at + 3 * MINUTES)
    assert said(late) == ("escalade_lateness_seconds", {"what": deadline.then.value}, 3)

    before = deadline.model_copy(update={"at": desk.record.opened_at - 60 * MINUTES})
    assert said(lateness(before, desk.record, desk.record.opened_at)) == (
        "escalade_lateness_seconds",
        {"what": deadline.then.value},
        0,
    )


@pytest.mark.parametrize("metric", metrics.ALL, ids=lambda metric: metric.name)
def test_named_as_prometheus_names(metric: Metric) -> None:
    """Base units in the name, `_total` on what only grows, labels without a person in them."""
    assert metric.served.startswith("escalade_")
    assert metric.served.endswith("_total") == (metric.kind is Kind.COUNTER)
    assert metric.kind is not Kind.HISTOGRAM or metric.served.endswith("_seconds")
    assert (metric.kind is Kind.HISTOGRAM) == (metric in metrics.BUCKETS)
    assert set(metric.labels) <= {
        *("level", "priority", "kind", "ending", "what", "why"),
        *("notice", "channel", "outcome", "status", "workflow_type"),
    }


def test_no_bounds_are_shared_by_accident() -> None:
    """The SDK takes the bounds of a histogram for every name that has its name in it."""
    for metric in metrics.BUCKETS:
        assert [each for each in metrics.ALL if metric.name in each.name] == [metric]
