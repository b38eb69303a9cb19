"""Opsgenie, as its API v2 answers, and Jira Service Management, which has inherited it.

The delay of a rule counts from the beginning of the escalation, not from the rule before. Each
rule has its condition: it asks if the alert is not acknowledged, or if it is not closed.
"""

from itertools import pairwise
from typing import Any, Final

from escalations.importing import channels, words
from escalations.importing.exports import Part
from escalations.importing.ladders import Asked, Ladder, Rung, Shifts
from escalations.importing.shelves import Reader, Shelf, Tool, absent

TITLE: Final = "Opsgenie"
_UNITS: Final = {"minutes": 60, "hours": 3_600, "days": 86_400}
_NOTIFY: Final = {
    "next": "the next one on the rota is asked, not whoever is on call",
    "previous": "the one who was on call before is asked, not whoever is on call now",
    "users": "the team's users are asked and not its admins",
    "admins": "the team's admins are asked and not its users",
    "random": "one of the team is asked, by chance",
    "all": "everybody of the team is asked at once",
}


def kind_of(hint: str, data: dict[str, Any]) -> str:
    """`escalation`, `schedule`, `user` or `team`."""
    rules = data.get("rules")
    if isinstance(rules, list) and "escalation_chain_id" not in data:
        return "escalation"
    if "rotations" in data or ("timezone" in data and "enabled" in data):
        return "schedule"
    if "fullName" in data or "userContacts" in data:
        return "user"
    if "members" in data or hint in ("team", "teams"):
        return "team"
    return ""


class _Reader(Reader):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf)
        self.known: dict[tuple[str, str], Asked] = {}

    def ladder(self, part: Part) -> Ladder:
        part.aside("id")
        ladder = Ladder(part, "escalation", part.text("name"), part.text("description"))
        rules = sorted(
            ((self.delay(rule), rule) for rule in part.parts("rules")), key=lambda pair: pair[0]
        )
        for (delay, rule), after in zip(rules, [*rules, None][1:], strict=True):
            stays = after[0] - delay if after else 0
            always = rule.text("condition") == "if-not-closed"
            ladder.rungs.append(Rung(rule, self.asked(rule), stays, always=always))
        if rules and rules[0][0]:
            waits = f"{rules[0][0] // 60} minutes"
            why = "Here the first level is asked as soon as the case is open."
            advice = "Open the case later, or ask somebody else in that time."
            rules[0][1].lost(f"Nobody is asked in the first {waits}", why, advice, "delay")
        self.conditions(ladder, [rule for _, rule in rules])
        self.repeat(ladder, rules[-1][0] if rules else 0)
        words.belongs_to(ladder, "ownerTeam", "team")
        if part.get("enabled") is False:
            why = "A policy here is used as soon as a case names it."
            part.lost("Switched off (enabled: false)", why, "Let no case name it.", "enabled")
        return ladder

    def delay(self, rule: Part) -> int:
        """Seconds since the beginning; a plain number is minutes, as Jira's own API has it."""
        value = rule.get("delay")
        if not isinstance(value, dict):
            return int(rule.number("delay") * 60)
        delay = rule.part("delay")
        if delay is None:
            return 0
        unit = delay.text("timeUnit") or "minutes"
        if unit not in _UNITS:
            delay.mistake(repr(unit), ", ".join(_UNITS), "timeUnit")
        return int(delay.number("timeAmount") * _UNITS.get(unit, 60))

    def conditions(self, ladder: Ladder, rules: list[Part]) -> None:
        """Whether acknowledging keeps a rule from asking others; the first one asks anyway."""
        unacked = []
        again = [set(rung.asked) == set(before.asked) for before, rung in pairwise(ladder.rungs)]
        for n, rule in enumerate(rules):
            match rule.text("condition") or "if-not-acked":
                case "if-not-acked":
                    unacked.append(n + 1)
                case "if-not-closed":
                    continue
                case other:
                    rule.mistake(repr(other), "if-not-acked or if-not-closed", "condition")
        later = [n for n in unacked if n > 1 and not again[n - 2]]
        if later:
            numbers = ", ".join(map(str, later))
            rest = " (rules that say if-not-closed ask even then, as every level does here)"
            words.acknowledged(ladder, TITLE, f", by rule {numbers}: if-not-acked{rest}")

    def repeat(self, ladder: Ladder, last_delay: int) -> None:
        repeat = ladder.part.part("repeat")
        if repeat is None:
            return
        wait = int(repeat.number("waitInterval", 0) * 60)
        ladder.rounds = int(repeat.number("count", 0)) if wait else 0
        # the steps took as long as the last delay; less what was before the first one
        ladder.pause = wait + last_delay - sum(rung.stays for rung in ladder.rungs)
        why = "Here an acknowledgement holds for the whole stay at a level."
        repeat.leave("resetRecipientStates", why, "Nothing to do: the next level is asked anyway.")
        why = "A case here ends only when it is resolved and the customer agrees, or is withdrawn."
        repeat.leave("closeAlertAfterAll", why, "Nothing to do: no case is closed unsolved.")

    def asked(self, rule: Part) -> list[Asked]:
        notify = rule.text("notifyType") or "default"
        if notify in _NOTIFY:
            why = f"There, {_NOTIFY[notify]}. Here it is always the level's contact."
            rule.lost(
                f"notifyType: {notify}", why, "Change the contact if that matters.", "notifyType"
            )
        elif notify != "default":
            rule.mistake(repr(notify), ", ".join(["default", *_NOTIFY]), "notifyType")
        rule.aside("isHighPriority")
        found = []
        for recipient in [rule.part("recipient"), *rule.parts("recipients")]:
            if recipient is not None:
                found.append(self.target(recipient))
        if not found:
            rule.mistake("nobody", "a recipient", "recipient")
        return [each for each in found if each is not None]

    def target(self, recipient: Part) -> Asked | None:
        """A user, a schedule or a team, by id or by name."""
        type_ = recipient.text("type")
        id_, name = recipient.text("id"), recipient.text("name", "username")
        if type_ not in ("user", "schedule", "team"):
            recipient.mistake(f"the recipient type {type_!r}", "user, schedule or team", "type")
            return None
        whole = self.shelf.find(type_, id_) if id_ else None
        whole = whole or self.shelf.find(type_, name, "username" if type_ == "user" else "name")
        if whole is None and type_ == "user" and "@" in name:
            return Asked(name, tuple(channels.mail(recipient, name, "username")))
        if whole is None:
            absent(recipient, type_, name or id_, TITLE)
            return None
        key = (type_, str(whole.path) + whole.export.file)
        if key not in self.known:
            self.known[key] = getattr(self, type_)(whole)
        return self.known[key]

    def user(self, user: Part) -> Asked:
        user.aside("id", "createdAt", "verified", "blocked", "mutedUntil", "_links", "links")
        username = user.text("username")
        reach = channels.mail(user, username, "username")
        for contact in user.parts("userContacts"):
            contact.aside("id", "applyOrder")
            to, method = contact.text("to"), contact.text("contactMethod", "method")
            # A user's answer says it of the contact itself, that of contacts in their `status`.
            state = contact.part("status") or contact
            state.leave("disabledReason", "It is switched off there.", "Mend it or leave it.")
            if state.get("enabled") is False:
                contact.left_out(
                    f"{method}: switched off", "It is off there too.", "Nothing to do."
                )
                continue
            match method:
                case "email":
                    reach += channels.mail(contact, to, "to")
                case "sms":
                    reach += channels.text_message(contact, to, "to")
                case "voice":
                    reach += channels.call(contact, to, "to")
                case _:
                    why = "It reaches Opsgenie's own app."
                    contact.left_out(
                        f"{method or 'A contact'}", why, "Write an address as `reach`."
                    )
        user.leave("role", *words.LEVEL_OF_PRIVILEGE)
        why = "The policy's `languages` say which ones there are; its contacts may choose one."
        user.leave("locale", why, "Write `language` for that contact if it is not the first one.")
        for field in ("userAddress", "skypeUsername", "details", "tags"):
            user.leave(field, "A contact has a name and addresses only.", "Nothing to do here.")
        zone = channels.zone(user, "timeZone", "timezone")
        return Asked(user.text("fullName") or username, tuple(dict.fromkeys(reach)), zone)

    def schedule(self, schedule: Part) -> Asked:
        """A rota; the address of its calendar is not in the answer, it has to be asked for."""
        schedule.aside("id", "_links")
        schedule.leave("description", "A contact has a name and addresses only.", "Nothing to do.")
        if schedule.get("enabled") is False:
            why = "A rota here is read whenever its level is asked."
            schedule.lost(
                "Switched off (enabled: false)", why, "Check who is to be asked.", "enabled"
            )
        schedule.leave("ownerTeam", "A rota belongs to no team here.", "Nothing to do here.")
        people: dict[Asked, None] = {}
        for rotation in schedule.parts("rotations"):
            rotation.aside("id", "name")
            for member in rotation.parts("participants"):
                if member.text("type") == "none":
                    continue
                if member.data.get("type") in ("user", "team"):
                    who = self.target(member)
                    if who is not None:
                        people[who] = None
                else:
                    why = "A rota here has people in it."
                    member.aside("id", "name")
                    member.to_fill(f"{member.data.get('type')} on a rota", why, "Name its people.")
            for field in ("startDate", "endDate", "type", "length", "timeRestriction"):
                rotation.leave(field, *words.ROTATION)
        zone = channels.zone(schedule, "timezone")
        return Asked(schedule.text("name"), (), zone, Shifts("", people=tuple(people)))

    def team(self, team: Part) -> Asked:
        """A team: the addresses of its members, where the answer names them."""
        team.aside("id", "links", "_links")
        team.leave("description", "A contact has a name and addresses only.", "Nothing to do here.")
        reach: list[str] = []
        for member in team.parts("members"):
            member.leave("role", *words.LEVEL_OF_PRIVILEGE)
            user = member.part("user")
            if user is not None:
                id_, username = user.text("id"), user.text("username")
                whole = self.shelf.find("user", id_)
                address = username or (str(whole.data.get("username")) if whole else "")
                reach += channels.mail(user, address, "username")
        if len(reach) > 1:
            why = "The addresses of a contact are tried in order until one takes the message."
            advice = "Give the team one address that reaches all of them."
            team.lost(f"Asking all {len(reach)} members of the team", why, advice, "members")
        return Asked(team.text("name"), tuple(reach))


OPSGENIE: Final = Tool(
    "opsgenie",
    TITLE,
    kind_of,
    frozenset({"escalation"}),
    _Reader.ladders,
    {"user": "users", "schedule": "schedules", "team": "teams"},
    "GET /v2/escalations, /v2/schedules?expand=rotation, /v2/users/ID?expand=contact, /v2/teams/ID",
)
