"""A ladder as a policy: its contacts, its levels, their windows."""

from collections.abc import Sequence
from typing import Any, Final

from escalations.durations import LONGEST, Duration, Unit
from escalations.importing import channels, safe_names
from escalations.importing.ladders import Asked, Ladder, Rung

MAX_LEVELS: Final = 50
MAX_ADDRESSES: Final = 10
_LONGEST: Final = int(LONGEST[Unit.HOURS].amount) // 1_000_000  # seconds


class Draft:
    """One policy in the making; `data` is what it says, `to_fill` what somebody has to add."""

    def __init__(self, ladder: Ladder, name: str) -> None:
        self.ladder = ladder
        self.to_fill: list[str] = []
        self._contacts: dict[str, dict[str, Any]] = {}
        self._known: dict[tuple[Asked, ...], str] = {}
        self._levels: list[dict[str, Any]] = []
        self._climb()
        summary = safe_names.line(ladder.summary or ladder.name)
        if ladder.summary and summary != ladder.summary:
            why = "A policy's summary is one line of 200 characters at most."
            ladder.part.lost("The whole description", why, "Keep it where your people read it.")
        self.data: dict[str, Any] = {
            "policy": name,
            **({"summary": summary} if summary else {}),
            "contacts": self._contacts,
            "levels": self._levels,
        }

    def _climb(self) -> None:
        ladder, rungs = self.ladder, _merged(self.ladder.rungs)
        if not rungs and not (ladder.rungs and ladder.part.reading.mistakes):
            allowed = f"at least one step that asks somebody, or files without this {ladder.kind}"
            ladder.part.mistake("no step that asks anybody", allowed)
        for rung in rungs:
            if rung.stays > _LONGEST:
                allowed = f"{written(_LONGEST)} at most"
                rung.part.mistake(f"{written(rung.stays)} for one step", allowed)
                rung.stays, rung.again = _LONGEST, ()
        if len(rungs) > MAX_LEVELS:
            found, allowed = f"{len(rungs)} steps", f"{MAX_LEVELS} at most, one level each"
            ladder.part.mistake(found, allowed)
            return
        for n, rung in enumerate(rungs, 1):
            level: dict[str, Any] = {"name": "", "contact": self._contact(rung)}
            level["name"] = self._level_name(self._contacts[level["contact"]]["name"], n)
            level |= self._times(rung) if n < len(rungs) else self._last_times(rungs)
            if ladder.release_after:
                level["release_after"] = written(min(ladder.release_after, _LONGEST))
            self._levels.append(level)

    def _level_name(self, name: str, number: int) -> str:
        taken = {level["name"] for level in self._levels}
        if name in taken or name == "next":
            return f"{safe_names.shortened(name, 180)} (level {number})"
        return name

    def _times(self, rung: Rung) -> dict[str, Any]:
        """The time of a step is the upper bound of a window, whose lower one reminds."""
        again = [moment for moment in rung.again if 0 < moment < rung.stays]
        reminder = f"{written(again[1])}.." if len(again) > 1 else ""
        return {"within": f"{reminder}{written(rung.stays)}"} | self._asks_again(rung, again, 2)

    def _asks_again(self, rung: Rung, again: Sequence[int], at_most: int) -> dict[str, Any]:
        """Asked again if nobody has acknowledged: once here, and reminded where a window ends."""
        if len(again) > at_most:
            moments = ", ".join(map(written, again[at_most:]))
            why = "Here a level is asked again once, and reminded once before a case moves on."
            advice = (
                "Shorten the window, or `repeat_every` on the last level, if that is too little."
            )
            rung.part.lost(f"Asked again after {moments}", why, advice)
        return {"acknowledge_within": written(again[0])} if again else {}

    def _last_times(self, rungs: list[Rung]) -> dict[str, Any]:
        """Nobody is above the last step: it hears of the case until it is resolved (D27)."""
        ladder = self.ladder
        every = sum(rung.stays for rung in rungs) + ladder.pause
        repeats = ladder.rounds > 0 and every > 0
        if ladder.rounds:
            times = "once more" if ladder.rounds == 1 else f"{ladder.rounds} times more"
            what = f"Starting again from the first step, {times}"
            why = (
                "Here a case never goes down the ladder by itself: it stays with the last level, "
                "which hears of it again and again until it is resolved."
            )
            advice = "The last level hears of it as often as before: " if repeats else ""
            advice += f"every {written(every)}. " if repeats else ""
            ladder.part.lost(what, why, f"{advice}Tell the first levels that they are asked once.")
        else:
            unused = f" (its own {written(rungs[-1].stays)} have no use)" if rungs[-1].stays else ""
            what = f"Silence after the last step{unused}"
            why = (
                "There, nobody hears of it any more after the last step. Here the last level is "
                "told again every business day until the case is resolved."
            )
            ladder.part.lost(what, why, "Set the last level's `repeat_every` as you like it.")
        return {
            "within": "until-resolved",
            **self._asks_again(rungs[-1], rungs[-1].again, 1),
            "repeat_every": written(min(every, _LONGEST)) if repeats else "1bd",
        }

    def _contact(self, rung: Rung) -> str:
        asked = tuple(dict.fromkeys(rung.asked))
        if asked in self._known:
            return self._known[asked]
        name = safe_names.line(", ".join(each.name for each in asked))
        taken = self._contacts.keys()
        key = safe_names.key(name, f"contact-{len(taken) + 1}", taken)
        self._known[asked] = key
        contact: dict[str, Any] = {"name": name or key}
        reach = self._reach(rung, asked, key)
        shifts = next((each for each in asked if each.shifts is not None), None)
        if shifts is not None:
            contact["rota"] = self._rota(rung, shifts, key)
        elif not reach:
            reach = [channels.nowhere(key)]
            self._fill(rung, f"contacts.{key}.reach", f"How {name or key} is reached")
        if reach:
            contact["reach"] = reach
        zones = {each.timezone for each in asked if each.timezone}
        if len(zones) == 1:
            contact["timezone"] = zones.pop()
        self._contacts[key] = contact
        return key

    def _reach(self, rung: Rung, asked: tuple[Asked, ...], key: str) -> list[str]:
        names = ", ".join(each.name for each in asked)
        if len(asked) > 1:
            what = f"Asking all at once: {names}"
            on_call = any(each.shifts for each in asked)
            why = (
                "A level here has one contact, and whoever is on call is told; the addresses of "
                "the others are used where the rota cannot be read."
                if on_call
                else "A level here has one contact, whose addresses are tried in order until one "
                "takes the message; the others do not hear of it."
            )
            advice = (
                f"Give `contacts.{key}` an address that reaches all of them, such as a mailing "
                "list or a channel, or make them levels of their own."
            )
            rung.part.lost(what, why, advice)
        addresses = list(dict.fromkeys(address for each in asked for address in each.reach))
        if len(addresses) > MAX_ADDRESSES:
            what = f"{len(addresses) - MAX_ADDRESSES} more addresses of {names}"
            why = f"A contact has {MAX_ADDRESSES} addresses at most."
            rung.part.lost(what, why, "Use one address that reaches all of them.")
        # mail needs no account, so it is tried first
        addresses.sort(key=lambda address: not address.startswith("mailto:"))
        return addresses[:MAX_ADDRESSES]

    def _rota(self, rung: Rung, asked: Asked, key: str) -> dict[str, Any]:
        shifts = asked.shifts
        if shifts is None:
            msg = "only a contact with shifts has a rota"
            raise ValueError(msg)
        rota: dict[str, Any] = {"calendar": shifts.calendar or f"fill-in/{key}.ics"}
        if not shifts.calendar:
            what = f"The calendar of {asked.name}"
            self._fill(rung, f"contacts.{key}.rota.calendar", what)
        if shifts.calendar.startswith(("http", "webcal")):
            why = "Such an address often holds a secret: whoever knows it can read the calendar."
            advice = "Write its secret part as `${ONCALL_CALENDAR}`, and give the worker the value."
            what = f"The secrecy of the calendar of {asked.name}"
            rung.part.to_fill(what, why, advice)
        if shifts.overrides:
            rota["overrides"] = shifts.overrides
        people: dict[str, Any] = {}
        for person in shifts.people:
            called = safe_names.line(person.name)
            if called and person.reach:
                people[called] = {"reach": list(person.reach)[:MAX_ADDRESSES]}
                if person.timezone:
                    people[called]["timezone"] = person.timezone
        if people:
            rota["people"] = people
        what = f"The people of {asked.name}" if not people else f"The names in {asked.name}"
        self._fill(rung, f"contacts.{key}.rota.people", what, _PEOPLE[bool(people)])
        return rota

    def _fill(self, rung: Rung, key: str, what: str, said: tuple[str, str] | None = None) -> None:
        why, advice = said or ("The export does not say it.", f"To be filled in: `{key}`.")
        rung.part.to_fill(what, why, advice.format(key=key))
        self.to_fill.append(f"{key}: {what}")


_PEOPLE: Final = {
    True: (
        "People are known here by the names that stand in the calendar, which the export does "
        "not show.",
        "To be checked: the names under `{key}` are those that the calendar uses.",
    ),
    False: (
        "The export does not say who takes part and how they are reached.",
        "To be filled in: `{key}`, each as the calendar names them, with `reach`; people whom the "
        "calendar names by their mail address need no entry.",
    ),
}
"""By whether people are known: why, and what to do."""


def _same(below: Rung, above: Rung) -> bool:
    """Whether a step only asks the same again."""
    return set(below.asked) == set(above.asked)


def _merged(rungs: list[Rung]) -> list[Rung]:
    """Steps that follow at once are one level; one that asks nobody, or the same again, lengthens
    the one before."""
    merged: list[Rung] = []
    for rung in rungs:
        if merged and merged[-1].stays == 0:
            before = merged.pop()
            merged.append(Rung(before.part, [*before.asked, *rung.asked], rung.stays, rung.again))
        elif merged and not rung.always and _same(merged[-1], rung):
            before = merged.pop()
            again = (*before.again, before.stays, *(before.stays + each for each in rung.again))
            merged.append(Rung(before.part, before.asked, before.stays + rung.stays, again))
        elif rung.asked:
            merged.append(rung)
        elif merged:
            before = merged.pop()
            stays = before.stays + rung.stays
            merged.append(Rung(before.part, before.asked, stays, before.again))
    return merged


def written(seconds: int) -> str:
    """Seconds as a policy writes them: `1h30m`."""
    return str(Duration(Unit.HOURS, seconds * 1_000_000))
