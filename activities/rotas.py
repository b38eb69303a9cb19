"""Reading rotas: who is on call in the next two weeks, from a calendar file or address.

A calendar that cannot be read is an answer, not a failure: whoever waits for it has a case to go
on with, and what to do without a roster is the engine's decision.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final, TypedDict
from weakref import WeakValueDictionary

from temporalio import activity
from temporalio.common import RetryPolicy

from activities.channels.outside import Cutoff, run_outside
from activities.channels.secrets import Address
from activities.letters import ChannelFailure, Refused, Unavailable
from activities.vouching import Vouching
from activities.web import Target, Web
from escalations.rostering import roster, unreadable
from escalations.rota import AHEAD, Roster, RotaQuestion, shown_source
from escalations.rota_calendars.files import content_of
from escalations.rota_calendars.people import People
from escalations.rota_calendars.reading import Reading, read
from escalations.rota_calendars.unreadable import CalendarCutShort, CalendarUnreadable

READ_WITHIN: Final = timedelta(seconds=10)
"""How long a rota may take, all tries together."""
TRIES: Final = 3
MAX_AT_ONCE: Final = 4
"""Of one server, from one worker."""


class ReadOptions(TypedDict):
    """What the workflow gives to Temporal with the activity."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


READ_OPTIONS: ReadOptions = {
    "start_to_close_timeout": 3 * READ_WITHIN,
    # It answers whatever happens to the calendar; what is tried again is a worker that was lost.
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3),
}


class Rotas:
    """Reads who is on call."""

    def __init__(
        self,
        folder: Path,
        secrets: Mapping[str, str],
        web: Web | None = None,
        within: timedelta = READ_WITHIN,
        pause: timedelta = timedelta(milliseconds=500),
        vouching: Vouching | None = None,
    ) -> None:
        """`folder` is where the policies are, and the calendars that are files.

        `secrets` is what `${NAME}` in an address may stand for, and nothing else. `pause` is how
        long to wait before a second try, twice that before a third.
        """
        self._folder = folder
        self._secrets = secrets
        self._web = web or Web()
        self._within, self._pause = within, pause
        self._vouching = vouching
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @activity.defn(name="read_rota")
    async def read_rota(self, question: RotaQuestion) -> Roster:
        """The roster from the moment of the question on; why there is none, if there is none."""
        sources = {"calendar": question.rota.calendar, "overrides": question.rota.overrides}
        people = People(question.rota.people)
        ends = asyncio.get_running_loop().time() + self._within.total_seconds()
        regular, overrides = await asyncio.gather(
            *(self._read(key, each, question, people, ends) for key, each in sources.items())
        )
        problems = [each for each in (regular, overrides) if isinstance(each, str)]
        if isinstance(regular, str) or isinstance(overrides, str):
            return unreadable(question, "\n".join(problems))
        unknown = [*regular.unknown, *overrides.unknown]
        return roster(question, regular.shifts, overrides.shifts, overrides.spans, unknown)

    async def _read(
        self, key: str, source: str | None, question: RotaQuestion, people: People, ends: float
    ) -> Reading | str:
        """One of both calendars, or why it cannot be read; without the address, which is a key."""
        if source is None:
            return Reading([], [], [])
        where = shown_source(source)
        try:
            if self._vouching is not None and not await self._vouching.vouch_for(source):
                msg = "no policy of these workers writes it: whoever keeps the policies does"
                raise Refused(msg)
            return await self._tried(source, where, question, people, ends)
        except ChannelFailure as failure:
            own = {n: value for n, value in self._secrets.items() if f"${{{n}}}" in source}
            said = Address(source, source, own).hide(str(failure))
            return f"rota.{key} ({where}) cannot be read: {said}."

    async def _tried(
        self, source: str, where: str, question: RotaQuestion, people: People, ends: float
    ) -> Reading:
        loop = asyncio.get_running_loop()
        for number in range(1, TRIES):
            pause = self._pause.total_seconds() * number
            try:
                return await self._once(source, where, question, people, ends - loop.time())
            except Unavailable:
                if loop.time() + pause >= ends:
                    raise
            await asyncio.sleep(pause)
        return await self._once(source, where, question, people, ends - loop.time())

    async def _once(
        self, source: str, where: str, question: RotaQuestion, people: People, seconds: float
    ) -> Reading:
        readings: list[Reading] = []

        def work(cutoff: Cutoff) -> None:
            window = (question.at, question.at + AHEAD)
            try:
                content = self._content(source, cutoff)
                readings.append(read(content, people, question.timezone, window, _look_up(cutoff)))
            except CalendarCutShort as problem:
                raise Unavailable(str(problem)) from problem
            except CalendarUnreadable as problem:
                raise Refused(str(problem)) from problem

        await run_outside(work, seconds, self._slots_of(where), where)
        return readings[0]

    def _content(self, source: str, cutoff: Cutoff) -> bytes:
        if "://" in source:
            return self._web.fetch(Target.of(source, self._secrets), cutoff)
        return content_of(self._folder, source)

    def _slots_of(self, server: str) -> asyncio.Semaphore:
        slots = self._slots.get(server)
        if slots is None:
            slots = self._slots[server] = asyncio.Semaphore(MAX_AT_ONCE)
        return slots


def _look_up(cutoff: Cutoff) -> Callable[[], None]:
    def look_up() -> None:
        if cutoff.is_over:
            raise Unavailable("no time was left")

    return look_up
