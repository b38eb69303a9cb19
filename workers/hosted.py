"""The workflows that our workers host; the gate replays with the same."""

from typing import Final

from workflows.canary import CanaryWorkflow
from workflows.escalation import EscalationWorkflow
from workflows.retrospective import RetrospectiveWorkflow

WORKFLOWS: Final = (EscalationWorkflow, RetrospectiveWorkflow, CanaryWorkflow)
