"""PagerDuty, as its REST API v2 answers: escalation policies, schedules, users, services.

An incident leaves a rule when its delay is over and nobody has acknowledged; after the last rule
it begins again `num_loops` times.
"""

from typing import Any, Final

from escalations.importing import channels, words
from escalations.importing.exports import Part
from escalations.importing.ladders import Asked, Ladder, Rung, Shifts
from escalations.importing.shelves import Reader, Shelf, Tool, absent

TITLE: Final = "PagerDuty"
_LINKS: Final = ("id", "type", "summary", "self", "html_url", "privilege", "deleted_at")
_OWN_DATES: Final = ("created_at", "updated_at")


def kind_of(hint: str, data: dict[str, Any]) -> str:
    """`escalation`, `schedule`, `user`, `service` or `team`."""
    if "escalation_rules" in data:
        return "escalation"
    if "schedule_layers" in data:
        return "schedule"
    type_ = str(data.get("type", "")).removesuffix("_reference")
    for kind in ("schedule", "user", "service", "team"):
        if hint in (kind, f"{kind}s") or type_ == kind:
            return kind
    if "contact_methods" in data:
        return "user"
    # A whole user has such an address, too.
    return "schedule" if "http_cal_url" in data else ""


class _Reader(Reader):
    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf)
        self.rotas: dict[str, Asked] = {}

    def ladder(self, part: Part) -> Ladder:
        part.aside(*_LINKS, *_OWN_DATES)
        name = part.text("name") or part.text("summary")
        ladder = Ladder(part, "escalation policy", name, part.text("description"))
        loops = int(part.number("num_loops", 0))
        if part.get("repeat_enabled") is False:  # of older answers; num_loops then means nothing
            loops = 0
        ladder.rounds = loops
        ladder.rungs = [self.rung(rule) for rule in part.parts("escalation_rules")]
        if len(ladder.rungs) > 1:
            words.acknowledged(ladder, TITLE)
        part.leave(
            "on_call_handoff_notifications",
            "Nobody is told here that their shift begins or ends.",
            "Let the calendar of the rota remind them.",
        )
        words.belongs_to(ladder, "teams", "team")
        self.services(ladder)
        return ladder

    def rung(self, rule: Part) -> Rung:
        rule.aside("id")
        minutes = rule.number("escalation_delay_in_minutes")
        if not minutes and not rule.reading.mistakes:
            rule.mistake("a delay of 0", "1 minute at least", "escalation_delay_in_minutes")
        asked = [self.target(each) for each in rule.parts("targets")]
        if not asked:
            rule.mistake("nobody", "at least one user or schedule", "targets")
        strategy = rule.get("escalation_rule_assignment_strategy")
        strategy = strategy.get("type") if isinstance(strategy, dict) else strategy
        if strategy not in (None, "assign_to_everyone"):
            why = "Here a level's contact is the same for every case; nobody takes turns."
            advice = "Use a rota whose shifts take turns, or one address for all of them."
            field = "escalation_rule_assignment_strategy"
            rule.lost(f"Taking turns ({strategy})", why, advice, field)
        return Rung(rule, [each for each in asked if each is not None], int(minutes * 60))

    def target(self, target: Part) -> Asked | None:
        target.aside(*_LINKS)
        type_ = target.text("type").removesuffix("_reference")
        id_ = target.text("id")
        if type_ not in ("user", "schedule"):
            target.mistake(f"the target type {type_!r}", "user or schedule", "type")
            return None
        known = self.people if type_ == "user" else self.rotas
        if id_ not in known:
            whole = self.shelf.find(type_, id_)
            if whole is None and {"email", "time_zone", "http_cal_url"} & target.data.keys():
                whole = target
            if whole is None:
                called = target.text("summary")
                absent(target, type_, f"{id_} ({called})" if called else id_, TITLE, "id")
                return None
            known[id_] = self.person(whole) if type_ == "user" else self.rota(whole)
        return known[id_]

    def person(self, user: Part) -> Asked:
        user.aside(*_LINKS, *_OWN_DATES, "color", "avatar_url", "invitation_sent", "billed")
        user.aside("created_via_sso", "http_cal_url", "web_cal_url")
        name = user.text("name", "summary")
        reach = channels.mail(user, user.text("email"), "email")
        for method in user.parts("contact_methods"):
            reach += self.addresses(method)
        user.leave("notification_rules", *words.PERSONAL_RULES, "Their notification rules")
        user.leave("role", *words.LEVEL_OF_PRIVILEGE)
        user.leave("teams", "People belong to no team here.", "Nothing to do here.", "Their teams")
        for field in ("job_title", "description"):
            user.leave(field, "A contact has a name and addresses only.", "Nothing to do here.")
        zone = channels.zone(user, "time_zone")
        return Asked(name, tuple(dict.fromkeys(reach)), zone)

    def addresses(self, method: Part) -> list[str]:
        method.aside(*_LINKS, "label", "send_short_email", "send_html_email", "device_type")
        method.aside("sounds", "created_at", "blacklisted")
        if method.get("enabled") is False:
            method.left_out(
                "A contact method that is off", "It is off there too.", "Nothing to do."
            )
            return []
        type_ = method.text("type")
        address = method.text("address")
        number = f"{method.text('country_code')}{address}"
        if type_.endswith("_reference"):
            why = "The export has only a reference to it."
            advice = "Ask the API for users with `include[]=contact_methods`, and import again."
            method.to_fill("A contact method", why, advice)
            return []
        match type_:
            case "email_contact_method":
                return channels.mail(method, address, "address")
            case "sms_contact_method":
                return channels.text_message(method, number, "address")
            case "phone_contact_method":
                return channels.call(method, number, "address")
        why = "It reaches an app of PagerDuty's, or a channel that needs an address of its own."
        method.left_out(
            f"{type_ or 'A contact method'}", why, "Write an Apprise address as `reach`."
        )
        return []

    def rota(self, schedule: Part) -> Asked:
        schedule.aside(*_LINKS, *_OWN_DATES, "escalation_policies", "web_cal_url")
        schedule.aside("final_schedule", "next_oncall_for_user")
        schedule.aside("personal_http_cal_url", "personal_web_cal_url")
        people = []
        for ref in schedule.parts("users"):
            ref.aside(*_LINKS)
            id_ = ref.text("id")
            user = self.shelf.find("user", id_)
            if user is None and ref.data.get("deleted_at"):
                continue
            if user is None:
                why = "They are on the schedule, and no file has their addresses."
                advice = "Add PagerDuty's answer for users, or write them under `rota.people`."
                schedule.to_fill(f"{ref.text('summary') or id_}", why, advice, "users")
                continue
            if id_ not in self.people:
                self.people[id_] = self.person(user)
            people.append(self.people[id_])
        schedule.leave("schedule_layers", *words.ROTATION, "The turns of the schedule")
        schedule.leave(
            "overrides_subschedule", *words.ROTATION, "Overrides, in the calendar anyway"
        )
        schedule.leave("teams", "A rota belongs to no team here.", "Nothing to do here.")
        schedule.leave("description", "A contact has a name and addresses only.", "Nothing to do.")
        calendar = channels.calendar(schedule, "http_cal_url")
        shifts = Shifts(calendar, people=tuple(people))
        return Asked(
            schedule.text("name", "summary"), (), channels.zone(schedule, "time_zone"), shifts
        )

    def services(self, ladder: Ladder) -> None:
        """The services that use a policy: how long somebody may be silent after acknowledging."""
        words.belongs_to(ladder, "services", "service")
        id_ = str(ladder.part.data.get("id"))
        spans = set()
        for service in self.shelf.all("service"):
            policy = service.data.get("escalation_policy")
            if isinstance(policy, dict) and str(policy.get("id")) == id_:
                service.aside(*_LINKS, *_OWN_DATES, "escalation_policy", "last_incident_timestamp")
                service.aside("name", "status")
                spans.add(int(service.number("acknowledgement_timeout", 0)))
                self.whole_service(service)
        if len(spans) == 1:
            ladder.release_after = spans.pop()
        elif spans:
            ladder.release_after = min(filter(None, spans), default=0)
            what = "Different acknowledgement timeouts of its services"
            why = "A policy has one; the shortest is carried over as `release_after`."
            ladder.part.lost(what, why, "Make policies of their own where that matters.")

    def whole_service(self, service: Part) -> None:
        why = "A case here ends only when it is resolved and the customer agrees, or is withdrawn."
        service.leave("auto_resolve_timeout", why, "Nothing to do: no case is closed unsolved.")
        why = "What a service does with alerts has no counterpart: here, cases are opened by name."
        for key in list(service.data):
            if key not in service.asked:
                service.leave(key, why, "Nothing to do, if cases are opened by people or backends.")


PAGERDUTY: Final = Tool(
    "pagerduty",
    TITLE,
    kind_of,
    frozenset({"escalation"}),
    _Reader.ladders,
    {"user": "users", "schedule": "schedules", "service": "services", "team": "teams"},
    "GET /escalation_policies, /schedules, /users?include[]=contact_methods",
)
