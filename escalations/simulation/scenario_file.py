"""Scenario files: read, checked against the policy, all mistakes at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from escalations.errors import RequestInvalid
from escalations.model import Instant
from escalations.opening_hours import zone
from escalations.policy import Policy
from escalations.policy_files.document import Document
from escalations.policy_files.findings import MISSING, Finding, shown
from escalations.references import Place
from escalations.request import EscalationRequest
from escalations.simulation.reading import DURATION, Reading, meant
from escalations.simulation.scenario import (
    HORIZON,
    MESSAGES,
    Line,
    Scenario,
    main_field,
    request_of,
)
from escalations.simulation.world import Absence

MAX_BYTES: Final = 1_000_000
MAX_LINES: Final = 2_000
KEYS: Final = ("summary", "at", "zone", "until", "case", "happens")
WHEN: Final = ("at", "after")
LONGEST_LOOK: Final = timedelta(days=3 * 366)
_NO_LATER: Final = "three years after the opening at most"
UNREACHABLE: Final = "unreachable"


class ScenarioMistakes(RequestInvalid):
    """The scenario has mistakes. Mend the places that are named and try again."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


@dataclass(frozen=True)
class Wishes:
    """What the command line says; it goes before what the file says."""

    now: Instant
    at: str | None = None
    zone: str | None = None
    until: str | None = None
    case: Mapping[str, Any] | None = None
    """Fields of the request, such as `category`."""


def read(source: Path | str | None, policy: Policy, wishes: Wishes) -> Scenario:
    """The scenario of a file, by its `Path`; a string is the text itself, `None` says nothing.

    Raises:
        ScenarioMistakes: it has mistakes; whoever wrote the file mends them.
    """
    file = str(source) if isinstance(source, Path) else "<scenario>"
    text = _text(source) if isinstance(source, Path) else source
    document = Document("{}" if text is None else text, file)
    data = document.data
    if data is None and not document.findings:
        data = {}
    if not isinstance(data, dict):
        if not document.findings:
            document.report((), shown(data), f"a block with the keys {', '.join(KEYS)}")
        raise ScenarioMistakes(document.findings)
    reading = _Reading(document, data, policy, wishes)
    scenario = reading.scenario()
    found = [*reading.spoken.findings, *document.findings]
    if found or scenario is None:
        raise ScenarioMistakes(sorted(found, key=lambda each: (each.line, each.column)))
    return scenario


def _text(path: Path) -> str | Finding:
    def finding(found: str, allowed: str) -> Finding:
        return Finding(file=str(path), line=1, column=1, key="", found=found, allowed=allowed)

    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return finding(f"no file to read ({error.strerror})", "a YAML file with a scenario")
    if len(content) > MAX_BYTES:
        return finding(f"more than {MAX_BYTES} bytes", "a file that is no larger")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return finding("bytes that are not UTF-8", "text that is saved as UTF-8")


class _Reading(Reading):
    """One file on its way to a scenario."""

    def __init__(
        self, document: Document, data: dict[str, Any], policy: Policy, wishes: Wishes
    ) -> None:
        super().__init__(document, policy, wishes.now)
        self.data, self.wishes = data, wishes
        self.spoken = Document("{}", "command line")
        """In the place of a file for what the command line says."""
        self.people: list[str] = []
        self.lines: list[Line] = []
        self.absent: list[Absence] = []

    def report(self, place: Place, found: str, allowed: str) -> None:
        """Add a mistake, to the file or to the command line."""
        options = ("at", "zone", "until")
        wished = {name for name in options if getattr(self.wishes, name) is not None}
        option = place[-1] if place and place[0] in {*wished, "case"} else None
        if place[:1] == ("case",) and option not in (self.wishes.case or {}):
            option = None
        if option is None:
            super().report(place, found, allowed)
        else:
            self.spoken.report((f"--{option}",), found, allowed)

    def scenario(self) -> Scenario | None:
        """What the file says; of no use where there are mistakes."""
        self.known_keys((), self.data, KEYS)
        self.zone = self._zone()
        now = self.wishes.now
        self.opened_at = self.moment(("at",), self._said("at", "now"), now)
        request = self._request()
        self.people = [*self._contacts(), *(request.team if request else ()), "customer"]
        last_at = self._happens()
        until = self._until(last_at)
        summary = self.data.get("summary", "")
        if not isinstance(summary, str):
            self.report(("summary",), shown(summary), "a sentence")
            summary = ""
        if request is None:
            return None
        return Scenario(request, self.opened_at, self.zone, until, self.lines, self.absent, summary)

    def _said(self, key: str, otherwise: str | None = None) -> Any:
        """What the command line says, be it empty, else the file."""
        wish = getattr(self.wishes, key)
        return self.data.get(key, otherwise) if wish is None else wish

    def _contacts(self) -> Iterator[str]:
        """Every contact, and who may be on call there: `engineers`, `engineers/Wei Lim`."""
        for name, contact in self.policy.contacts.items():
            yield name
            yield from (f"{name}/{each}" for each in (contact.rota.people if contact.rota else ()))

    def _zone(self) -> str:
        written = self._said("zone", self.policy.timezone)
        try:
            return zone(str(written)).key
        except ValueError:
            self.report(("zone",), shown(written), "an IANA time zone such as Europe/Paris or UTC")
            return self.policy.timezone

    def _request(self) -> EscalationRequest | None:
        said = self.data.get("case") or {}
        if not isinstance(said, dict):
            self.report(("case",), shown(said), "fields of a request, such as `category: billing`")
            return None
        said = {**said, **(self.wishes.case or {})}
        if "reported_at" in said:
            place = ("case", "reported_at")
            said["reported_at"] = self.moment(place, said["reported_at"], self.opened_at)
        try:
            request = EscalationRequest.model_validate(
                request_of(self.policy, self.opened_at, said)
            )
        except ValidationError as error:
            self.mistakes_of(("case",), error, EscalationRequest)
            return None
        for problem in request.problems(self.policy):
            allowed = f"{problem.allowed}{meant(problem.found, problem.allowed.split(' | '))}"
            self.report(("case", *problem.place), shown(problem.found), allowed)
        return request

    def _happens(self) -> Instant:
        """Read the lines; when the last one is said."""
        lines, at = self.data.get("happens") or [], self.opened_at
        if not isinstance(lines, list) or len(lines) > MAX_LINES:
            allowed = f"a list of at most {MAX_LINES}, each `- after: 2h` and what is said then"
            self.report(("happens",), shown(lines), allowed)
            return at
        for n, line in enumerate(lines):
            at = self._line(("happens", n), line, at)
        return at

    def _line(self, place: Place, line: Any, before: Instant) -> Instant:
        if not isinstance(line, dict):
            self.report(place, shown(line), "`after: 2h` or `at: 2026-12-22 16:40`, and a message")
            return before
        at = self._when(place, line, before)
        rest = [key for key in line if key not in (*WHEN, "for")]
        self.known_keys(place, line, (*WHEN, "for", UNREACHABLE, *MESSAGES))
        known = [key for key in rest if key in MESSAGES or key == UNREACHABLE]
        if len(rest) != 1:
            found = f"{len(rest)} things said at once" if rest else "nothing that is said"
            self.report(place, found, f"one of {', '.join((*MESSAGES, UNREACHABLE))}")
        elif known == [UNREACHABLE]:
            self._absence(place, line, at)
        elif known:
            self._message((*place, known[0]), known[0], line[known[0]], at)
        if "for" in line and known != [UNREACHABLE]:
            self.report((*place, "for"), "an unknown key", f"`for` only with {UNREACHABLE}")
        return at

    def _when(self, place: Place, line: dict[str, Any], before: Instant) -> Instant:
        said = [key for key in WHEN if key in line]
        if len(said) != 1:
            found = "both `at` and `after`" if said else MISSING
            self.report(place, found, f"`after`, {DURATION}, or `at`, a moment")
            return before
        where = (*place, said[0])
        if said == ["after"]:
            return self.after(where, line["after"], before)
        at = self.moment(where, line["at"], before)
        if at < before:
            found = f"{shown(line['at'])}, which is before what stands above it"
            self.report(where, found, "lines in the order in which they happen")
            return before
        return at

    def _absence(self, place: Place, line: dict[str, Any], at: Instant) -> None:
        named = line[UNREACHABLE]
        where = (*place, UNREACHABLE)
        if not isinstance(named, list) or not named:
            self.report(where, shown(named), f"a list of {', '.join(self.people)}")
            return
        until = self.after((*place, "for"), line["for"], at) if "for" in line else None
        for n, name in enumerate(named):
            self.one_of((*where, n), name, self.people)
            self.absent.append(Absence(str(name), at, until))

    def _message(self, place: Place, name: str, said: Any, at: Instant) -> None:
        message = MESSAGES[name]
        if said is None:
            said = {}
        elif not isinstance(said, dict):
            said = {main_field(message): said}
        line = Line(at, name, said)
        try:
            line.check()
        except ValidationError as error:
            self.mistakes_of(place, error, message)
            return
        if name == "raise_trigger":
            self.one_of((*place, "trigger"), said["trigger"], self.policy.triggers)
        elif name == "hold":
            self.one_of((*place, "reason"), said["reason"], [*self.policy.holds])
        elif name == "complete_action":
            actions = dict.fromkeys(each for level in self.policy.levels for each in level.actions)
            self.one_of((*place, "action"), said["action"], actions)
        self.lines.append(line)

    def _until(self, last_at: Instant) -> Instant:
        written = self._said("until")
        if last_at > self.opened_at + LONGEST_LOOK:
            self.report(("happens",), f"{shown(last_at.date())} at the end", _NO_LATER)
        if written is None:
            return last_at + HORIZON
        if isinstance(written, str) and written[:1].isdigit() and "-" not in written:
            return self.after(("until",), written, self.opened_at)
        until = self.moment(("until",), written, self.opened_at)
        if until < self.opened_at:
            self.report(("until",), shown(written), "a moment after the opening, or 4w")
        elif until > self.opened_at + LONGEST_LOOK:
            self.report(("until",), shown(written), _NO_LATER)
        return until
