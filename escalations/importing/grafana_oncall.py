"""Grafana OnCall, as its HTTP API answers: escalation chains, their steps, schedules, users.

The steps of a chain follow each other at once; only `wait` takes time. Whoever is told between two
waits is one level.
"""

from typing import Any, Final

from escalations.importing import channels, words
from escalations.importing.exports import Part
from escalations.importing.ladders import Asked, Ladder, Rung, Shifts
from escalations.importing.shelves import Shelf, Tool, absent

TITLE: Final = "Grafana OnCall"
_NO_COUNTERPART: Final = {
    "notify_whole_channel": (
        "Here people are told, one contact for each level.",
        "Make the channel a contact, with its Apprise address as `reach`.",
    ),
    "trigger_webhook": (
        "A level here asks people; it calls no program.",
        "Make the address a contact (`jsons://…`), or listen to Escalade's own HTTP interface.",
    ),
    "resolve": (
        "A case here ends only when it is resolved and the customer agrees, or is withdrawn.",
        "Nothing to do: no case is closed unsolved.",
    ),
    "notify_if_num_alerts_in_window": (
        "A case here is one customer's problem; alerts are not counted.",
        "Use an incident where many cases have one cause.",
    ),
    "declare_incident": (
        "A case becomes part of an incident when somebody says so.",
        "Open the incident by hand when many cases have one cause.",
    ),
}
_NO_COUNTERPART["trigger_action"] = _NO_COUNTERPART["trigger_webhook"]
_FIELDS: Final = {
    "notify_persons": "persons_to_notify",
    "notify_person_next_each_time": "persons_to_notify_next_each_time",
    "notify_on_call_from_schedule": "notify_on_call_from_schedule",
    "notify_user_group": "group_to_notify",
    "notify_team_members": "team_to_notify",
}


def kind_of(hint: str, data: dict[str, Any]) -> str:
    """`step`, `chain`, `schedule`, `user`, `group` or `team`."""
    if "escalation_chain_id" in data and "type" in data:
        return "step"
    if "ical_url_primary" in data or "ical_url_overrides" in data or "on_call_now" in data:
        return "schedule"
    if "username" in data and "email" in data:
        return "user"
    if "team_id" in data and "type" not in data:
        return "chain"
    if "slack" in data and "type" in data:
        return "group"
    return "team" if {"avatar_url", "email"} & data.keys() and "name" in data else ""


def ladders(shelf: Shelf) -> list[Ladder]:
    """Its chains, those first that the files name."""
    reader = _Reader(shelf)
    steps: dict[str, list[Part]] = {str(part.data.get("id")): [] for part in shelf.all("chain")}
    for step in shelf.all("step"):
        steps.setdefault(step.text("escalation_chain_id"), []).append(step)
    return [reader.ladder(id_, found) for id_, found in steps.items()]


class _Reader:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.people: dict[str, Asked] = {}
        self.rotas: dict[str, Asked] = {}

    def ladder(self, id_: str, steps: list[Part]) -> Ladder:
        chain = self.shelf.find("chain", id_)
        ladder = Ladder(chain or steps[0], "escalation chain", id_)
        if chain is not None:
            chain.aside("id")
            ladder.name = chain.text("name")
            words.belongs_to(ladder, "team_id", "team")
        waited = 0
        for step in sorted(steps, key=lambda step: step.number("position", 0)):
            step.aside("id")
            type_ = step.text("type")
            if type_ == "wait":
                seconds = int(step.number("duration"))
                if ladder.rungs:
                    ladder.rungs[-1].stays += seconds
                waited += 0 if ladder.rungs else seconds
            elif type_ in _FIELDS:
                ladder.rungs.append(Rung(step, self.asked(step, type_), 0))
                why = "People here have no second set of notification rules."
                step.leave("important", why, "Put the loudest address first under `reach`.")
            elif type_ == "repeat_escalation":
                ladder.rounds = 5  # as often as it does at most
            else:
                self.leave(step, type_)
        if waited:
            why = "Here the first level is asked as soon as the case is open."
            what = f"Nobody is asked in the first {waited // 60} minutes"
            ladder.part.lost(what, why, "Open the case later, or ask somebody else in that time.")
        if len(ladder.rungs) > 1:
            words.acknowledged(ladder, TITLE)
        return ladder

    def leave(self, step: Part, type_: str) -> None:
        """A step that asks nobody by name."""
        said = [
            f"{key}: {step.get(key)}"
            for key in sorted(step.data.keys() - {"id", "type", "position", "escalation_chain_id"})
            if step.get(key) not in (None, "", False)
        ]
        what = f"The step {type_}" + (f" ({', '.join(said)})" if said else "")
        if type_ == "notify_if_time_from_to":
            hours = "-".join(
                step.text(key)[:5] for key in ("notify_if_time_from", "notify_if_time_to")
            )
            why = "There, the next steps wait for that time of day (UTC); here a calendar says so."
            advice = (
                f'Write a calendar `{{hours: {{mon-sun: ["{hours}"]}}}}` and name it in the levels.'
            )
            step.lost(what, why, advice)
        elif type_ in _NO_COUNTERPART:
            step.lost(what, *_NO_COUNTERPART[type_])
        else:
            step.lost(what, "The importer does not know this step.", "See what it is to do.")

    def asked(self, step: Part, type_: str) -> list[Asked]:
        value = step.get(_FIELDS[type_])
        ids = [str(each) for each in (value if isinstance(value, list) else [value]) if each]
        if not ids:
            step.mistake("nobody", f"whom {type_} asks", _FIELDS[type_])
        if type_ == "notify_person_next_each_time" and len(ids) > 1:
            why = "Here a level's contact is the same for every case; nobody takes turns."
            advice = "Use a rota whose shifts take turns, or one address for all of them."
            step.lost("Taking turns (notify_person_next_each_time)", why, advice)
        if type_ in ("notify_user_group", "notify_team_members"):
            return [self.team(step, id_, type_) for id_ in ids]
        find = self.rota if type_ == "notify_on_call_from_schedule" else self.person
        found = [find(step, id_, _FIELDS[type_]) for id_ in ids]
        return [each for each in found if each is not None]

    def team(self, step: Part, id_: str, type_: str) -> Asked:
        """A team or a Slack group: its members are in no answer."""
        kind = "group" if type_ == "notify_user_group" else "team"
        whole = self.shelf.find(kind, id_)
        if whole is None:
            why = "No file has its name."
            step.to_fill(f"The {kind} {id_}", why, "Write the contact's `name`.", _FIELDS[type_])
            return Asked(f"{kind} {id_}")
        whole.aside("id", "type", "avatar_url")
        name, slack = whole.text("name"), whole.part("slack")
        if slack is not None:
            slack.aside("id")
            name = name or slack.text("name")
            why = "A Slack group cannot be written to as such."
            advice = "Write the address of a channel as `reach`."
            slack.leave("handle", why, advice)
        return Asked(name, tuple(channels.mail(whole, whole.text("email"), "email")))

    def person(self, step: Part, id_: str, field: str) -> Asked | None:
        user = self.shelf.find("user", id_)
        if user is None:
            absent(step, "user", id_, TITLE, field)
            return None
        if id_ not in self.people:
            user.aside(
                "id", "is_phone_number_verified", "avatar_url", "avatar_full", "current_team"
            )
            reach = channels.mail(user, user.text("email"), "email")
            for slack in user.parts("slack"):
                slack.aside("team_id")
                reach += channels.slack(slack, slack.text("user_id"), "user_id")
            user.leave("role", *words.LEVEL_OF_PRIVILEGE)
            user.leave("teams", "People belong to no team here.", "Nothing to do here.")
            zone = channels.zone(user, "timezone")
            self.people[id_] = Asked(user.text("name", "username"), tuple(reach), zone)
        return self.people[id_]

    def rota(self, step: Part, id_: str, field: str) -> Asked | None:
        schedule = self.shelf.find("schedule", id_)
        if schedule is None:
            absent(step, "schedule", id_, TITLE, field)
            return None
        if id_ not in self.rotas:
            schedule.aside("id", "type", "on_call_now", "enable_web_overrides")
            schedule.leave("team_id", "A rota belongs to no team here.", "Nothing to do here.")
            schedule.leave("shifts", *words.ROTATION)
            slack = schedule.part("slack")
            if slack is not None:
                why = "Nobody is told in Slack here when a shift changes."
                for key in ("channel_id", "user_group_id"):
                    slack.leave(key, why, "Let the calendar of the rota remind them.")
            calendar = channels.calendar(schedule, "ical_url_primary")
            overrides = channels.calendar(schedule, "ical_url_overrides")
            zone = channels.zone(schedule, "time_zone")
            shifts = Shifts(calendar, overrides)
            self.rotas[id_] = Asked(schedule.text("name"), (), zone, shifts)
        return self.rotas[id_]


GRAFANA_ONCALL: Final = Tool(
    "grafana-oncall",
    TITLE,
    kind_of,
    frozenset({"step", "chain"}),
    ladders,
    {"user": "users", "schedule": "schedules", "group": "user groups", "team": "teams"},
    "GET /api/v1/escalation_chains/, /escalation_policies/, /schedules/, /users/",
)
