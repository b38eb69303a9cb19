"""A worker as it is run, and requests that name where its messages should go."""

import dataclasses
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.notifications import NOTIFY_OPTIONS
from escalations import names
from escalations.client import EscalationClient
from escalations.events import Outcome
from escalations.mistakes import RequestMistakes
from escalations.record import Opening
from escalations.rota import RotaQuestion
from escalations.temporal import INVALID_REQUEST, connect
from tests.activities.people import AT, recipient, telling
from tests.deployment.processes import worker_process
from tests.harness import policies, request
from workers import composition
from workers.settings import Settings

LONG = timedelta(seconds=60)


async def test_nobody_opens_a_case_with_such_an_address(tmp_path: Path) -> None:
    """A client refuses a secret before anything is sent; whoever goes past it, or names a channel
    that the workers do not allow, has their run failed at once, with what is allowed and who can
    change it. What the workers allow is taken."""
    options = ("--embedded", f"--db={tmp_path / 'cases.db'}", "--port=0", "--ui-port=0")
    settings = {"ESCALADE_REQUEST_CHANNELS": "mailto, json", "ESCALADE_SECRET_HOOK": "s3cret"}
    async with worker_process(tmp_path, *options, **settings) as worker:
        address = (await worker.says("worker.started"))["address"]
        connection = await connect(address=address, within=LONG)
        client = EscalationClient(connection, answer_within=LONG)
        now = datetime.now(UTC)
        stolen = request(
            case="T-1", reported_at=now, customer={"contacts": ["mailto:${HOOK}@evil.example"]}
        )
        refused = r"nothing was sent\.\ncustomer\.contacts\.0: .*without a secret"
        with pytest.raises(RequestMistakes, match=refused):
            await client.open(stolen)

        with pytest.raises(WorkflowFailureError) as failed:
            await connection.execute_workflow(
                names.Workflow.ESCALATION,
                Opening(stolen),
                id=names.escalation_id("T-1"),
                task_queue=names.TASK_QUEUE,
                execution_timeout=LONG,
            )
        team = {"lawyer": {"name": "Kim", "reach": ["xml://127.0.0.1:8080/admin"]}}
        with pytest.raises(WorkflowFailureError) as elsewhere:
            await connection.execute_workflow(
                names.Workflow.ESCALATION,
                Opening(request(case="T-2", reported_at=now, team=team)),
                id=names.escalation_id("T-2"),
                task_queue=names.TASK_QUEUE,
                execution_timeout=LONG,
            )
        allowed = {"lawyer": {"name": "Kim", "reach": ["json://127.0.0.1:9/"]}}
        opened = await client.open(request(case="T-3", reported_at=now, team=allowed))
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0

    assert opened.case == "T-3"
    causes = [failed.value.cause, elsewhere.value.cause]
    said = [each for each in causes if isinstance(each, ApplicationError)]
    assert [each.type for each in said] == [INVALID_REQUEST] * 2
    assert "customer.contacts.0: found '${…}'" in said[0].message
    assert "team.lawyer.reach.0: found 'xml://…'; allowed: json, mailto" in said[1].message
    assert "ESCALADE_REQUEST_CHANNELS" in said[1].message


async def test_a_worker_sends_nothing_there(tmp_path: Path) -> None:
    """Whatever a worker is handed, it speaks to no inner address, fetches no calendar and tells
    nobody a secret, but where its own policies say."""
    settings = Settings(
        records_url=SecretStr(f"sqlite:///{tmp_path / 'records.db'}"),
        secrets={"HOOK": SecretStr("s3cret")},
    )
    hands = composition.hands(settings, policies())
    does = {each.__name__: each for each in hands.activities}
    forged = "://127.0.0.1:9/${HOOK}"
    rota = {"calendar": f"http{forged}.ics"}
    question = RotaQuestion.model_validate({"contact": "desk", "rota": rota, "at": AT})
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(
        environment.info, retry_policy=NOTIFY_OPTIONS["retry_policy"]
    )
    told: Any = await environment.run(does["notify"], telling(recipient("ada", f"json{forged}")))
    read: Any = await ActivityEnvironment().run(does["read_rota"], question)
    await hands.ledger.close()

    ((answer,), problem) = told, read.problem
    assert answer.outcome is Outcome.UNREACHABLE
    for said in (answer.detail, problem):
        assert "no policy of these workers writes" in said
        assert "s3cret" not in said
