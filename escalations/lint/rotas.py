"""Who is on call, as the calendars of the rotas say it for the days ahead."""

from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from itertools import groupby
from typing import Final

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.staffed import Gap, gaps
from escalations.lint.subject import HORIZON, Subject
from escalations.lint.wording import hours, listed, moment, span
from escalations.rostering import Cover
from escalations.rota import Rota

LONGEST_FORGOTTEN: Final = timedelta(days=7)
MOST_NAMED: Final = 4
"""So many gaps are named one by one."""


def _rotas(subject: Subject) -> Iterator[tuple[str, Rota]]:
    for name, contact in subject.policy.contacts.items():
        if contact.rota is not None:
            yield name, contact.rota


def _named(rota: Rota) -> dict[str, str]:
    """`calendar`, and `overrides` if there are any → where it is."""
    both = {"calendar": rota.calendar, "overrides": rota.overrides or ""}
    return {key: source for key, source in both.items() if source}


@rule(Severity.ERROR)
def rota_not_there(subject: Subject) -> Iterator[Said]:
    """The file with the shifts is not there: nobody would ever be on call. Source: D6, A47."""
    for name, rota in _rotas(subject):
        for key, source in _named(rota).items():
            if source in subject.absent:
                yield Said(
                    ("contacts", name, "rota", key),
                    f"there is no file `{source}` beside the policy: nobody of `{name}` would be "
                    "on call",
                    "put the exported calendar there, or mend its name",
                )


@rule(Severity.ERROR)
def rota_unreadable(subject: Subject) -> Iterator[Said]:
    """The calendar is there and is not understood: workers would not read it either. Source: D6."""
    for name, cover in subject.covers.items():
        if cover.problem:
            yield Said(
                ("contacts", name, "rota"),
                f"nobody of `{name}` would be on call: {cover.problem}",
                "mend the calendar; until then cases go to the contact's own address, or on to "
                "the fallback",
            )


@rule(Severity.INFO)
def rota_not_read(subject: Subject) -> Iterator[Said]:
    """A rota that this check has not seen. Source: D6."""
    for name, rota in _rotas(subject):
        if name in subject.covers or subject.absent & {*_named(rota).values()}:
            continue
        away = [key for key, source in _named(rota).items() if "://" in source]
        export = f"{name}.overrides" if away == ["overrides"] else name
        yield Said(
            ("contacts", name, "rota"),
            f"the shifts of `{name}` were not read: whether somebody is always on call is not "
            "known from this check",
            f"addresses are not fetched: save the export and name it, `--rota {export}=FILE`"
            if away
            else "install what reads calendars: pip install 'escalade[rotas]'",
        )


@rule(Severity.WARNING, about_dates=True)
def nobody_on_call(subject: Subject) -> Iterator[Said]:
    """A level is open, and the rota of its contact names nobody. Source: D6, A47."""
    for name, cover in subject.covers.items():
        levels: dict[str, list[str]] = {}
        for rung in subject.cells():
            if rung.level.contact == name:
                levels.setdefault(rung.level.calendar, []).append(rung.level.name)
        for calendar, asking in (levels or {"always": []}).items():
            found = gaps(subject, name, calendar)
            if found:
                total = sum((gap.lacks for gap in found), timedelta())
                opened = f" in which {listed(dict.fromkeys(asking))} is open" if asking else ""
                zone = subject.time(calendar).snapshot.zone
                yield Said(
                    ("contacts", name, "rota"),
                    f"nobody of `{name}` is on call for {hours(total)} of the next {HORIZON.days} "
                    f"days{opened}: {_listed(found, zone)}"
                    + ("; there the calendar ends" if _ends(found[-1], cover) else "")
                    + f". {_then(subject, name)}",
                    "fill these shifts, or close the level's calendar then",
                )


def _then(subject: Subject, contact: str) -> str:
    """What becomes of a case that comes while nobody is on call."""
    if subject.policy.contacts[contact].reach:
        return "Their own address is written to then, and the fallback hears"
    if all(
        rung.number == subject.last for rung in subject.cells() if rung.level.contact == contact
    ):
        return "Only the fallback hears then"
    return "A case that comes then goes on to the next level at once, and the fallback hears"


def _ends(last: Gap, cover: Cover) -> bool:
    """Whether nobody comes after this gap, which is too long for a shift that is forgotten."""
    return last.until == cover.until and last.until - last.since > LONGEST_FORGOTTEN


def _listed(found: list[Gap], zone: str) -> str:
    said = [
        f"{moment(gap.since, zone)} to {moment(gap.until, zone)} ({span(gap.lacks)})"
        for gap in found
    ]
    if len(said) > MOST_NAMED + 1:
        longest = max(found[MOST_NAMED:], key=lambda gap: gap.lacks)
        more = f"{len(said) - MOST_NAMED} more, the longest from {moment(longest.since, zone)}"
        said[MOST_NAMED:] = [more]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


@rule(Severity.WARNING, about_dates=True)
def unknown_on_call(subject: Subject) -> Iterator[Said]:
    """The calendar names somebody whom nobody knows how to reach. Source: D6, A47."""
    for name, rota in _rotas(subject):
        cover = subject.covers.get(name)
        if cover is None:
            continue
        strangers = sorted(cover.strangers, key=lambda each: (each.key, each.called, each.start))
        for (key, called), some in groupby(strangers, lambda each: (each.key, each.called)):
            shifts = list(some)
            since = moment(max(shifts[0].start, cover.since), subject.policy.timezone)
            near = get_close_matches(called, rota.people, 1)
            yield Said(
                ("contacts", name, "rota", key),
                f"`{called}` is on call at `{name}` {_times(len(shifts))}, first on {since}, and "
                "nobody of that name is under `people`: nobody is told then",
                f"write `{near[0]}` in both places alike"
                if near
                else f"write under `people` how `{called}` is reached, or invite them by mail",
            )


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


@rule(Severity.INFO, about_dates=True)
def never_on_call(subject: Subject) -> Iterator[Said]:
    """Somebody is there to be called, and never is. Source: D6."""
    for name, rota in _rotas(subject):
        cover = subject.covers.get(name)
        if cover is None or cover.problem:
            continue
        on_call = {shift.key for shift in cover.shifts}
        for person in rota.people:
            if person not in on_call:
                yield Said(
                    ("contacts", name, "rota", "people", person),
                    f"`{person}` is never on call at `{name}` in the next {HORIZON.days} days",
                    "nothing to do if they have left the rota for a while; else check how the "
                    "calendar writes their name",
                )
