"""What a process of the gate does: replays what it is told, and answers with verdicts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import BinaryIO

from temporalio.client import Client, WorkflowHistory
from temporalio.converter import PayloadCodec
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from escalations.temporal import encryption
from workers.replay.compare import verdict
from workers.replay.jobs import Job, Server, Unreadable, history_of
from workers.replay.past import Past, read
from workers.replay.present import replayed
from workers.replay.verdicts import Verdict


class Hand:
    """Takes jobs from standard input, answers on what was standard output."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._job: Job | None = None
        self._again = False

    def say(self, words: str) -> None:
        """Answer one line."""
        self._answers.write(words.encode() + b"\n")
        self._answers.flush()

    async def work(self) -> None:
        """Until nobody tells it more."""
        server = Server.model_validate_json(await _heard())
        client, codec = await server.connected(), encryption(server.keys)
        self.say('"ready"')
        async for past, present in replayed(self._histories(client, codec), codec=codec):
            stumbled = present.failure is not None and not present.nondeterminism
            if stumbled and not self._again:
                self._again = True  # a busy machine, perhaps: only what fails twice is a finding
                continue
            self._again = False
            if self._job is not None:
                self.say(verdict(past, present, self._job.name).model_dump_json())

    async def _histories(
        self, client: Client | None, codec: PayloadCodec | None
    ) -> AsyncIterator[tuple[Past, WorkflowHistory]]:
        while line := await _heard():
            self._job = job = Job.model_validate_json(line)
            try:
                history = await history_of(job, client, codec)
                past = read(history)
            except (Unreadable, ValueError) as error:
                self.say(Verdict(name=job.name, unread=str(error)).model_dump_json())
                continue
            yield past, history
            if self._again:
                yield past, history


async def _heard() -> bytes:
    return await asyncio.to_thread(sys.stdin.buffer.readline)


def silence() -> None:
    """The SDK's core says nothing of histories that do not fit: that is what the verdict says."""
    silent = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=silent)))
