"""A case that nobody knows, on a server that has just gone."""

import pytest
from temporalio.client import (
    Client,
    Interceptor,
    ListWorkflowsInput,
    OutboundInterceptor,
    WorkflowExecutionAsyncIterator,
)
from temporalio.service import RPCError, RPCStatusCode

from escalations.client import EscalationClient
from escalations.errors import CaseUnknown
from escalations.temporal import plugin
from tests.entrances.conftest import PATIENT
from tests.harness import Desk


class Mute(Interceptor, OutboundInterceptor):
    """Lists nothing: the server is gone by then."""

    def __init__(self) -> None:
        pass

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """In front of the others."""
        OutboundInterceptor.__init__(self, next)
        return self

    def list_workflows(self, input: ListWorkflowsInput) -> WorkflowExecutionAsyncIterator:
        """No answer."""
        raise RPCError("tcp connect error", RPCStatusCode.UNAVAILABLE, b"")


async def test_an_unknown_case_is_unknown_without_its_neighbours(desk: Desk) -> None:
    """A server that goes away while the neighbours are looked up does not change the answer."""
    address = desk.client.service_client.config.target_host
    connection = await Client.connect(address, plugins=[plugin()], interceptors=[Mute()])

    with pytest.raises(CaseUnknown, match="There is no case zz-unheard-of"):
        await EscalationClient(connection, answer_within=PATIENT).summary("zz-unheard-of")
