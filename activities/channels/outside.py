"""Blocking work against an outside server, in a thread that can be cut off.

The event loop's own pool of threads is not used: a few servers that hang would fill it, and hold up
everything else that the worker does. The threads are daemons, since a server that hangs must not
hold up the worker's exit either.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic

from activities.letters import Unavailable


class Cutoff:
    """The end of the time that one piece of work has, and the way to cut it off then."""

    def __init__(self, seconds: float) -> None:
        self._ends = monotonic() + seconds
        self._lock = threading.Lock()
        self._close: Callable[[], None] | None = None
        self._is_cut = False

    @property
    def seconds_left(self) -> float:
        """What is left, never quite nothing: for a socket's timeout."""
        return max(self._ends - monotonic(), 0.001)

    @property
    def is_over(self) -> bool:
        """Whether it was cut off: for work that holds nothing open and looks up now and then."""
        return self._is_cut

    def closes(self, close: Callable[[], None]) -> None:
        """What the work holds open; `close` is called from another thread and does not raise.

        Raises:
            Unavailable: the time is over already.
        """
        with self._lock:
            self._close = close
            if not self._is_cut:
                return
        close()
        raise Unavailable("no time was left")

    def cut(self) -> None:
        """The time is over: what the work holds open is closed, and with that the work ends."""
        with self._lock:
            self._is_cut, close = True, self._close
        if close is not None:
            close()


async def run_outside(
    work: Callable[[Cutoff], None], seconds: float, slots: asyncio.Semaphore, server: str
) -> None:
    """Do it in a thread of its own, once one of the server's slots is free.

    A slot is given back when the thread has really ended, so that a server never has more
    connections of ours than it has slots; waiting for one counts as time, too.

    Raises:
        Refused, Unavailable: what the work raised.
        Unavailable: it was not done in time.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    try:
        async with asyncio.timeout_at(ends):
            await slots.acquire()
    except TimeoutError:
        raise Unavailable(f"{server} was busy for {seconds:.3g} s") from None
    if ends - loop.time() < seconds / 10:  # it would come and go, beside those just cut off
        slots.release()
        raise Unavailable(f"{server} was busy for {seconds:.3g} s")
    cutoff = Cutoff(ends - loop.time())
    outcome: asyncio.Future[Exception | None] = loop.create_future()

    def done(problem: Exception | None) -> None:
        slots.release()
        if not outcome.cancelled():
            outcome.set_result(problem)

    def in_thread() -> None:
        problem = None
        try:
            work(cutoff)
        except Exception as error:
            problem = error
        with suppress(RuntimeError):  # the loop is closed: the worker has ended
            loop.call_soon_threadsafe(done, problem)

    threading.Thread(target=in_thread, name=f"outside: {server}", daemon=True).start()
    try:
        await asyncio.wait([outcome], timeout=ends - loop.time())
    finally:
        if not outcome.done():
            cutoff.cut()
    if not outcome.done():
        raise Unavailable(f"{server} did not answer within {seconds:.3g} s")
    problem = outcome.result()
    if problem is not None:
        raise problem
