"""Log lines: one JSON object each, or columns for people, and one line for one event.

All go one way, structlog's, the standard library's and the SDK core's: one handler, one formatter.
Workflow code runs again, from its history, after every eviction and restart; what it says then has
been said before and is dropped, what its queries and updates say is kept. A line has a greatest
length, and values whose key sounds like a secret are hidden.
"""

import logging
import sys
from contextlib import suppress
from typing import Any, Final, Protocol, TextIO

import structlog
from structlog.typing import EventDict, Processor
from temporalio import activity, workflow
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from escalations.errors import EscaladeError
from workers.log_lines import as_json, bounded, head, printable
from workers.metrics import page
from workers.settings import Running

_CORE: Final = logging.getLogger("temporalio.core")
_TALKATIVE: Final = ("apprise", "urllib3")  # each send at INFO, which the timeline has anyway


class MetricsUnavailable(EscaladeError):
    """The metrics address cannot be listened on. Set ESCALADE_METRICS_ADDRESS to a free one."""


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; one that cannot be made is reported by another one, not by a stack trace."""

    def handleError(self, record: logging.LogRecord) -> None:
        report = {"level": "error", "event": "log.failed", "logger": record.name}
        with suppress(OSError, ValueError):
            self.stream.write(
                as_json(None, "", {**report, "error": repr(sys.exc_info()[1])}) + "\n"
            )


class LogSettings(Protocol):
    """How a process writes its log."""

    @property
    def log(self) -> str:
        """`json` or `console`."""

    @property
    def log_level(self) -> str:
        """The least severe lines that are written."""


def configure(settings: LogSettings, stream: TextIO | None = None) -> None:
    """Send every log line of this process to one stream.

    Args:
        settings: form and least level of the lines.
        stream: where to; standard error if `None`.
    """
    stream = stream or sys.stderr
    handler = _Handler(stream)
    handler.addFilter(lambda record: not _was_said_before())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), _without_sdk_objects, add_temporal],
            processors=[
                head,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                bounded,
                *_rendering(settings, stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    structlog.configure(
        processors=[
            drop_replay,
            structlog.stdlib.filter_by_level,
            add_temporal,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def runtime(settings: Running) -> Runtime:
    """The SDK's runtime: the core's warnings in our log, metrics where the settings say.

    Raises:
        MetricsUnavailable: the address for metrics is taken or not of this machine.
    """
    forwarding = LogForwardingConfig(
        _CORE,
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    logs = LoggingConfig(TelemetryFilter("WARN", "ERROR"), forwarding=forwarding)
    metrics = page(settings.metrics_address) if settings.metrics_address else None
    try:
        return Runtime(telemetry=TelemetryConfig(logging=logs, metrics=metrics))
    except (RuntimeError, ValueError) as error:
        if metrics is None:
            raise
        msg = (
            f"Metrics cannot be offered at {settings.metrics_address} ({error}). "
            "Set ESCALADE_METRICS_ADDRESS to an address of this machine with a free port."
        )
        raise MetricsUnavailable(msg) from error


def drop_replay(_: Any, __: str, event: EventDict) -> EventDict:
    """First of the processors: no work for a line that workflow code has written before.

    The handler has a filter that does the same for lines that do not come through structlog.
    """
    if _was_said_before():
        raise structlog.DropEvent
    return event


def add_temporal(_: Any, __: str, event: EventDict) -> EventDict:
    """Which workflow, update or activity is speaking."""
    if workflow.in_workflow():
        run = workflow.info()
        event.update(workflow_id=run.workflow_id, run_id=run.run_id)
        if update := workflow.current_update_info():
            event.update(update=update.name, update_id=update.id)
    elif activity.in_activity():
        work = activity.info()
        event.update(
            workflow_id=work.workflow_id,
            run_id=work.workflow_run_id,
            activity=work.activity_type,
            attempt=work.attempt,
        )
    return event


def _was_said_before() -> bool:
    # Not `is_replaying`, which is also true while a query is answered from a replayed history.
    return workflow.in_workflow() and workflow.unsafe.is_replaying_history_events()


def _without_sdk_objects(_: Any, __: str, event: EventDict) -> EventDict:
    """What the SDK hangs on a record, as plain fields with our names."""
    run = event.pop("temporal_workflow", None) or {}
    event.pop("temporal_activity", None)
    event.pop("workflow_info", None)
    event.pop("activity_info", None)
    for key in ("workflow_id", "run_id"):
        if key in run:
            event.setdefault(key, run[key])
    if core := event.pop("temporal_log", None):
        event.update(target=core.target, fields=core.fields)
    return event


def _rendering(settings: LogSettings, stream: TextIO) -> list[Processor]:
    if settings.log == "json":
        return [as_json]
    columns = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        timestamp_key="at",
        exception_formatter=structlog.dev.plain_traceback,
    )
    return [printable, columns]
