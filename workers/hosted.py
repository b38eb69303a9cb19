"""The workflows that our workers host, and that the gate replays."""

from typing import Final

from workflows.escalation import EscalationWorkflow
from workflows.retrospective import RetrospectiveWorkflow

WORKFLOWS: Final = (EscalationWorkflow, RetrospectiveWorkflow)
