"""What changes beside the levels: triggers, priorities, holds, stakeholders, promises, articles."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from escalations.durations import Duration
from escalations.knowledge import Article
from escalations.policy import Grade, HoldReason, HoldRule, Policy, Priority, Stakeholder, Trigger
from escalations.policy_pages.changes.cells import levels_called, spoken, window_words
from escalations.policy_pages.changes.matching import moved
from escalations.policy_pages.changes.model import WORDS, Change, Pair, at, instead, lists


def trigger_changes(pair: Pair) -> Iterator[Change]:
    """Triggers that came, went, lead elsewhere, or are shown by other words."""
    before, after = pair.before.triggers, pair.after.triggers
    for name, trigger in after.items():
        if name not in before:
            said = [
                f"phrases ({each}): {_quoted(words)}" for each, words in trigger.phrases.items()
            ]
            if trigger.executive:
                said.append("and to the sponsor programme where the customer qualifies")
            text = f"New trigger {name}: leads to {_target(pair.after, trigger)}"
            yield Change(text, (("triggers", name),), tuple(said))
    for name, trigger in before.items():
        if name not in after:
            text = f"Trigger {name} is gone; it led to {_target(pair.before, trigger)}"
            yield Change(text, (("triggers", name),))
        else:
            yield from _of_trigger(pair, name, trigger, after[name])
    common = [name for name in after if name in before]
    if others := moved([name for name in before if name in after], common):
        text = "One reply that raises several triggers is worked off in another order"
        yield Change(text, (("order", "triggers"),), (f"moved: {', '.join(others)}",))


def _of_trigger(pair: Pair, name: str, old: Trigger, new: Trigger) -> Iterator[Change]:
    if old.to != new.to:
        text = (
            f"Trigger {name} now leads to {_target(pair.after, new)} "
            f"instead of {_target(pair.before, old)}"
        )
        yield Change(text, (("triggers", name, "to"),))
    for language in dict.fromkeys([*old.phrases, *new.phrases]):
        was, is_ = old.phrases.get(language, []), new.phrases.get(language, [])
        if was != is_:
            came = [each for each in is_ if each not in was]
            went = [each for each in was if each not in is_]
            said = []
            if came:
                said.append(f"new phrase{_s(came)} ({language}) {_quoted(came)}")
            if went:
                said.append(f"no longer the phrase{_s(went)} ({language}) {_quoted(went)}")
            text = f"{name}: {'; '.join(said) or f'its phrases ({language}) in another order'}"
            yield Change(text, (("triggers", name, "phrases", language),))
    if old.executive != new.executive:
        also = "now also" if new.executive else "no longer"
        text = f"{name}: {also} enrols the customer in the sponsor programme"
        yield Change(text, (("triggers", name, "executive"),))


def _target(policy: Policy, trigger: Trigger) -> str:
    return "the next level" if trigger.to == "next" else at(policy, trigger.to)


def _quoted(phrases: list[str]) -> str:
    return ", ".join(f"“{each}”" for each in phrases)


def _s(many: list[str]) -> str:
    return "s" if len(many) > 1 else ""


def priority_changes(pair: Pair) -> Iterator[Change]:
    """Which priority a case gets, and how much faster it then goes."""
    old, new = pair.before.priorities, pair.after.priorities
    for impact in reversed(Grade):
        for n, urgency in enumerate(Grade):
            was, is_ = old.matrix[impact][n], new.matrix[impact][n]
            if was != is_:
                text = f"Impact {impact} and urgency {urgency} now make {is_} instead of {was}"
                yield Change(text, (("priorities", "matrix", impact, str(n)),))
    for tier in dict.fromkeys([*old.raise_for_tier, *new.raise_for_tier]):
        steps = [each.raise_for_tier.get(tier) for each in (old, new)]
        if steps[0] != steps[1]:
            told = [None if each is None else str(each) for each in steps]
            text = instead(f"Steps up for a customer of the tier {tier}", *told)
            yield Change(text, (("priorities", "raise_for_tier", tier),))
    if old.raise_after != new.raise_after:
        ages = spoken(old.raise_after), spoken(new.raise_after)
        text = instead("One step up for a case older than", *ages)
        yield Change(text, (("priorities", "raise_after"),))
    for priority in Priority:
        speeds = old.speed.get(priority, 1), new.speed.get(priority, 1)
        if speeds[0] != speeds[1]:
            shares = [f"{each * 100:.10g} %" for each in speeds]
            yield Change(
                f"{priority}: the windows of the levels take {shares[1]} of their time "
                f"instead of {shares[0]}",
                (("priorities", "speed", priority),),
                tuple(_by_speed(pair, priority, *speeds)),
                priorities=(priority,),
            )


def _by_speed(pair: Pair, priority: Priority, old: float, new: float) -> Iterator[str]:
    """What another speed does to the levels whose windows are written the same."""
    same: dict[str, list[str]] = defaultdict(list)
    for name in pair.levels:
        window = pair.after.levels[pair.after.number(name) - 1].within
        was = pair.before.levels[pair.before.number(name) - 1].within
        if window == was and window.leave is not None:
            same[window_words(was * old, window * new)].append(name)
    for words, names in same.items():
        yield f"{levels_called(pair.after, names)}: {words}"


def hold_changes(pair: Pair) -> Iterator[Change]:
    """Why and how long a clock may stand still."""
    before, after = pair.before.holds, pair.after.holds
    for reason in HoldReason:
        old, new = before.get(reason), after.get(reason)
        name = f"Waiting for {WORDS(f'hold.{reason}')}"
        if old is None and new is not None:
            text = f"{name} is now allowed: {_limit(new)}, {WORDS.every(new.remind_every)}"
            yield Change(f"{text} a reminder", (("holds", reason),))
        elif old is not None and new is None:
            yield Change(f"{name} is no longer allowed", (("holds", reason),))
        elif old is not None and new is not None:
            if old.at_most != new.at_most:
                text = f"{name}: {_limit(new)} instead of {_limit(old)}"
                yield Change(text, (("holds", reason, "at_most"),))
            if old.remind_every != new.remind_every:
                spans = WORDS.every(new.remind_every), WORDS.every(old.remind_every)
                text = f"{name}: reminded {spans[0]} instead of {spans[1]}"
                yield Change(text, (("holds", reason, "remind_every"),))


def _limit(rule: HoldRule) -> str:
    return f"at most {WORDS.span(rule.at_most)}" if rule.at_most else "without end"


def stakeholder_changes(pair: Pair) -> Iterator[Change]:
    """Who is informed, and of which cases."""
    if pair.before.stakeholders == pair.after.stakeholders:
        return
    old, new = _informed(pair.before), _informed(pair.after)
    covers = (("stakeholders",),)
    told = False
    for name in dict.fromkeys([*old, *new]):
        was, is_ = old.get(name), new.get(name)
        if was != is_:
            told = True
            label = f"{name} is informed of cases of"
            yield Change(
                instead(label, *(", ".join(each) if each else None for each in (was, is_))), covers
            )
    if not told:
        yield Change("Stakeholders are written in another order, or one twice", covers)


def _informed(policy: Policy) -> dict[str, list[str]]:
    priorities: dict[str, set[Priority]] = defaultdict(set)
    for each in policy.stakeholders:
        priorities[_called(policy, each)] |= set(each.priorities)
    return {name: sorted(each) for name, each in priorities.items()}


def _called(policy: Policy, stakeholder: Stakeholder) -> str:
    if stakeholder.contact is not None:
        return f"{policy.contacts[stakeholder.contact].name} ({stakeholder.contact})"
    return f"Whoever is {stakeholder.role} of the customer"


def promise_changes(pair: Pair) -> Iterator[Change]:
    """How often customers hear of progress; priorities with the same difference are one."""
    before, after = pair.before.customer.update_every, pair.after.customer.update_every
    same: dict[tuple[Duration | None, Duration | None], list[Priority]] = defaultdict(list)
    for priority in Priority:
        spans = before.get(priority), after.get(priority)
        if spans[0] != spans[1]:
            same[spans].append(priority)
    for (old, new), priorities in same.items():
        words = [WORDS.every(each) if each else None for each in (old, new)]
        yield Change(
            instead(f"Customers of {WORDS.listed(priorities)} hear of progress", *words),
            tuple(("customer", "update_every", each) for each in priorities),
            priorities=tuple(priorities),
        )


def article_changes(pair: Pair) -> Iterator[Change]:
    """What a self-service level answers with."""
    before = {article.id: article for article in pair.before.knowledge}
    after = {article.id: article for article in pair.after.knowledge}
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            is_, shown = ("New article", new) if new else ("Article gone:", old)
            title = next(iter(shown.title.values())) if shown else ""
            yield Change(f"{is_} {name}, “{title}”", (("knowledge", name),))
        elif old != new:
            fields = [
                each for each in Article.model_fields if _field(old, each) != _field(new, each)
            ]
            said = tuple(_article_field(old, new, field) for field in fields)
            covers = tuple(("knowledge", name, field) for field in fields)
            yield Change(f"Article {name}: another {WORDS.listed(fields)}", covers, said)
    common = [name for name in after if name in before]
    if moved([name for name in before if name in after], common):
        text = "Of two articles that fit as well, another one may be the first"
        yield Change(text, (("order", "knowledge"),))


def _field(article: Article, field: str) -> Any:
    return getattr(article, field)


def _article_field(old: Article, new: Article, field: str) -> str:
    was, is_ = _field(old, field), _field(new, field)
    if isinstance(was, Mapping):
        said = []
        for language in dict.fromkeys([*was, *is_]):
            one, other = was.get(language), is_.get(language)
            if one != other:
                said.append(f"{field} ({language}): {_short(other)} instead of {_short(one)}")
        return "; ".join(said)
    return lists(field, was, is_)


def _short(text: Any) -> str:
    if text is None:
        return "none"
    line = " ".join((_quoted(text) if isinstance(text, list) else str(text)).split())
    return line if len(line) <= 80 else f"{line[:79]}…"
