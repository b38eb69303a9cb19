"""`make demo`: three cases climb the matrix before your eyes; `ARGS=--once` ends by itself.

Exit codes: 0 all that should happen did, 1 something did not, 2 wrong options, 128 and more a
signal before the end.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, NoReturn

from escalations import policy_file
from escalations.durations import Duration, Unit
from escalations.errors import EscaladeError
from starters.demo import checks, fast, story, summary
from starters.demo.screen import Screen
from starters.demo.stage import CHECKOUT, Stage, stage

MATRIX: Final = CHECKOUT / "policies" / "call-centre.yaml"
SETTLED_WITHIN: Final = 30.0
"""Seconds after the end of the last case within which the last invitation has come in."""

HOUR: Final = Duration.parse("6s")
"""How long an hour of the matrix lasts."""
SHORTEST, LONGEST = Duration.parse("1s"), Duration.parse("1h")

OK, AMISS, UNREAD = 0, 1, 141
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> NoReturn:
    """Run the demo, and leave at once.

    The interpreter's orderly exit is passed over: with temporalio's threads it can crash
    (sdk-python #300), and the exit code would be the crash's.
    """
    options = _options(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # they are text files here
    try:
        code = asyncio.run(Demo(options.once, options.hour).run())
        sys.stdout.flush()
    except BrokenPipeError:
        code = UNREAD
    os._exit(code)


class Demo:
    """One showing, from an empty folder to nothing left running."""

    def __init__(self, once: bool, hour: timedelta) -> None:
        self._once = once
        self._hour = hour
        self._screen = Screen()
        self._code = AMISS
        self._over = False
        """The story has been told: from now on an interruption is the end that was asked for."""

    async def run(self) -> int:
        """Show everything; the exit code."""
        showing = asyncio.create_task(self._show())
        signals: list[int] = []

        def end(number: int) -> None:
            if not signals:
                signals.append(number)
                showing.cancel()

        for number in _ENDING:
            asyncio.get_running_loop().add_signal_handler(number, end, number)
        try:
            await showing
        except asyncio.CancelledError:
            if not self._over:
                self._code = 128 + signals[0]
        except EscaladeError as error:
            sys.stderr.write(f"\n{error}\n")
            self._code = AMISS
        return self._code

    async def _show(self) -> None:
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="escalade-demo-"))
            stack.callback(self._leave, folder)
            (folder / "policies").mkdir()
            policy = fast.sped_up(policy_file.read(MATRIX), self._hour)
            policy = fast.write(policy, folder / "policies")
            stack.callback(self._screen.end)
            self._screen.say("Starting Temporal and a worker …")
            async with stage(folder, policy, self._screen.mail) as ready:
                await self._play(ready)

    def _leave(self, folder: Path) -> None:
        if self._once:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            self._screen.say(f"Kept: {folder}", to_copy=True)

    async def _play(self, ready: Stage) -> None:
        self._greet(ready)
        showing = asyncio.create_task(self._screen.keep_up())
        lost = asyncio.create_task(ready.worker.lost())
        playing = asyncio.create_task(self._tell(ready))
        try:
            await asyncio.wait({lost, playing}, return_when=asyncio.FIRST_COMPLETED)
            if lost.done():
                lost.result()
            problems = playing.result()
            self._code, self._over = AMISS if problems else OK, True
            if not self._once:
                self._farewell(ready)
                await lost
        finally:
            for task in (showing, lost, playing):
                task.cancel()
            await asyncio.gather(showing, lost, playing, return_exceptions=True)
            self._screen.end()

    async def _tell(self, ready: Stage) -> list[str]:
        """Tell the story, and what came of it; what went amiss."""
        self._screen.begin()
        try:
            records = await story.play(ready.client, self._screen, self._hour)
        except EscaladeError as error:
            msg = f"{error} The end of the worker's log:\n{ready.worker.last_words}"
            raise story.StoryBroken(msg) from error
        mails = ready.mail.mails
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLED_WITHIN):
                while checks.problems(records, mails):
                    ready.mail.arrived.clear()
                    await ready.mail.arrived.wait()
        self._screen.end()
        problems = checks.problems(records, mails)
        summary.show(self._screen, records, mails, problems)
        self._screen.say(f"Temporal UI: {ready.ui_url}")
        return problems

    def _greet(self, ready: Stage) -> None:
        lasts = Duration(Unit.HOURS, self._hour // timedelta(microseconds=1))
        self._screen.say(f"Temporal UI   {ready.ui_url}", "bold")
        self._screen.say(f"Mails         {ready.folder / 'mails'}", to_copy=True)
        self._screen.say(f"Matrix        {MATRIX.relative_to(CHECKOUT)}, an hour lasts {lasts}")
        self._screen.say()

    def _farewell(self, ready: Stage) -> None:
        address, mails = ready.address, ready.folder / "mails"
        self._screen.say()
        self._screen.say("All of it goes on running until Ctrl-C. Try:", "bold")
        self._screen.say(
            f"  TEMPORAL_ADDRESS={address} .venv/bin/escalade show BIL-2041", to_copy=True
        )
        self._screen.say(f"  .venv/bin/python -m starters.mail_catcher {mails} 1", to_copy=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m starters.demo",
        description="Three cases climb the call centre's matrix, sped up, before your eyes.",
    )
    parser.add_argument(
        "--once", action="store_true", help="end by itself; the exit code tells whether all is well"
    )
    parser.add_argument(
        "--hour",
        type=_hour,
        default=str(HOUR),
        metavar="TIME",
        help=f"how long an hour of the matrix lasts (default: {HOUR})",
    )
    return parser.parse_args(arguments)


def _hour(text: str) -> timedelta:
    try:
        hour = Duration.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if hour.unit is not Unit.HOURS or not SHORTEST <= hour <= LONGEST:
        msg = f"found {text!r}; allowed: from {SHORTEST} to {LONGEST}"
        raise argparse.ArgumentTypeError(msg)
    return timedelta(microseconds=int(hour.amount))


if __name__ == "__main__":
    main()
