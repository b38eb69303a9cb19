"""What was decided then, beside what is decided now: the first difference, and of what kind it is.

Three kinds, from bad to harmless. A case that `stops` fails its next task and waits for other code.
One that is `decided` otherwise goes on as another one than it was: somebody else is told, something
else is due. Of one with other `words` only, what people read is written otherwise.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any, Final

from escalations.names import SearchAttribute
from workers.replay.decisions import Decision
from workers.replay.past import Past
from workers.replay.present import Present
from workers.replay.verdicts import MAX_DETAILS, Detail, Difference, Kind, Verdict, badness
from workers.replay.words import in_words, of_core, place, value

LATER: Final = 10.0
"""Seconds by which the first timer may be longer at a replay, which has the policy at once."""

TICK: Final = 0.001
"""Seconds that a timer's length means nothing below: the server counts in milliseconds."""

_ENDS: Final = ("new run", "result", "failure", "cancelled")
_WORDS: Final = frozenset(
    {
        "at_stake",
        "because",
        "contact_name",
        "customer_name",
        "detail",
        "last_words",
        "level_name",
        "name",
        "statement",
        "summary",
        "text",
        "title",
    }
)
"""The fields that are only read by people: where just these differ, it is a matter of words."""


def verdict(past: Past, present: Present, name: str) -> Verdict:
    """Compare what was decided with what is decided now."""
    return Verdict(
        name=name,
        workflow_id=past.workflow_id,
        run_id=past.run_id,
        workflow=past.workflow,
        open=past.open,
        events=past.events,
        differences=_first_few(differences(past, present)),
    )


def differences(past: Past, present: Present) -> Iterator[Difference]:
    """Everything that is decided otherwise, in order; where a run stops, that it does is the last.

    What follows from events that no task had handled when the history was read is no difference.
    """
    known = past.tasks[-1].started if past.tasks else 0
    decided = [each for each in present.decided if not past.open or each.after <= known]
    for then, now in zip_longest(past.decided, decided):
        if now is None and present.failure is not None:
            break
        if then is None or now is None or _sort(then) != _sort(now):
            yield _difference(past, Kind.STOPS, then, now)
            return
        if places := _places_of(past, _called(then, now, present.called), now):
            kind = Kind.WORDS if all(each.words for each in places) else Kind.DECIDED
            yield _difference(past, kind, then, now, places)
    if present.failure is not None:
        yield _stopped(past, present)


def _called(then: Decision, now: Decision, called: Callable[[str], str]) -> Decision:
    """A customer who was shown by an id while nothing was encrypted is the same one under a key."""
    if then.what != "attributes":
        return then
    was, known = (each.content.get(SearchAttribute.CUSTOMER) for each in (then, now))
    if was is None or called(was) != known:
        return then
    return replace(then, content=then.content | {SearchAttribute.CUSTOMER: known})


def _first_few(found: Iterator[Difference]) -> list[Difference]:
    """The first ones, and of what is not among them the first one of a worse kind."""
    kept: list[Difference] = []
    for each in found:
        if len(kept) < MAX_DETAILS:
            kept.append(each)
        elif all(badness(each) < badness(one) for one in kept):
            kept[-1] = each
    return kept


def _stopped(past: Past, present: Present) -> Difference:
    """A run that fails where it had decided all alike so far."""
    task = past.task_at(present.last)
    then = [in_words(each) for each in task.decided] if task else []
    return Difference(
        kind=Kind.STOPS,
        at=task.at if task else None,
        event=task.started if task else None,
        came=task.came[:MAX_DETAILS] if task else [],
        then="; ".join(then[:MAX_DETAILS]) or "the run went on",
        now=present.raised or of_core(present.failure or ""),
        what="failure",
    )


def _sort(decision: Decision) -> tuple[str, str]:
    """Decisions that are alike but for their contents."""
    return decision.what, decision.content["id"] if decision.what == "child" else ""


@dataclass(frozen=True)
class Place:
    """A field that is filled otherwise, and how."""

    words: bool
    """Whether it is only read by people."""
    detail: Detail


def _places_of(past: Past, then: Decision, now: Decision) -> list[Place]:
    """Where two decisions that are alike are filled otherwise."""
    places = list(_places(then.content, now.content))
    task = past.task_at(then.after)
    if then.what == "timer":
        more = now.content["seconds"] - then.content["seconds"]
        later = task is not None and not task.exact and 0 <= more <= LATER
        if later or abs(more) < TICK:
            places = list(_places(then.content | {"seconds": now.content["seconds"]}, now.content))
    if then.what in _ENDS and then.after != now.after:
        came = Detail(place="after event", then=str(then.after), now=str(now.after))
        places.append(Place(False, came))
    return places


def _places(then: Any, now: Any, path: tuple[str, ...] = ()) -> Iterator[Place]:
    if isinstance(then, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*then, *now]):
            yield from _places(then.get(key), now.get(key), (*path, key))
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        for n, (one, other) in enumerate(zip(then, now, strict=True), 1):
            yield from _places(one, other, (*path, str(n)))
    elif then != now:
        words = isinstance(then, str) and isinstance(now, str) and bool(_WORDS & set(path[-1:]))
        yield Place(words, Detail(place=place(path), then=value(path, then), now=value(path, now)))


def _difference(
    past: Past,
    kind: Kind,
    then: Decision | None,
    now: Decision | None,
    places: Sequence[Place] = (),
) -> Difference:
    (known, *_) = [each for each in (then, now) if each is not None]
    task = past.task_at(known.after)
    meant = [each for each in places if not each.words] or places
    return Difference(
        kind=kind,
        at=task.at if task else known.at,
        event=then.event if then else (task.started if task else None),
        came=task.came[:MAX_DETAILS] if task else [],
        then=in_words(then) if then else "nothing more",
        now=in_words(now) if now else "nothing more",
        what=known.what,
        details=[each.detail for each in meant[:MAX_DETAILS]],
    )
