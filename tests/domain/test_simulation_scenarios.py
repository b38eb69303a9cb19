"""Scenario files: what may be written, what is filled in, and how mistakes are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from escalations import events
from escalations.policy import Policy, Priority
from escalations.simulation.moments import moment
from escalations.simulation.scenario import MESSAGES, Line, Scenario, main_field
from escalations.simulation.scenario_file import ScenarioMistakes, Wishes, read
from tests.domain.matrices import call_centre, in_paris, paris

NOW = datetime(2026, 12, 22, 15, 40, 12, tzinfo=UTC)
"""A Tuesday, 16:40 in Paris."""


def policy() -> Policy:
    """The real matrix."""
    return call_centre().policy


def scenario(text: str = "", **wishes: Any) -> Scenario:
    """A scenario for the real matrix."""
    return read(text, policy(), Wishes(NOW, **wishes))


def mistakes(text: str) -> list[str]:
    """What is wrong with one, each as `line key: found`."""
    with pytest.raises(ScenarioMistakes) as error:
        scenario(text)
    return [f"{each.line} {each.key}: {each.found}" for each in error.value.findings]


def timeline(played: Scenario) -> list[Any]:
    """What happens in it."""
    return played.play(policy()).case.record.timeline


def test_nothing_need_be_said() -> None:
    """An empty scenario is a case of an ordinary customer that opens now; nobody does anything."""
    empty = scenario("case:\nhappens:\n")

    assert in_paris(empty.opened_at) == "Tue 22 Dec 16:40"
    assert empty.until - empty.opened_at == timedelta(weeks=4)
    assert empty.timezone == "Europe/Paris"
    assert {entry.type for entry in timeline(empty)} >= {"opened", "reminded", "repeated"}


def test_roles_that_a_policy_tells_are_there() -> None:
    """Stakeholders by role are told although the scenario names nobody for them."""
    played = scenario("case: {priority: P1}").play(policy())

    told = {each.recipient for each in played.case.record.timeline if each.type == "notified"}
    assert {"customer-success-manager", "account-executive", "customer"} <= told


def test_what_is_said_when() -> None:
    """`after` counts from the line above, `at` is a moment; words may be left out."""
    played = scenario("""
        at: 2026-12-22 16:40
        case: {category: billing, customer: {name: ACME, language: fr}}
        happens:
          - {after: 5m, acknowledge: rita}
          - {after: 2h, customer_replied: "J’en parle à l’avocat"}
          - {at: 2026-12-23 09:00, propose_resolution: {kind: fix}}
          - {after: 1bd, confirm_resolution: }
    """)

    story = [(in_paris(each.at), each.type) for each in timeline(played)]
    for expected in (
        ("Tue 22 Dec 16:45", "acknowledged"),
        ("Tue 22 Dec 18:45", "trigger_raised"),
        ("Wed 23 Dec 09:00", "resolved"),
        ("Wed 23 Dec 18:00", "confirmed"),  # by then that business day is consumed
    ):
        assert expected in story


def test_the_command_line_goes_before_the_file() -> None:
    """Moment, zone, category, priority and horizon of the command line win."""
    told = scenario(
        "{at: 2026-12-22 16:40, zone: UTC, until: 1w, case: {priority: P1}}",
        at="fri 09:00",
        zone="Asia/Tokyo",
        until="2d",
        case={"priority": "P4", "category": "billing"},
    )

    assert told.opened_at == datetime(2026, 12, 25, 0, 0, tzinfo=UTC)
    assert told.timezone == "Asia/Tokyo"
    assert told.until - told.opened_at == timedelta(days=2)
    assert (told.request.priority, told.request.category) == (Priority.P4, "billing")


def test_somebody_is_away_for_a_while() -> None:
    """`unreachable` names who is not reached, `for` how long."""
    away = scenario("""
        happens:
          - {after: 1m, unreachable: [representative, customer], for: 1h}
          - {after: 1m, unreachable: [support-manager]}
    """)

    assert [(each.recipient, each.until is None) for each in away.absent] == [
        ("representative", False),
        ("customer", False),
        ("support-manager", True),
    ]
    missed = [each.recipient for each in timeline(away) if each.type == "undelivered"]
    assert {"representative", "customer", "support-manager"} == set(missed)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("customer_replied", "text"),
        ("acknowledge", "by"),
        ("assign", "to"),
        ("hold", "reason"),
        ("hand_up", "reason"),
        ("raise_trigger", "trigger"),
        ("propose_resolution", "summary"),
    ],
)
def test_one_word_is_enough(said: str, field: str) -> None:
    """`hold: customer` is its reason, `assign: rita` to whom, `acknowledge: rita` by whom."""
    assert main_field(MESSAGES[said]) == field


def test_every_message_can_be_left_to_its_defaults() -> None:
    """Each message of the contract can be said with what nobody could guess and nothing else."""
    unguessable: dict[str, dict[str, Any]] = {
        "raise_trigger": {"trigger": "unresolved"},
        "report_delivery": {"key": "T-1/1", "recipient": "customer", "delivered": False},
        "assign": {"to": "rita"},
        "hold": {"reason": "customer"},
        "complete_action": {"action": "apologise"},
        "set_priority": {"priority": "P1"},
        "rate": {"score": 5},
    }
    record = scenario().play(policy()).case.record
    for name, message in MESSAGES.items():
        line = Line(NOW, name, unguessable.get(name, {}))
        line.check()
        assert isinstance(line(record), message)


def test_who_says_it_follows_from_the_case() -> None:
    """Unless said otherwise the level's contact speaks, and the customer for themselves."""
    record = scenario("case: {customer: {name: ACME}}").play(policy()).case.record

    taken = Line(NOW, "acknowledge", {})(record)
    confirmed = Line(NOW, "confirm_resolution", {})(record)
    passed_on = Line(NOW, "hand_up", {})(record)

    assert isinstance(taken, events.Acknowledge)
    assert taken.by == "senior-management"
    assert isinstance(confirmed, events.ConfirmResolution)
    assert confirmed.by == "ACME"
    assert isinstance(passed_on, events.HandUp)
    assert passed_on.from_level == 7


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("att: now", "1 att: an unknown key (did you mean `at`?)"),
        ("at: 2026-13-01 10:00", "1 at: '2026-13-01 10:00'"),
        ("zone: Europe/Pariss", "1 zone: 'Europe/Pariss'"),
        ("until: soon", "1 until: 'soon'"),
        ("until: 2050-01-01", "1 until: the date 2050-01-01"),
        ("until: 500w", "1 until: '500w'"),
        ("happens: [{after: 99999d, resume: }]", "1 happens.#1.after: '99999d'"),
        ("case: {customer: }", "1 case.customer: an empty value"),
        ("until: 2020-01-01", "1 until: the date 2020-01-01"),
        ("summary: 12", "1 summary: the number 12"),
        ("case: billing", "1 case: 'billing'"),
        ("case: {category: biling}", "1 case.category: 'biling'"),
        ("case: {categry: billing}", "1 case.categry: an unknown key (did you mean `category`?)"),
        ("case: {priority: P9}", "1 case.priority: 'P9'"),
        ("happens: {after: 1h}", "1 happens: a block of keys (after)"),
        ("happens: [now]", "1 happens.#1: 'now'"),
        ("happens: [{after: 1h}]", "1 happens.#1: nothing that is said"),
        ("happens: [{resume: }]", "1 happens.#1: nothing"),
        ("happens: [{after: 3mm, resume: }]", "1 happens.#1.after: '3mm'"),
        ("happens: [{after: 5, resume: }]", "1 happens.#1.after: the number 5"),
        ("happens: [{after: 1h, at: now, resume: }]", "1 happens.#1: both `at` and `after`"),
        (
            "happens: [{after: 1h, resume: , acknowledge: }]",
            "1 happens.#1: 2 things said at once",
        ),
        (
            "happens: [{after: 1h, custmer_replied: x}]",
            "1 happens.#1.custmer_replied: an unknown key (did you mean `customer_replied`?)",
        ),
        (
            "happens: [{after: 1h, hold: {reasn: vendor}}]",
            "1 happens.#1.hold.reasn: an unknown key (did you mean `reason`?)",
        ),
        ("happens: [{after: 1h, hold: holiday}]", "1 happens.#1.hold.reason: 'holiday'"),
        (
            "happens: [{after: 1h, raise_trigger: legal-thread}]",
            "1 happens.#1.raise_trigger.trigger: 'legal-thread'",
        ),
        (
            "happens: [{after: 1h, complete_action: apologize}]",
            "1 happens.#1.complete_action.action: 'apologize'",
        ),
        ("happens: [{after: 1h, unreachable: [bos]}]", "1 happens.#1.unreachable.#1: 'bos'"),
        ("happens: [{after: 1h, unreachable: bos}]", "1 happens.#1.unreachable: 'bos'"),
        ("happens: [{after: 1h, resume: , for: 2h}]", "1 happens.#1.for: an unknown key"),
        (
            "case: {customer: {nam: Ada}}",
            "1 case.customer.nam: an unknown key (did you mean `name`?)",
        ),
        ("happens: [{after: 1h, assign: {to: 5}}]", "1 happens.#1.assign.to: the number 5"),
        (
            "happens: [{after: 1h, complete_action: {evidence: x}}]",
            "1 happens.#1.complete_action.action: nothing",
        ),
        ("[at]", "1 : a list of 1"),
        ("at: [", "1 : the end of the file"),
    ],
)
def test_a_mistake_is_told_where_it_stands(text: str, found: str) -> None:
    """A typo is refused with its line, its key and what was found."""
    assert found in mistakes(text)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (
            "case: {customer: {contacts: ada}}",
            "a list of at most 10, each `mailto:name@example.com`",
        ),
        ("case: {customer: {language: english}}", "a language tag such as `en`, `fr` or `pt-BR`"),
        ("case: {team: [ada]}", "a block of `key: value`"),
        ("case: {priority: p1}", "`P1`, `P2`, `P3` or `P4` (did you mean `P1`?)"),
        ("happens: [{after: 1h, rate: good}]", "a whole number from 1 up to 5"),
        ("happens: [{after: 1h, rate: 9}]", "a whole number from 1 up to 5"),
        ("happens: [{after: 1h, hold: vendr}]", "or `evidence` (did you mean `vendor`?)"),
        ("happens: [{after: 1h, acknowledge: 5}]", 'up to 200 characters, in quotes: "5"'),
        ("happens: [{after: 1h, customer_replied: {at: x}}]", "a moment with its offset, such as"),
    ],
)
def test_what_is_allowed_is_said_as_for_a_policy(text: str, allowed: str) -> None:
    """Whoever writes a scenario reads what belongs there, not what a library calls it."""
    with pytest.raises(ScenarioMistakes) as caught:
        scenario(text)
    (found,) = caught.value.findings
    assert allowed in found.allowed


def test_all_mistakes_at_once() -> None:
    """Every mistake of a file is told, in the order of its lines, each once."""
    found = mistakes("att: now\nzone: Paris\nhappens:\n  - {after: 1h, hold: {reasn: x}}\n")
    assert [each.split()[0] for each in found] == ["1", "2", "4"]


def test_lines_stand_in_the_order_in_which_they_happen() -> None:
    """A moment before the line above is a mistake, not a surprise."""
    found = mistakes(
        "at: 2026-12-22 16:40\nhappens:\n  - {after: 1d, resume: }\n"
        "  - {at: 2026-12-23 09:00, resume: }\n"
    )
    assert found == ["4 happens.#2.at: '2026-12-23 09:00', which is before what stands above it"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-12-22 16:40", "2026-12-22 16:40"),
        ("2026-12-22T16:40", "2026-12-22 16:40"),
        ("2026-12-22T10:40-05:00", "2026-12-22 16:40"),
        ("2026-12-22T15:40Z", "2026-12-22 16:40"),
        ("2026-12-24", "2026-12-24 00:00"),
        ("now", "2026-12-22 16:40"),
        ("tue 16:41", "2026-12-22 16:41"),
        ("tue 16:40", "2026-12-29 16:40"),
        ("Friday 09:05", "2026-12-25 09:05"),
        ("thurs 09:05", "2026-12-24 09:05"),
        ("2027-03-28 02:30", "2027-03-28 03:30"),  # there is no such hour
        ("2026-10-25 02:30", "2026-10-25 02:30+02:00"),  # there are two
    ],
)
def test_moments_as_people_write_them(written: str, meant: str) -> None:
    """By the clock of the zone; the next such weekday; what the clock skips is an hour later."""
    expected = datetime.fromisoformat(meant)
    at = moment(written, "Europe/Paris", NOW)
    assert at == (expected if expected.tzinfo else paris(meant))
