"""What of an event says nothing of anybody: keys of numbers, moments and codes, and no others."""

import re
from typing import Any, Final

KEPT: Final = frozenset(
    [
        "eventId",
        "eventTime",
        "eventType",
        "taskId",
        "workerMayIgnore",
        "version",
        "scheduledEventId",
        "startedEventId",
        "workflowTaskCompletedEventId",
        "initiatedEventId",
        "acceptedEventId",
        "acceptedRequestSequencingEventId",
        "parentInitiatedEventId",
        "attempt",
        "startToCloseTimeout",
        "scheduleToCloseTimeout",
        "scheduleToStartTimeout",
        "heartbeatTimeout",
        "startToFireTimeout",
        "workflowTaskTimeout",
        "workflowRunTimeout",
        "workflowExecutionTimeout",
        "firstWorkflowTaskBackoff",
        "backoffStartInterval",
        "timerId",
        "activityId",
        "historySizeBytes",
        "suggestContinueAsNew",
        "suggestContinueAsNewReasons",
        "retryPolicy",
        "retryState",
        "initiator",
        "parentClosePolicy",
        "workflowIdReusePolicy",
        "useWorkflowBuildId",
        "inheritBuildId",
        "cause",
        "timeoutType",
        "nonRetryable",
        "coreUsedFlags",
        "langUsedFlags",
        "sdkName",
        "sdkVersion",
        "initialInterval",
        "backoffCoefficient",
        "maximumInterval",
        "maximumAttempts",
    ]
)
"""Keys of numbers, moments and codes."""
OPENED: Final = frozenset(
    [
        "sdkMetadata",
        "retryPolicy",
        "applicationFailureInfo",
        "timeoutFailureInfo",
        "canceledFailureInfo",
        "activityFailureInfo",
        "meta",
        "acceptedRequest",
        "input",
        "failure",
    ]
)
"""Keys of objects that are looked into."""
UUIDS: Final = frozenset(
    [
        "originalExecutionRunId",
        "firstExecutionRunId",
        "continuedExecutionRunId",
        "newExecutionRunId",
        "runId",
        "requestId",
    ]
)
UPDATE_IDS: Final = frozenset({"updateId", "protocolInstanceId"})
NAMES: Final = frozenset(
    [
        "Escalation",
        "Retrospective",
        "snapshot_policy",
        "notify",
        "read_rota",
        "invite",
        "core_local_activity",
    ]
)
"""Of workflows, activities and markers."""
_ENUMS: Final = (
    "EVENT_TYPE|RETRY_STATE|TIMEOUT_TYPE|CONTINUE_AS_NEW_INITIATOR|PARENT_CLOSE_POLICY"
    "|WORKFLOW_ID_REUSE_POLICY|WORKFLOW_TASK_FAILED_CAUSE|SUGGEST_CONTINUE_AS_NEW_REASON"
    "|START_CHILD_WORKFLOW_EXECUTION_FAILED_CAUSE"
)
_CODE: Final = re.compile(rf"({_ENUMS})_[A-Z0-9_]+|[0-9.]+s?|[0-9TZ:.+\-]+|temporal-python")
ERRORS: Final = re.compile(
    r"(Value|Type|Key|Index|Runtime|OS|IO|Timeout|Connection\w*|Permission|NotImplemented|Lookup"
    r"|Attribute|Assertion|Application|Unicode\w*|Validation)?Error|Exception|Refused|Unavailable"
    r"|InvalidRequest|PolicyInvalid|RequestInvalid|BeingOpened|CancelledError"
)
"""Error types that anybody has."""
IDS: Final = frozenset({"activity_id"})
"""Keys of a local activity's marker whose strings are numbers."""


def is_code(value: Any) -> bool:
    """Whether it is a number, a moment, a code of Temporal's, or a list of such."""
    if isinstance(value, list):
        return all(is_code(each) for each in value)
    if isinstance(value, str):
        return _CODE.fullmatch(value) is not None
    return not isinstance(value, dict)
