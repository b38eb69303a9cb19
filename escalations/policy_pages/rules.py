"""What a sheet says beside the levels: triggers, holds, priorities, grants, calendars, articles."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from escalations.policy import Grade
from escalations.policy_pages.levels import amount
from escalations.policy_pages.sheet import Cell, Section, View
from escalations.policy_pages.wording import is_always, plainly

Rows = list[tuple[Cell, ...]]


def triggers(view: View) -> Section:
    """Facts that move a case at once, by where they lead (D29)."""
    words, policy = view.words, view.policy
    rows: Rows = []
    in_order = sorted(
        policy.triggers.items(),
        key=lambda item: 0 if item[1].to == "next" else policy.number(item[1].to),
    )
    for name, trigger in in_order:
        to = words("next") if trigger.to == "next" else view.level_called(trigger.to)
        leads = (to, words("executive")) if trigger.executive else (to,)
        rows.append(((plainly(name),), leads, _phrases(trigger.phrases)))
    header = (words("trigger"), words("leads_to"), words("phrases"))
    return Section("triggers", words("triggers"), header, tuple(rows))


def _phrases(phrases: Mapping[str, Sequence[str]]) -> Cell:
    """`en: “lawyer”, “sue”`: a line a language."""
    return tuple(
        f"{language}: {', '.join(f'“{each}”' for each in said)}"
        for language, said in phrases.items()
        if said
    )


def holds(view: View) -> Section:
    """Why a clock may stand still, and for how long."""
    words = view.words
    rows = tuple(
        (
            (words(f"hold.{reason}"),),
            (words.span(rule.at_most) if rule.at_most else words("no_end"),),
            (words.every(rule.remind_every),),
        )
        for reason, rule in view.policy.holds.items()
    )
    header = (words("waiting_for"), words("at_most"), words("reminder"))
    return Section("holds", words("holds"), header, rows)


def priorities(view: View) -> Section:
    """How importance follows from impact, urgency and customer, and what it does to time."""
    words, rule = view.words, view.policy.priorities
    rows = tuple(
        ((words(grade),), *((str(priority),) for priority in rule.matrix[grade]))
        for grade in reversed(list(Grade))
    )
    notes = [
        words.counted("raise_tier", steps, steps=steps, tier=tier)
        for tier, steps in rule.raise_for_tier.items()
    ]
    if rule.raise_after is not None:
        notes.append(words("raise_after", span=words.span(rule.raise_after)))
    notes += [
        words("speed", priority=priority, share=_percent(view, share))
        for priority, share in sorted(rule.speed.items())
        if share != 1
    ]
    header = (words("impact"), *map(words, Grade))
    return Section("priorities", words("priorities"), header, rows, tuple(notes))


def _percent(view: View, share: float) -> str:
    return f"{share * 100:.6f}".rstrip("0").rstrip(".").replace(".", view.words("decimal")) + " %"


def grants(view: View) -> Section:
    """Who may grant what without asking, person by person (C14, D40)."""
    words, policy = view.words, view.policy
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    usual: set[tuple[int, str, str, str]] = set()
    shown = [view.category] if view.category else [None, *policy.categories]
    for category in shown:
        for number in range(policy.start(category), len(policy.levels) + 1):
            level = policy.level(number, category)
            for what, cap in level.may_grant.items():
                if (number, level.contact, what, cap) not in usual:
                    usual.add((number, level.contact, what, cap))
                    other = category is not None and view.category is None
                    at = f"{number}, {plainly(category)}" if other and category else str(number)
                    found[level.contact][f"{plainly(what)}: {amount(view, cap)}"].append(at)
    rows = tuple(
        (
            (policy.contacts[contact].name,),
            tuple(
                f"{what} ({words('at_levels', levels=', '.join(levels))})"
                for what, levels in may.items()
            ),
        )
        for contact, may in found.items()
    )
    return Section("grants", words("grants"), (words("role"), words("may_grant")), rows)


def on_call(view: View) -> Section:
    """Who is reached by a rota, and who is left in peace when."""
    words = view.words
    rows: Rows = []
    for contact in view.policy.contacts.values():
        said = []
        if contact.rota is not None:
            called = [one.name or name for name, one in contact.rota.people.items()]
            people = ", ".join(called) or contact.rota.calendar
            said.append(words("rota", people=people))
        if contact.quiet_hours:
            hours = ", ".join(each.replace("-", "–") for each in contact.quiet_hours)
            zone = contact.timezone or view.policy.timezone
            said.append(f"{words('quiet', hours=hours)} ({words('zone', zone=zone)})")
        if said:
            rows.append(((contact.name,), tuple(said)))
    return Section("on_call", words("on_call"), (words("role"), words("on_call")), tuple(rows))


def calendars(view: View) -> Section:
    """When the clocks run that close at night."""
    words = view.words
    rows = tuple(
        (
            (plainly(name),),
            (words.open(calendar), *words.closed(calendar)),
            (words("zone", zone=calendar.timezone or view.policy.timezone),),
        )
        for name, calendar in view.policy.calendars.items()
        if not is_always(calendar)
    )
    header = (words("calendar"), words("open"), words("hours"))
    return Section("calendars", words("calendars"), header, rows)


def knowledge(view: View) -> Section:
    """The articles that a self-service level answers with (C6)."""
    words = view.words
    rows: Rows = []
    for article in view.policy.knowledge:
        if view.category is None or not article.categories or view.category in article.categories:
            title = article.title.get(words.language) or next(iter(article.title.values()))
            only = (", ".join(map(plainly, article.categories)),) if article.categories else ()
            rows.append(((title,), _phrases(article.phrases), only))
    header = (words("article"), words("answers"), words("for_categories"))
    return Section("knowledge", words("knowledge"), header, tuple(rows))
