"""What the priority does: whether it is the right way round, and rises while it still helps."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Subject
from escalations.lint.wording import span
from escalations.policy import Grade, Priority


@rule(Severity.WARNING)
def raised_too_late(subject: Subject) -> Iterator[Said]:
    """The priority rises with age only when there is no level left to climb. Source: C31."""
    policy = subject.policy
    after = policy.priorities.raise_after
    slowest = next(iter(subject.priorities))
    windows = [
        (rung.level.calendar, subject.leave(rung, slowest)) for rung in subject.ladder(None)[:-1]
    ]
    if after is None or not windows:
        return
    total = timedelta()
    for calendar, leave in windows:
        if leave is None:
            return
        total += max(subject.week(calendar).lasts(leave))
    if min(subject.week(policy.customer.calendar).lasts(after)) >= total:
        yield Said(
            ("priorities", "raise_after"),
            f"a case becomes more important after {after}, and has climbed the whole ladder by "
            f"then (in {span(total)} at most)",
            "make it shorter, so that it still hastens the climb",
        )


@rule(Severity.WARNING)
def upside_down(subject: Subject) -> Iterator[Said]:
    """A less important case is faster than a more important one. Source: C30, D10, A22."""
    policy = subject.policy
    for more, less in pairwise(Priority):
        speed = policy.priorities.speed
        if speed.get(more, 1) > speed.get(less, 1):
            yield Said(
                ("priorities", "speed", more if more in speed else less),
                f"windows of a {less} shrink more ({speed.get(less, 1)}) than those of a {more} "
                f"({speed.get(more, 1)})",
                "give the more important one the smaller share",
            )
        every = policy.customer.update_every
        week = subject.week(policy.customer.calendar)
        if more in every and less in every and week.mean(every[more]) > week.mean(every[less]):
            yield Said(
                ("customer", "update_every", more),
                f"the customer of a {more} hears every {every[more]}, that of a {less} every "
                f"{every[less]}",
                "let the more important one hear more often",
            )
    yield from _matrix_upside_down(subject)


def _matrix_upside_down(subject: Subject) -> Iterator[Said]:
    matrix = subject.policy.priorities.matrix
    for grade, row in matrix.items():
        if any(earlier < later for earlier, later in pairwise(row)):
            yield Said(
                ("priorities", "matrix", grade),
                f"with {grade} impact, more urgency makes a case less important: "
                f"{', '.join(row)} for low, medium and high urgency",
                "write the row from the least important to the most important",
            )
    for lower, higher in pairwise(Grade):
        if any(less < more for less, more in zip(matrix[lower], matrix[higher], strict=True)):
            yield Said(
                ("priorities", "matrix", higher),
                f"{higher} impact makes some cases less important than {lower} impact does",
                "let no priority be lower than in the row of less impact",
            )
