"""What anybody on the stack's network is told: all pages of metrics, and the server of each run.

Run within a container of the stack, by `python -c`; prints one JSON object, place → text. The
server's own page lists all runs, and knows no way to one whose id has a slash: those it is asked
by gRPC, and through the UI.
"""

import asyncio
import base64
import binascii
import json
import re
import sys
import urllib.request
from urllib.parse import quote

from google.protobuf.json_format import MessageToJson
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    QueryWorkflowRequest,
)
from temporalio.client import Client

from workers.leaving import leave

NAMESPACE = "escalade"
UI = f"http://ui:8080/api/v1/namespaces/{NAMESPACE}/workflows"
PAGES = (
    "http://worker-1:9464/metrics",
    "http://worker-2:9464/metrics",
    "http://canary:9464/metrics",
    "http://temporal:8000/metrics",
    f"http://temporal:7243/api/v1/namespaces/{NAMESPACE}/workflows?pageSize=1000",
    f"{UI}?maximumPageSize=1000",
)


def page(address: str) -> str:
    """What is there."""
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  http
        text: str = answer.read().decode()
    return text


async def runs() -> dict[str, str]:
    """Every case's runs, described, told event by event; open ones are asked for their record."""
    client = await Client.connect("temporal:7233", namespace=NAMESPACE)
    service = client.workflow_service
    told: dict[str, str] = {}
    async for each in client.list_workflows("WorkflowType != 'Canary'"):
        run = WorkflowExecution(workflow_id=each.id, run_id=each.run_id)
        described = DescribeWorkflowExecutionRequest(namespace=NAMESPACE, execution=run)
        answer = await service.describe_workflow_execution(described)
        told[f"API: {each.id} described"] = decoded(MessageToJson(answer))
        events = GetWorkflowExecutionHistoryRequest(namespace=NAMESPACE, execution=run)
        history = await service.get_workflow_execution_history(events)
        told[f"API: {each.id} history"] = decoded(MessageToJson(history))
        shown = f"{UI}/{quote(each.id, safe='')}/history?execution.runId={each.run_id}"
        told[f"UI: {each.id} history"] = decoded(await asyncio.to_thread(page, shown))
        if answer.workflow_execution_info.type.name == "Escalation" and each.close_time is None:
            asked = QueryWorkflowRequest(namespace=NAMESPACE, execution=run)
            asked.query.CopyFrom(WorkflowQuery(query_type="record"))
            record = await service.query_workflow(asked)
            told[f"API: {each.id} record"] = decoded(MessageToJson(record))
    return told


def decoded(text: str) -> str:
    """The text, and in plain whatever in it is base64."""
    found = [text]
    for word in set(re.findall(r'"([A-Za-z0-9+/]{12,}={0,2})"', text)):
        try:
            found.append(base64.b64decode(word, validate=True).decode("utf-8", "replace"))
        except binascii.Error:
            continue
    return "\n".join(found)


if __name__ == "__main__":
    json.dump({each: decoded(page(each)) for each in PAGES} | asyncio.run(runs()), sys.stdout)
    leave(0)
