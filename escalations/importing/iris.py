"""LinkedIn Iris, as its API answers: plans with steps, each with notifications; users.

A notification is sent, and again `repeat` times every `wait` seconds; the plan leaves a step as
soon as one of its notifications has waited for the last time (`src/iris/bin/sender.py`).
"""

from typing import Any, Final

from escalations.importing import channels, words
from escalations.importing.exports import Part
from escalations.importing.ladders import Asked, Ladder, Rung, Shifts
from escalations.importing.shelves import Shelf, Tool, absent

TITLE: Final = "Iris"
_COUNTING: Final = (
    "It bundles messages where one program opens very many incidents at once. A case here is one "
    "customer's problem and never bundled.",
    "Nothing to do, if cases are opened by people or backends.",
)
_TRACKING: Final = (
    "Iris writes of every incident of the plan to this address.",
    "Make it a contact, and that contact a stakeholder.",
)


def kind_of(hint: str, data: dict[str, Any]) -> str:
    """`plan` or `user`."""
    steps = data.get("steps")
    if isinstance(steps, list) and all(isinstance(each, list) for each in steps) and steps:
        return "plan"
    if {"threshold_window", "aggregation_window"} & data.keys():
        return "plan"
    return "user" if isinstance(data.get("contacts"), dict) and "name" in data else ""


def ladders(shelf: Shelf) -> list[Ladder]:
    """Its plans."""
    reader = _Reader(shelf)
    return [reader.ladder(part) for part in shelf.all("plan")]


class _Reader:
    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.people: dict[str, Asked] = {}

    def ladder(self, part: Part) -> Ladder:
        part.aside("id", "plan_id", "created", "step_count")
        ladder = Ladder(part, "plan", part.text("name"), part.text("description"))
        steps = part.get("steps")
        for n, step in enumerate(steps if isinstance(steps, list) else []):
            ladder.rungs.append(self.rung(part, n, step))
        if "steps" not in part.data:
            allowed = "the plan itself (GET /v0/plans/NAME), not the answer of the search"
            part.mistake("no steps", allowed)
        if len(ladder.rungs) > 1:
            words.acknowledged(ladder, TITLE)
        why = "There, the creator of a plan is told when nobody is found for a step."
        part.leave("creator", why, "Make them a contact, and that contact the policy's `fallback`.")
        for field in ("threshold_window", "threshold_count"):
            part.leave(field, *_COUNTING)
        for field in ("aggregation_window", "aggregation_reset"):
            part.leave(field, *_COUNTING)
        for field in ("tracking_type", "tracking_key", "tracking_template"):
            part.leave(field, *_TRACKING)
        if part.get("active") in (0, False):
            why = "A policy here is used as soon as a case names it."
            part.lost("Not the active plan of its name", why, "Let no case name it.", "active")
        return ladder

    def rung(self, plan: Part, n: int, step: Any) -> Rung:
        told = [
            Part(each, plan.export, (*plan.path, "steps", n, m), plan.reading)
            for m, each in enumerate(step if isinstance(step, list) else [])
            if isinstance(each, dict)
        ]
        if not told:
            plan.mistake("no notification", "at least one in each step", "steps", n)
        asked: list[Asked] = []
        waits: list[tuple[int, int, int]] = []
        for each in told:
            each.aside("id", "step", "plan_id")
            wait, repeat = int(each.number("wait")), int(each.number("repeat", 0))
            optional = each.yes("optional")
            waits.append((optional, wait * (repeat + 1), wait))
            asked += filter(None, [self.asked(each)])
            self.manner(each)
            if optional:
                why = "There, the plan's creator is not told if nobody is found for it."
                each.left_out("optional", why, "Nothing to do here.", "optional")
        _, stays, wait = min(waits, default=(0, 0, 0))
        again = tuple(range(wait, stays, wait)[:50]) if wait else ()
        if any(repeat_stay != stays for _, repeat_stay, _ in waits):
            why = "A level has one window; the plan leaves a step with its shortest notification."
            advice = "Look whether the people who are told longer need a level of their own."
            plan.lost("Different times within one step", why, advice, "steps", n)
        return Rung(told[0] if told else plan, asked, stays, again)

    def manner(self, told: Part) -> None:
        """How a notification is sent."""
        why = "There, it decides for each person whether they are called, texted or mailed."
        advice = "Put the addresses under `reach` into the order in which they should be tried."
        told.leave("priority", why, advice)
        why = "Escalade has its own texts, in three languages."
        told.leave("template", why, "Override the texts of Escalade's templates where needed.")

    def asked(self, told: Part) -> Asked | None:
        role, target = told.text("role"), told.text("target")
        if not role or not target:
            index = told.text("dynamic_index")
            why = "There, whoever opens the incident says who is asked."
            told.lost(f"dynamic target {index}", why, "Write the contact's `reach`.")
            return Asked(f"dynamic target {index}".strip())
        if role == "user":
            return self.person(told, target)
        if role.startswith("oncall"):
            return Asked(f"{target} {role}", shifts=Shifts(""))
        why = f"Who is {role} of {target} stands in another system, that Iris asks."
        told.to_fill(f"{role} of {target}", why, "Write the contact's `reach`.", "role")
        return Asked(target if role in ("team", "mailing-list") else f"{role} of {target}")

    def person(self, told: Part, name: str) -> Asked | None:
        user = self.shelf.find("user", name, "name")
        if user is None:
            absent(told, "user", name, TITLE, "target")
            return None
        if name in self.people:
            return self.people[name]
        user.aside("id", "admin", "active", "ismanager", "teams", "photo_url", "full_name")
        reach: list[str] = []
        contacts = user.part("contacts")
        for mode in contacts.data if contacts else {}:
            reach += self.addresses(contacts, mode) if contacts else []
        for field in ("modes", "per_app_modes", "review_only_modes", "template_overrides"):
            user.leave(field, *words.PERSONAL_RULES)
        zone = channels.zone(user, "timezone") if "timezone" in user.data else None
        full = user.data.get("full_name")
        called = full if isinstance(full, str) and full else user.text("name")
        user.aside("name")
        self.people[name] = Asked(called, tuple(reach), zone)
        return self.people[name]

    def addresses(self, contacts: Part, mode: str) -> list[str]:
        if not isinstance(contacts.data[mode], str):
            why = "It is no address."
            contacts.leave(mode, why, "Write an Apprise address as `reach`.")
            return []
        value = contacts.text(mode)
        match mode:
            case "email":
                return channels.mail(contacts, value, mode)
            case "sms":
                return channels.text_message(contacts, value, mode)
            case "call":
                return channels.call(contacts, value, mode)
            case "slack":
                return channels.slack(contacts, value, mode)
        why = "The importer does not know how it is reached."
        contacts.left_out(f"{mode}: {value}", why, "Write an Apprise address as `reach`.", mode)
        return []


IRIS: Final = Tool(
    "iris",
    TITLE,
    kind_of,
    frozenset({"plan"}),
    ladders,
    {"user": "users"},
    "GET /v0/plans/NAME and /v0/users/NAME",
)
