"""What came of the demo: a table of the cases, one of the mails, and what went amiss."""

from collections.abc import Mapping, Sequence

from escalations import sentences
from escalations.record import EscalationRecord
from starters.demo import checks
from starters.demo.screen import Screen, table
from starters.mail_catcher import Caught


def show(
    screen: Screen,
    records: Mapping[str, EscalationRecord],
    mails: Sequence[Caught],
    problems: Sequence[str],
) -> None:
    """Show it."""
    screen.say()
    cases = [_row(record, mails) for record in records.values()]
    if screen.is_narrow:
        for case, customer, priority, climbed, ending, count, meeting, invited in cases:
            screen.say(f"{case}  {priority}  {customer}", "bold")
            screen.say(f"level {climbed}; {ending}; {count} mails")
            screen.say(f"retrospective: {meeting}, {invited or 'nobody'} invited\n")
    else:
        heads = "Case", "Customer", "", "Climbed", "Ending", "Mails", "Retrospective", "Invited"
        screen.show(table("Cases", heads, cases))
        screen.say()
    kinds = checks.kinds(records, mails).most_common()
    rows = ((kind.replace("_", " ").capitalize(), str(times)) for kind, times in kinds)
    screen.show(table(f"Mails: {len(mails)}", ("What", "How many"), rows))
    screen.say()
    if problems:
        screen.say(f"{len(problems)} things went amiss:", "bold red")
        for problem in problems:
            screen.say(f"- {problem}", "red")
    else:
        well = "Everything that should happen has happened, and nobody got a mail twice."
        screen.say(well, "bold green")


def _row(record: EscalationRecord, mails: Sequence[Caught]) -> tuple[str, ...]:
    first = record.timeline[0].level
    levels = len(record.snapshot.policy.levels)
    name = record.snapshot.policy.levels[record.highest_level - 1].name
    theirs = [mail for mail in mails if mail.message["X-Escalade-Case"] == record.case]
    meetings = [found for mail in theirs if (found := checks.meeting(mail))]
    when, invited = "none needed", ""
    if meetings:
        when = sentences.moment(meetings[0].start_at, record.snapshot.policy.timezone)
        invited = str(len(meetings[0].invited))
    return (
        record.case,
        f"{record.request.customer.name} ({record.request.customer.language})",
        record.priority.value,
        f"{first} → {record.highest_level} of {levels}: {name}",
        record.ending or record.status,
        str(len(theirs)),
        when,
        invited,
    )
