"""GoAlert, as its GraphQL API answers: escalation policies with steps, schedules, users.

A step leaves after its delay if nobody has acknowledged; the whole policy begins again `repeat`
times. Newer versions say `actions` (a destination with arguments), older ones `targets`.
"""

from typing import Any, Final

from escalations.importing import channels, words
from escalations.importing.exports import Part
from escalations.importing.ladders import Asked, Ladder, Rung, Shifts
from escalations.importing.shelves import Reader, Tool, absent

TITLE: Final = "GoAlert"
_SEEN: Final = ("id", "__typename", "isFavorite", "isUserFavorite")
_BUILTIN: Final = {
    "builtin-user": ("user", "user_id"),
    "builtin-schedule": ("schedule", "schedule_id"),
    "builtin-rotation": ("rotation", "rotation_id"),
    "builtin-slack-channel": ("slackChannel", "slack_channel_id"),
    "builtin-slack-dm": ("slackChannel", "slack_user_id"),
    "builtin-slack-usergroup": ("slackUserGroup", "slack_usergroup_id"),
    "builtin-webhook": ("chanWebhook", "webhook_url"),
    "builtin-smtp-email": ("email", "email_address"),
    "builtin-twilio-sms": ("sms", "phone_number"),
    "builtin-twilio-voice": ("voice", "phone_number"),
}
"""An action's type → the same as a target's, and the argument that says which."""


def kind_of(hint: str, data: dict[str, Any]) -> str:
    """`escalation`, `schedule`, `rotation` or `user`."""
    steps = data.get("steps")
    if isinstance(steps, list) and (
        "repeat" in data or any(isinstance(each, dict) and "delayMinutes" in each for each in steps)
    ):
        return "escalation"
    if "contactMethods" in data or (hint in ("user", "users") and "email" in data):
        return "user"
    if "shiftLength" in data or hint in ("rotation", "rotations"):
        return "rotation"
    return "schedule" if hint in ("schedule", "schedules") else ""


class _Reader(Reader):
    def ladder(self, part: Part) -> Ladder:
        part.aside(*_SEEN, "notices")
        name, description = part.text("name"), part.text("description")
        ladder = Ladder(part, "escalation policy", name, description)
        ladder.rounds = int(part.number("repeat", 0))
        steps = sorted(part.parts("steps"), key=lambda step: step.number("stepNumber", 0))
        ladder.rungs = [self.rung(step) for step in steps]
        if len(steps) > 1:
            words.acknowledged(ladder, TITLE)
        words.belongs_to(ladder, "assignedTo", "service")
        return ladder

    def rung(self, step: Part) -> Rung:
        step.aside(*_SEEN, "escalationPolicy")
        minutes = step.number("delayMinutes")
        targets = [self.target(each) for each in step.parts("targets")]
        if step.get("actions"):
            targets = [self.action(each) for each in step.parts("actions")]
        asked = [each for target in targets for each in [self.asked(step, *target)] if each]
        if not targets:
            why = "There, such a step only waits."
            step.lost("A step that asks nobody", why, "Its time is added to the step before.")
        return Rung(step, asked, int(minutes * 60))

    def target(self, target: Part) -> tuple[str, str, str]:
        """Type, id and name."""
        target.aside("__typename")
        return target.text("type"), target.text("id"), target.text("name")

    def action(self, action: Part) -> tuple[str, str, str]:
        """Type, id and name."""
        action.aside("__typename")
        type_, key = _BUILTIN.get(action.text("type"), (action.text("type"), ""))
        args = action.part("args")
        id_ = args.text(key) if args and key else ""
        for value in action.parts("values"):
            value.aside("label", "__typename")
            if value.text("fieldID") == key:
                id_ = id_ or value.text("value")
        info = action.part("displayInfo")
        name = info.text("text") if info else ""
        if info:
            info.aside("iconURL", "iconAltText", "linkURL", "__typename")
        return type_, id_, name

    def asked(self, step: Part, type_: str, id_: str, name: str) -> Asked | None:
        match type_:
            case "user":
                user = self.shelf.find("user", id_)
                if user is not None:
                    return self.person(id_, user)
                absent(step, "user", f"{id_} ({name})" if name else id_, TITLE)
                return None
            case "schedule" | "rotation":
                return self.rota(step, type_, id_, name)
            case "slackChannel":
                return Asked(name or id_, tuple(channels.slack(step, id_)))
            case "chanWebhook":
                return Asked(name or "Webhook", tuple(channels.webhook(step, id_ or name)))
            case "email":
                return Asked(name or id_, tuple(channels.mail(step, id_)))
            case "sms":
                return Asked(name or id_, tuple(channels.text_message(step, id_)))
            case "voice":
                return Asked(name or id_, tuple(channels.call(step, id_)))
        why = "The importer does not know how such a thing is reached."
        step.to_fill(f"Asking {type_} {name or id_}", why, "Write the contact's `reach`.")
        return Asked(name or id_ or type_)

    def person(self, id_: str, user: Part) -> Asked:
        if id_ in self.people:
            return self.people[id_]
        user.aside(*_SEEN, "authSubjects", "sessions", "statusUpdateContactMethodID")
        user.aside("onCallSteps", "onCallOverview", "assignedSchedules", "calendarSubscriptions")
        reach = channels.mail(user, user.text("email"), "email")
        for method in user.parts("contactMethods"):
            method.aside(*_SEEN, "name", "formattedValue", "pending", "lastVerifyMessageState")
            method.aside("dest", "statusUpdates", "lastTestVerifyAt", "lastTestMessageState")
            if method.yes("disabled"):
                what = f"{method.text('type')}: switched off"
                method.left_out(what, "It is off there too.", "Nothing to do.", "disabled")
                method.aside("value")
                continue
            reach += self.addresses(method)
        user.leave("notificationRules", *words.PERSONAL_RULES, "Their notification rules")
        user.leave("role", *words.LEVEL_OF_PRIVILEGE)
        self.people[id_] = Asked(user.text("name"), tuple(dict.fromkeys(reach)))
        return self.people[id_]

    def addresses(self, method: Part) -> list[str]:
        value = method.text("value")
        match method.text("type"):
            case "EMAIL":
                return channels.mail(method, value, "value")
            case "SMS":
                return channels.text_message(method, value, "value")
            case "VOICE":
                return channels.call(method, value, "value")
            case "SLACK_DM":
                return channels.slack(method, value, "value")
            case "WEBHOOK":
                return channels.webhook(method, value, "value")
            case other:
                why = "The importer does not know how it is reached."
                method.to_fill(other, why, "Write an Apprise address as `reach`.", "type")
                return []

    def rota(self, step: Part, type_: str, id_: str, name: str) -> Asked | None:
        """A schedule or a rotation; its calendar's address is a person's own subscription."""
        whole = self.shelf.find(type_, id_)
        if whole is None:
            absent(step, type_, f"{id_} ({name})" if name else id_, TITLE)
            return None
        whole.aside(*_SEEN, "assignedTo", "shifts", "nextHandoffTimes", "activeUserIndex")
        whole.leave(
            "description", "A contact has a name and addresses only.", "Nothing to do here."
        )
        people: list[Asked] = []
        refs = whole.parts("users")
        for ref in refs:
            ref.aside("name", *_SEEN)
        ids = [ref.text("id") for ref in refs] + list(whole.get("userIDs") or [])
        for user_id in dict.fromkeys(map(str, ids)):
            user = self.shelf.find("user", user_id)
            if user is None:
                why = "They are on the rota, and no file has their addresses."
                advice = "Add GoAlert's answer for users, or write them under `rota.people`."
                whole.to_fill(f"user {user_id}", why, advice, "users")
            else:
                people.append(self.person(user_id, user))
        for field in (
            "targets",
            "temporarySchedules",
            "rules",
            "shiftLength",
            "start",
            "type",
            "onCallNotificationRules",
        ):
            whole.leave(field, *words.ROTATION)
        zone = channels.zone(whole, "timeZone")
        return Asked(whole.text("name"), (), zone, Shifts("", people=tuple(people)))


GOALERT: Final = Tool(
    "goalert",
    TITLE,
    kind_of,
    frozenset({"escalation"}),
    _Reader.ladders,
    {"user": "users", "schedule": "schedules", "rotation": "rotations"},
    "escalationPolicies, schedules and users, asked by GraphQL",
)
