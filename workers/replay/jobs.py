"""What is to be replayed: a run on a server, or a file; and how its history is read."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from google.protobuf.json_format import ParseError
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from escalations import names
from escalations.model import Value

FETCHED_WITHIN: Final = timedelta(seconds=30)


class Server(Value):
    """Which server; what is `None` the environment says."""

    address: str | None = None
    namespace: str | None = None
    profile: str | None = None


class Job(Value):
    """One history to be replayed: of a run, or in a file."""

    workflow_id: str = ""
    run_id: str = ""
    file: Path | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        if self.file is not None:
            return str(self.file)
        kind, _, case = self.workflow_id.partition("/")
        return case if kind == names.escalation_id("").rstrip("/") else self.workflow_id


class Unreadable(Exception):
    """A history that cannot be had, and why."""


async def history_of(job: Job, client: Client | None) -> WorkflowHistory:
    """Its history.

    Raises:
        Unreadable: with the reason.
    """
    if job.file is not None:
        return _from_file(job.file)
    if client is None:
        msg = "there is no server to ask"
        raise Unreadable(msg)
    handle = client.get_workflow_handle(job.workflow_id, run_id=job.run_id or None)
    try:
        history: WorkflowHistory = await handle.fetch_history(rpc_timeout=FETCHED_WITHIN)
    except RPCError as error:
        raise Unreadable(error.message) from None
    return history


def _from_file(file: Path) -> WorkflowHistory:
    try:
        return WorkflowHistory.from_json(file.stem, file.read_text("utf-8"))
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except (ValueError, KeyError, TypeError, AttributeError, ParseError) as error:
        msg = f"it is no history as `temporal workflow show --output json` writes it ({error})"
        raise Unreadable(msg) from None


def in_files(places: tuple[Path, ...]) -> list[Path]:
    """The files, and the JSON files of the folders, each once, in order."""
    found: dict[Path, None] = {}
    for each in places:
        found |= dict.fromkeys(sorted(each.glob("*.json")) if each.is_dir() else [each])
    return list(found)
