"""What a sheet says about the people around a case: the customer, those informed, and after."""

from escalations.policy import Priority
from escalations.policy_pages.levels import priorities_shown
from escalations.policy_pages.sheet import Cell, Section, View
from escalations.policy_pages.wording import plainly


def customer(view: View) -> Section:
    """What the customer may expect, promise by promise (A22, A29, A52)."""
    words, care = view.words, view.policy.customer
    calendar = view.policy.calendars[care.calendar]
    said: list[tuple[str, str]] = [
        (words("acknowledged"), words("yes" if care.acknowledge else "no"))
    ]
    for priority in priorities_shown(view):
        if priority in care.update_every:
            every = words.every(care.update_every[priority], calendar)
            said.append((words("update", priority=priority), every))
    said += [
        (words("confirm"), words.span(care.confirm_within, calendar)),
        (words("reopen"), words(f"reopen.{care.reopen}")),
        (words("fix"), words.span(care.fix_within, calendar)),
    ]
    if care.survey is not None:
        asked = words("survey_within", span=words.span(care.survey.within, calendar))
        if (mark := care.survey.reopen_at_or_below) is not None:
            asked += f"; {words('survey_reopen', mark=mark)}"
        said.append((words("survey"), asked))
    said.append((words("hours"), words.open(calendar)))
    rows = tuple(((name,), (told,)) for name, told in said)
    return Section("customer", words("customer"), (words("promise"), words("customer")), rows)


def stakeholders(view: View) -> Section:
    """Who is informed and not asked to act, and who drives a case (A5, A7, A47)."""
    words, policy = view.words, view.policy
    rows: list[tuple[Cell, ...]] = []
    for each in policy.stakeholders:
        if view.priority is None or view.priority in each.priorities:
            name = (
                policy.contacts[each.contact].name
                if each.contact is not None
                else words("named", role=plainly(each.role or ""))
            )
            rows.append(((name,), (", ".join(sorted(each.priorities)),)))
    notes = [
        f"{words(key)}: {policy.contacts[name].name}"
        for key, name in {
            "escalation_manager": policy.escalation_manager,
            "fallback": policy.fallback,
        }.items()
        if name is not None
    ]
    header = (words("informed"), words("told_of"))
    return Section("stakeholders", words("stakeholders"), header, tuple(rows), tuple(notes))


def retrospective(view: View) -> Section:
    """After which cases people meet (A31)."""
    words, rule = view.words, view.policy.retrospective
    if rule is None:
        return Section("retrospective", words("retrospective"))
    when, calendar = rule.when, view.policy.calendars[rule.calendar]
    conditions = []
    if when.level is not None:
        conditions.append(words("retro_level", level=view.level_called(when.level)))
    if when.priority is not None:
        top = when.priority is Priority.P1
        key = "retro_priority_top" if top else "retro_priority"
        conditions.append(words(key, priority=when.priority))
    if when.breached:
        conditions.append(words("retro_breached"))
    if when.reopened:
        conditions.append(words("retro_reopened"))
    if when.survey_at_or_below is not None:
        conditions.append(words("retro_survey", mark=when.survey_at_or_below))
    if not conditions:
        return Section("retrospective", words("retrospective"), notes=(words("retro_never"),))
    held = words(
        "retro_when",
        within=words.span(rule.within, calendar),
        duration=words.span(rule.duration),
    )
    notes = (
        words("retro_any", conditions="; ".join(conditions)),
        f"{held} ({words.open(calendar)})",
    )
    return Section("retrospective", words("retrospective"), notes=notes)
