"""Where a case can get to: levels, cells and triggers that nothing ever leads to."""

from collections.abc import Iterator

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Subject
from escalations.lint.wording import listed
from escalations.policy import Policy


def entered(policy: Policy, category: str | None) -> set[int]:
    """The levels a case of this category may come to without anybody handing it up or back.

    Time leads to the next level, unless a level has no end; so does a trigger, to its target or to
    the next level; so does a refused resolution where the policy reopens one level up. A
    self-service level passes on what it has no answer to.
    """
    last = len(policy.levels)
    found: set[int] = set()
    ahead = [policy.start(category)]
    while ahead:
        number = ahead.pop()
        if number in found:
            continue
        found.add(number)
        targets = [
            number + 1 if trigger.to == "next" else policy.number(trigger.to)
            for trigger in policy.triggers.values()
        ]
        level = policy.level(number, category)
        if level.within.leave is not None or level.kind == "self-service":
            targets.append(number + 1)
        if policy.customer.reopen == "next":
            targets.append(number + 1)
        ahead += [target for target in targets if number < target <= last]
    return found


@rule(Severity.ERROR)
def unreachable_level(subject: Subject) -> Iterator[Said]:
    """A level that no case comes to by itself, whatever its category. Source: D4, D7, C25."""
    policy = subject.policy
    reached = set[int]().union(*(entered(policy, category) for category in subject.categories))
    for number, level in enumerate(policy.levels, 1):
        if number not in reached:
            below = policy.levels[max(each for each in reached if each < number) - 1]
            yield Said(
                ("levels", number - 1),
                f"no case ever comes to `{level.name}`: `{below.name}` below it keeps its cases "
                "until they are resolved, and no trigger leads past it",
                f"give `{below.name}` a window with an end, or write a trigger that leads here",
            )


@rule(Severity.WARNING)
def no_way_up(subject: Subject) -> Iterator[Said]:
    """A level without an end below others, which nobody there is told to leave. Source: D27."""
    for rung in subject.cells():
        if rung.number == subject.last or rung.level.within.leave is not None:
            continue
        if not rung.writes("within", "leaves_on"):
            continue
        if not any(_leads_on(subject, name, rung.number) for name in rung.level.leaves_on):
            yield Said(
                rung.key("within", "leaves_on"),
                f"time never takes a case on from {rung.called}, and its `leaves_on` names "
                "nothing that would",
                "give it a window with an end, such as `4h..1bd`, or write in `leaves_on` what "
                "moves a case on; only the last level lasts until resolved",
            )


@rule(Severity.WARNING)
def only_without_category(subject: Subject) -> Iterator[Said]:
    """Levels below the start of every category, and triggers that lead no higher. Source: D5."""
    policy = subject.policy
    if not policy.categories:
        return
    lowest = min(policy.start(category) for category in policy.categories)
    for number, level in enumerate(policy.levels[: lowest - 1], 1):
        yield Said(
            ("levels", number - 1),
            f"every category begins above `{level.name}`: only cases that are opened without a "
            "category come here",
            "let a category begin here, or take the level out",
        )
    for name, trigger in policy.triggers.items():
        if trigger.to != "next" and 1 < policy.number(trigger.to) <= lowest:
            yield Said(
                ("triggers", name, "to"),
                f"every category begins at `{trigger.to}` or above, so `{name}` moves only cases "
                "that are opened without a category",
                "let it lead higher, or take it out",
            )


@rule(Severity.WARNING)
def unreachable_cell(subject: Subject) -> Iterator[Said]:
    """What a category changes at a level where its cases never are. Source: D31."""
    policy = subject.policy
    for category in policy.categories:
        reached = entered(policy, category)
        start = policy.start(category)
        for rung in subject.ladder(category):
            if rung.own and rung.number not in reached:
                begin = policy.levels[start - 1].name
                why = f"begins at `{begin}`, above it" if rung.number < start else "stops below it"
                yield Said(
                    rung.place,
                    f"cases of {category} never come to `{rung.level.name}`: the category {why}",
                    "take this cell out, or mend where the category begins",
                )


@rule(Severity.ERROR)
def unreachable_trigger(subject: Subject) -> Iterator[Said]:
    """A trigger to a level that no case is below. Source: D29."""
    for name, trigger in subject.policy.triggers.items():
        if trigger.executive:
            continue
        first = subject.policy.levels[0].name
        if trigger.to == "next" and subject.last == 1:
            what = f"`{name}` leads to the next level, and there is only one"
        elif trigger.to != "next" and subject.policy.number(trigger.to) == 1:
            what = f"`{name}` leads to `{first}`, the first level: it can move nobody"
        else:
            continue
        yield Said(
            ("triggers", name, "to"),
            f"{what}; triggers move a case up and never down",
            "name the level that such a case belongs to, or take the trigger out",
        )


@rule(Severity.ERROR)
def leaves_on_that_stays(subject: Subject) -> Iterator[Said]:
    """People are told to look out for a trigger that moves nothing from there. Source: D29."""
    for rung in subject.cells():
        if not rung.writes("leaves_on"):
            continue
        for n, name in enumerate(rung.level.leaves_on):
            if _does_something(subject, name, rung.number):
                continue
            target = subject.policy.triggers[name].to
            leads = "to the next level" if target == "next" else f"to `{target}`"
            stays = (
                "there is none above" if target == "next" else "a case is there already, or above"
            )
            yield Said(
                (*rung.key("leaves_on"), n),
                f"the people of {rung.called} are told to look out for `{name}`, which leads "
                f"{leads}: {stays}, and nothing moves",
                "take it out of `leaves_on`, or let the trigger lead higher",
            )


def _does_something(subject: Subject, name: str, number: int) -> bool:
    """Whether that trigger does something with a case that is on that level.

    One that calls for an executive does, wherever the case is.
    """
    return subject.policy.triggers[name].executive or _leads_on(subject, name, number)


def _leads_on(subject: Subject, name: str, number: int) -> bool:
    """Whether that trigger moves a case up from that level."""
    to = subject.policy.triggers[name].to
    target = number + 1 if to == "next" else subject.policy.number(to)
    return number < target <= subject.last


@rule(Severity.INFO)
def unannounced_trigger(subject: Subject) -> Iterator[Said]:
    """A trigger that no level looks out for and no words raise. Source: D29."""
    named = {name for rung in subject.cells() for name in rung.level.leaves_on}
    for name, trigger in subject.policy.triggers.items():
        if name not in named and not trigger.phrases:
            yield Said(
                ("triggers", name),
                f"no level is told to look out for `{name}` and no words of a customer raise it: "
                "it acts only when a system, or somebody who knows its name, reports it",
                "write it into `leaves_on` where people can see it coming, or give it `phrases`",
            )


@rule(Severity.WARNING)
def external_at_the_end(subject: Subject) -> Iterator[Said]:
    """The last word belongs to somebody outside the company. Source: C47, A37."""
    for rung in subject.cells():
        external = rung.level.kind == "external" and rung.writes("kind")
        if rung.number == subject.last and external:
            yield Said(
                rung.key("kind"),
                f"the ladder ends outside the company, at {rung.called}: nobody of yours has the "
                "case there, and there is no level above",
                "put a level of your own above it, that keeps the case until it is resolved",
            )


@rule(Severity.WARNING)
def same_contact_twice(subject: Subject) -> Iterator[Said]:
    """A climb from somebody to the same again changes nothing. Source: D7, D8."""
    for below, above, writer in subject.pairs("contact"):
        if below.level.contact == above.level.contact:
            yield Said(
                writer.key("contact"),
                f"{listed([below.level.name, above.level.name])} have the same contact, "
                f"`{above.level.contact}`: the climb between them tells nobody new",
                "name somebody else, or make one level of both with the sum of their windows",
            )
