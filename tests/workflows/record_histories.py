"""Records histories of all paths: `python -m tests.workflows.record_histories [--anew] [PATH …]`.

Without arguments it records the paths that have no history yet. One that is there stays: it is a
case as it runs somewhere, and a replay of it that fails says that such cases would stop. Only
where no case can be open that went that way, `--anew` takes its place.
"""

import argparse
import asyncio
import json
import logging
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from temporalio.client import Client, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from escalations.policy_file import read
from tests import harness
from tests.workflows import ordinary_paths, retrospective_paths, special_paths
from tests.workflows.paths import PATHS, Handle
from tests.workflows.replaying import HISTORIES

POLICY = HISTORIES / "policy.yaml"
SHORT_RUNS = {
    special_paths.continued.__name__: 40,
    retrospective_paths.retrospective_continued.__name__: 40,
}
"""Paths on a server that suggests a new run after so many events."""
_ANONYMOUS: dict[str, Any] = {"identity": "recorder", "taskQueue": {"name": "escalations"}}
RECORDED_IN = (ordinary_paths, special_paths, retrospective_paths)
"""Where the paths are told; importing them fills `PATHS`."""


def recorded_paths() -> set[str]:
    """The paths that have a history, or one for each of their runs."""
    return {re.sub(r"_\d+$", "", file.stem) for file in HISTORIES.glob("*.json")}


def names_of(histories: list[WorkflowHistory], path: str) -> list[str]:
    """The files of a path: its name, numbered where it took several runs."""
    if len(histories) == 1:
        return [path]
    return [f"{path}_{n}" for n in range(1, len(histories) + 1)]


async def record(paths: list[str]) -> None:
    """Let these stories happen on a real server, and keep what it wrote down."""
    for new_run_after in sorted({_new_run_after(path) for path in paths}):
        async with harness.virtual_time_server(new_run_after) as server:
            for path in paths:
                if _new_run_after(path) == new_run_after:
                    await _record(path, server)


def _new_run_after(path: str) -> int:
    return SHORT_RUNS.get(path, 1500)


async def _record(path: str, server: WorkflowEnvironment) -> None:
    with TemporaryDirectory() as folder:
        async with harness.desk(server, Path(folder), more=[read(POLICY)]) as desk:
            handle = await PATHS[path](desk)
            histories = [history async for history in _runs(desk.client, handle)]
    for name, history in zip(names_of(histories, path), histories, strict=True):
        (HISTORIES / f"{name}.json").write_text(_written(history), "utf-8")
        sys.stdout.write(f"{name}: {len(history.events)} events\n")


async def _runs(client: Client, handle: Handle) -> AsyncIterator[WorkflowHistory]:
    """The runs of a workflow, from the one that the handle started."""
    run_id = handle.first_execution_run_id
    while True:
        run = client.get_workflow_handle(handle.id, run_id=run_id)
        history: WorkflowHistory = await run.fetch_history()
        yield history
        ended = history.events[-1].workflow_execution_continued_as_new_event_attributes
        if not (run_id := ended.new_execution_run_id):
            return


def _written(history: WorkflowHistory) -> str:
    """An event a line, without the names of machine, processes and task queue."""
    events = json.loads(history.to_json())["events"]
    lines = ",\n".join(json.dumps(_anonymous(event)) for event in events)
    return f'{{"events": [\n{lines}\n]}}\n'


def _anonymous(value: Any) -> Any:
    match value:
        case dict():
            kept = {key: _anonymous(each) for key, each in value.items() if key != "stackTrace"}
            return kept | {key: known for key, known in _ANONYMOUS.items() if key in value}
        case list():
            return [_anonymous(each) for each in value]
        case _:
            return value


def main() -> None:
    """Record what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="*", help="which; all if none is named")
    parser.add_argument("--anew", action="store_true", help="also those that have a history")
    said = parser.parse_args()
    if unknown := sorted(set(said.path) - set(PATHS)):
        parser.error(f"no such path: {', '.join(unknown)}; there are {', '.join(PATHS)}")
    there = set() if said.anew else recorded_paths()
    wanted = [path for path in said.path or PATHS if path not in there]
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(record(wanted))


if __name__ == "__main__":
    main()
