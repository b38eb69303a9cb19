"""Who acts: contacts, addresses, and what each level may grant."""

import re
from collections.abc import Iterator
from typing import Final

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Rung, Subject
from escalations.lint.wording import listed
from escalations.policy import Policy
from escalations.references import Place

_PASSWORD: Final = re.compile(r"^[a-z][a-z0-9+.\-]*://[^/@\s]*:(?P<secret>[^/@\s]+)@")
_PARAMETER: Final = re.compile(
    r"[?&](?:token|access_token|apikey|api_key|key|secret|sig|signature|password|pass)="
    r"(?P<secret>[^&\s]+)",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(
    r"(?:^|[/:@])(?P<secret>private-[0-9a-f]{16,}|[0-9a-fA-F]{24,}"
    r"|(?=[A-Za-z_\-]*[0-9])(?=[a-z0-9_\-]*[A-Z])(?=[A-Z0-9_\-]*[a-z])[A-Za-z0-9_\-]{16,})"
    r"(?=$|[/:@?])"
)
"""Long runs of hex digits, or of letters in both cases with digits among them."""


@rule(Severity.ERROR)
def secret_in_clear(subject: Subject) -> Iterator[Said]:
    """A password or token in an address: it would stand in every case's history."""
    for place, address in _addresses(subject.policy):
        if not address.startswith("mailto:") and _is_secret(address):
            yield Said(
                place,
                f"the address {_masked(address)} holds what looks like a password or token; "
                "everybody who sees this file, or the history of a case, can use it",
                "write `${NAME}` in its place, set ESCALADE_SECRET_NAME for the workers, and "
                "change the secret, since it has been written down",
            )


def _addresses(policy: Policy) -> Iterator[tuple[Place, str]]:
    for name, contact in policy.contacts.items():
        for n, address in enumerate(contact.reach):
            yield ("contacts", name, "reach", n), address
        if contact.rota is None:
            continue
        place: Place = ("contacts", name, "rota")
        yield (*place, "calendar"), contact.rota.calendar
        if contact.rota.overrides is not None:
            yield (*place, "overrides"), contact.rota.overrides
        for called, colleague in contact.rota.people.items():
            for n, address in enumerate(colleague.reach):
                yield (*place, "people", called, "reach", n), address


def _is_secret(address: str) -> bool:
    _, _, rest = address.partition("://")
    found = [
        *(pattern.search(address) for pattern in (_PASSWORD, _PARAMETER)),
        *_TOKEN.finditer(rest),
    ]
    return any(each and "${" not in each["secret"] for each in found)


def _masked(address: str) -> str:
    """The channel alone: what is secret is not written a second time."""
    return f"`{address.partition('://')[0]}://…`"


@rule(Severity.WARNING)
def unused_contact(subject: Subject) -> Iterator[Said]:
    """A contact who is never told anything. Source: D21."""
    policy = subject.policy
    used = {rung.level.contact for rung in subject.cells()}
    used |= {policy.escalation_manager or "", policy.fallback or ""}
    used |= {each.contact or "" for each in policy.stakeholders}
    for name in policy.contacts:
        if name not in used:
            yield Said(
                ("contacts", name),
                f"nobody ever tells `{name}` anything: no level, category or stakeholder names "
                "them",
                "name them where they should act, or take them out",
            )


@rule(Severity.WARNING)
def same_address(subject: Subject) -> Iterator[Said]:
    """Two contacts of one ladder who are reached at the same place first. Source: D6, D7."""
    policy = subject.policy
    first: dict[str, str] = {}
    for category in subject.categories:
        for rung in subject.ladder(category)[policy.start(category) - 1 :]:
            first.setdefault(rung.level.contact, rung.level.name)
    seen: dict[str, str] = {}
    for name, level in first.items():
        for address in policy.contacts[name].reach[:1]:
            other = seen.setdefault(address.casefold(), name)
            if other != name:
                yield Said(
                    ("contacts", name, "reach", 0),
                    f"`{name}` of `{level}` is reached at the same address as `{other}` of "
                    f"`{first[other]}`: a climb between them tells the same people",
                    "give each their own address, or make one contact of both",
                )


@rule(Severity.WARNING)
def no_escalation_manager(subject: Subject) -> Iterator[Said]:
    """Nobody drives the cases, or hears when something goes wrong. Source: A5, A15, A47."""
    if subject.policy.escalation_manager is None:
        nobody = subject.policy.fallback is None
        yield Said(
            (),
            "there is no `escalation_manager`: nobody but the level itself hears of missed "
            "windows and ended holds"
            + (", and nobody at all when a level cannot be reached" if nobody else ""),
            "name the contact who drives every case"
            + (", and a `fallback` if that is somebody else" if nobody else ""),
        )


@rule(Severity.WARNING)
def fallback_is_the_level(subject: Subject) -> Iterator[Said]:
    """Who would hear that a level cannot be reached is that level's contact. Source: A47."""
    policy = subject.policy
    fallback = policy.fallback or policy.escalation_manager
    key = "fallback" if policy.fallback else "escalation_manager"
    levels = [
        rung.level.name
        for rung in subject.cells()
        if rung.level.contact == fallback and rung.writes("contact")
    ]
    if levels:
        yield Said(
            (key,),
            f"`{fallback}` is the contact of {listed(levels)} and the one who is told when nobody "
            "there can be reached: then nobody is told",
            "name somebody else as `fallback`, with another kind of address",
        )


@rule(Severity.INFO)
def stakeholders_by_role_only(subject: Subject) -> Iterator[Said]:
    """Who is informed depends on what the request says. Source: A7."""
    stakeholders = subject.policy.stakeholders
    if stakeholders and all(each.role for each in stakeholders):
        yield Said(
            ("stakeholders",),
            "all stakeholders are roles: where a request does not say who fills them, nobody is "
            "informed",
            "add a contact of your own for the gravest cases, if somebody should always know",
        )


@rule(Severity.WARNING)
def grants_shrink(subject: Subject) -> Iterator[Said]:
    """A higher rank that may grant less than a lower one. Source: C13, C14, D40."""
    said: set[Place] = set()
    for category in subject.categories:
        most: dict[str, tuple[float, str, str]] = {}
        for rung in subject.ladder(category)[subject.policy.start(category) - 1 :]:
            for what, (amount, currency, name) in most.items():
                place = rung.key("may_grant")
                if rung.level.kind != "hierarchical" or place in said:
                    continue
                now, in_currency = _amount(rung.level.may_grant.get(what, f"0 {currency or 'EUR'}"))
                if now < amount and (not currency or not in_currency or currency == in_currency):
                    said.add(place)
                    yield Said(
                        place if rung.level.may_grant else rung.place,
                        f"{rung.called} may grant less {what} "
                        f"({rung.level.may_grant.get(what, 'none')}) than `{name}` below it",
                        f"write `may_grant: {{{what}: …}}` with at least as much; who has a "
                        "case keeps the authority of those below",
                    )
            _collect(most, rung)


def _collect(most: dict[str, tuple[float, str, str]], rung: Rung) -> None:
    for what, grant in rung.level.may_grant.items():
        amount, currency = _amount(grant)
        if what not in most or amount > most[what][0]:
            most[what] = (amount, currency, rung.level.name)


def _amount(grant: str) -> tuple[float, str]:
    """`100 EUR` → 100, EUR; `any` is more than anything, in any currency."""
    if grant == "any":
        return float("inf"), ""
    amount, _, currency = grant.partition(" ")
    return float(amount), currency
