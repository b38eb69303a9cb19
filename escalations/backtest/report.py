"""The figures of a backtest: one document, from which table and page are made."""

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Labelled
from datetime import date
from typing import Final, Self

from escalations.backtest.findings import Found
from escalations.backtest.mapping import Mapping
from escalations.backtest.running import Backtest
from escalations.backtest.tally import CUSTOMER, Tally
from escalations.model import Value
from escalations.policy import Policy
from escalations.snapshot import revision


class LevelFigures(Value):
    """One level of a policy."""

    level: int
    name: str
    reached: int
    """Cases that came to it or passed it."""
    share: float
    """Of all cases."""
    reminders: int
    breaches: int
    """How often its window was missed."""


class HoldFigures(Value):
    """The holds for one reason."""

    reason: str
    times: int
    hours: float
    """On hold in all, around the clock."""
    over: int
    """How many of them the policy's limit ended."""


class Assumed(Value):
    """What had to be assumed, and for how many cases."""

    what: str
    cases: int


class PolicyFigures(Value):
    """What one policy would have done."""

    label: str
    """The policy's name; the file's, where two policies have one name."""
    policy: str
    """`name@revision`."""
    timezone: str
    levels: list[LevelFigures]
    breached: int
    """Cases with at least one breach."""
    breached_share: float
    breaches: dict[str, int]
    """What was promised (`window`, `fix` …) → how often it was not kept."""
    reminders: int
    repeats: int
    """How often the contact of a level without a climb was told again."""
    unacknowledged: int
    """How often nobody took a case in time."""
    updates: int
    """How often customers were told of progress, as the log says or as was assumed."""
    holds: list[HoldFigures]
    endings: dict[str, int]
    """Ending, or `open` → cases."""
    retrospectives: int
    messages: int
    messages_to: dict[str, int]
    """Contact, or `customer` → messages."""
    per_hour_of_week: list[int]
    """Messages to people inside, by hour from Monday 0:00 in the policy's zone; 168 numbers."""
    to_customers_per_hour_of_week: list[int]
    assumed: list[Assumed]

    @classmethod
    def of(cls, policy: Policy, label: str, tally: Tally) -> Self:
        """From what was counted."""
        times = _by_type(tally)
        per_hour, to_customers = tally.by_hour, tally.to_customers_by_hour
        messages = _summed((recipient, n) for (recipient, _), n in tally.messages.items())
        return cls(
            label=label,
            policy=f"{policy.policy}@{revision(policy)}",
            timezone=policy.timezone,
            levels=_levels(policy, tally),
            breached=tally.breached,
            breached_share=_share(tally.breached, tally.cases),
            breaches=_summed((what, n) for (what, _), n in tally.breaches.items()),
            reminders=times["reminded"],
            repeats=times["repeated"],
            unacknowledged=times["acknowledgement_expired"],
            updates=times["customer_updated"],
            holds=[
                HoldFigures(
                    reason=reason,
                    times=n,
                    hours=round(tally.held_for[reason] / 3600, 1),
                    over=tally.holds_over[reason],
                )
                for reason, n in sorted(tally.holds.items())
            ],
            endings=dict(sorted(tally.endings.items())),
            retrospectives=tally.retrospectives,
            messages=sum(messages.values()),
            messages_to=messages,
            per_hour_of_week=[per_hour[hour] for hour in range(168)],
            to_customers_per_hour_of_week=[to_customers[hour] for hour in range(168)],
            assumed=[
                Assumed(what=what, cases=n)
                for what, n in sorted(tally.assumed.items(), key=lambda each: (-each[1], each[0]))
            ],
        )


class Report(Value):
    """All that a backtest found out."""

    log: str
    mapping: str
    rows: int
    used: int
    passed_over: int
    unusable: list[Found]
    adjusted: list[Found]
    cases: int
    unfinished: int
    """Cases of which the log does not tell the end."""
    years: list[int]
    """First and last year in which a case was opened; none where there is no case."""
    policies: list[PolicyFigures]
    assumptions: list[str]
    """What holds for all cases."""

    @property
    def unusable_rows(self) -> int:
        """Rows that could not be used."""
        return sum(found.rows for found in self.unusable)


def report(log: str, mapping: Mapping, files: Labelled[str, Policy], backtest: Backtest) -> Report:
    """The figures of a backtest; `files` are the policies by the names of their files."""
    policies = list(files.values())
    names = [policy.policy for policy in policies]
    labels = names if len(set(names)) == len(names) else list(files)
    first = backtest.tallies[0]
    years = sorted(first.years)
    return Report(
        log=log,
        mapping=mapping.mapping,
        **dict(backtest.reading),
        cases=first.cases,
        unfinished=first.unfinished,
        years=[years[0], years[-1]] if years else [],
        policies=[
            PolicyFigures.of(policy, label, tally)
            for policy, label, tally in zip(policies, labels, backtest.tallies, strict=True)
        ],
        assumptions=[
            *_of_all(mapping),
            *_of_policies(dict(zip(labels, policies, strict=True)), years, mapping),
        ],
    )


def _of_all(mapping: Mapping) -> Iterable[str]:
    yield (
        "The log knows no levels: who worked on a case is taken to have had it at whatever level "
        "it was, and nobody above is taken to have solved it sooner."
    )
    yield "Every message is taken to have arrived, and every customer to have an address."
    yield f"Moments that are written without a zone are meant in {mapping.zone}."
    if mapping.until is None:
        yield (
            "Cases that the log leaves open are played to their last row; those that it leaves "
            "resolved, until silence is taken for a yes."
        )


def _of_policies(
    policies: Labelled[str, Policy], years: Sequence[int], mapping: Mapping
) -> Iterable[str]:
    for name, policy in policies.items():
        if roles := [each.role for each in policy.stakeholders if each.role]:
            told = ", ".join(dict.fromkeys(roles))
            yield f"{name}: the log names nobody for the roles {told}: they are not told."
        if days := _days_elsewhere(policy, years):
            yield (
                f"{name}: days of its own in other years than the log's close nothing "
                f"({', '.join(map(str, days))}); public holidays are those of the log's years."
            )
        if policy.customer.update_every:
            yield f"{name}: {_UPDATES[mapping.assumes_updates]}"


_UPDATES: Final = {
    True: (
        "where the log does not say that customers were told of progress, whoever has the case is "
        "taken to tell them when reminded of it (`customer_updates: assumed`)."
    ),
    False: (
        "each update to a customer that fell due and that the log does not tell counts as a "
        "promise that was not kept (`customer_updates: counted-as-missed`)."
    ),
}


def _days_elsewhere(policy: Policy, years: Sequence[int]) -> list[date]:
    found = {
        day
        for calendar in policy.calendars.values()
        for day in calendar.holidays.dates
        if day.year not in years
    }
    return sorted(found)


def _levels(policy: Policy, tally: Tally) -> list[LevelFigures]:
    figures = []
    reached = tally.cases
    for number, level in enumerate(policy.levels, 1):
        figures.append(
            LevelFigures(
                level=number,
                name=level.name,
                reached=reached,
                share=_share(reached, tally.cases),
                reminders=tally.entries["reminded", number],
                breaches=tally.breaches["window", number],
            )
        )
        reached -= tally.highest[number]
    return figures


def _by_type(tally: Tally) -> Counter[str]:
    times: Counter[str] = Counter()
    for (kind, _), n in tally.entries.items():
        times[kind] += n
    return times


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """By name, most first; the customer last."""
    sums: Counter[str] = Counter()
    for name, n in counts:
        sums[name] += n
    order = sorted(sums, key=lambda name: (name == CUSTOMER, -sums[name], name))
    return {name: sums[name] for name in order}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
