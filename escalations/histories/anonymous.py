"""Histories of a case without the people in it, fit to be kept as tests."""

import json
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from temporalio.client import WorkflowHistory

from escalations.explaining.retelling import Retelling, differences
from escalations.explaining.run import PolicyFound, Run
from escalations.exporting.inputs import Inputs, Json
from escalations.exporting.outputs import Inexportable, Outputs
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.exporting.walking import Walker
from escalations.histories.anonymous_retrospectives import anonymous_retrospective
from escalations.histories.malformed import anonymous_start
from escalations.histories.plain import refused, workflow_type
from escalations.histories.reading import run_of
from escalations.names import Workflow
from escalations.policy import Policy
from escalations.record import Baton
from escalations.request import EscalationRequest


def anonymous(histories: Sequence[WorkflowHistory]) -> list[Json]:
    """The runs of one case, in their order, with pseudonyms that are the same in all of them.

    Raises:
        Inexportable: a run goes another way when it is retold, with its own names or with others.
    """
    kinds = {workflow_type(history) for history in histories}
    if kinds == {Workflow.RETROSPECTIVE}:
        return anonymous_retrospective(histories)
    if all(refused(history) for history in histories):
        return anonymous_start(histories)
    runs = [run_of(history) for history in histories]
    first = runs[0].opening
    policies = [policy for run in runs for policy in _policies(run)]
    pseudonyms = Pseudonyms(phrase for policy in policies for phrase in _phrases(policy))
    request = first if isinstance(first, EscalationRequest) else first.record.request
    pseudonyms.language = request.customer.language or "en"
    walker = Walker(pseudonyms, request.case)
    for policy in policies:
        walker.learn(policy)
    told: list[Json] = []
    baton: Baton | None = None
    for history, run in zip(histories, runs, strict=True):
        before = _told(run)
        if found := list(differences(before)):
            msg = f"{Inexportable.__doc__} It was decided by another build: {found[0][:300]}"
            raise Inexportable(msg)
        history_told, after = _run(history, Inputs(walker), baton)
        if (was := _way(before)) != (now := _way(after)):
            alike = len([*takewhile(lambda two: two[0] == two[1], zip(was, now, strict=False))])
            msg = f"{Inexportable.__doc__} Entry {alike + 1} of its timeline is another one."
            raise Inexportable(msg)
        told.append(history_told)
        baton = Baton(record=after.record) if run.ended == "continued_as_new" else None
    return told


def _told(run: Run) -> Retelling:
    """A run, told again; one that was refused has no case, and needs none."""
    retelling = Retelling(run)
    if run.snapshot is not None or isinstance(run.opening, Baton):
        retelling.tell()
    return retelling


def _run(history: WorkflowHistory, inputs: Inputs, baton: Baton | None) -> tuple[Json, Retelling]:
    events: list[Json] = json.loads(history.to_json())["events"]
    told = inputs.events(events, baton)
    retelling = _told(run_of(WorkflowHistory.from_json("", {"events": _without_outputs(told)})))
    opening = retelling.run.opening
    request = opening if isinstance(opening, EscalationRequest) else opening.record.request
    if isinstance(opening, Baton) and opening.reopening is not None:
        request = opening.reopening
    outputs = Outputs(retelling, request)
    return {"events": [outputs.event(*each) for each in zip(told, events, strict=True)]}, retelling


def _without_outputs(events: Sequence[Json]) -> list[Json]:
    """Without what the run ended with, which is decided again."""
    ends = ("workflowExecutionCompleted", "workflowExecutionContinuedAsNew")
    return [e for e in events if not any(name.startswith(ends) for name in e)]


def _policies(run: Run) -> Iterator[Policy]:
    """Every policy that a run went by, or was told to."""
    if isinstance(run.opening, Baton):
        yield run.opening.record.snapshot.policy
    if run.snapshot is not None:
        yield run.snapshot.policy
    for turn in run.turns:
        yield from (e.snapshot.policy for e in turn.reported if isinstance(e, PolicyFound))


def _phrases(policy: Policy) -> list[str]:
    of: list[Any] = [*policy.triggers.values(), *policy.knowledge]
    return [phrase for each in of for words in each.phrases.values() for phrase in words]


def _way(retelling: Retelling) -> list[tuple[str, int, str]]:
    """How a case went: the types, levels and moments of its timeline."""
    if retelling.case is None:
        return []
    return [(each.type, each.level, each.at.isoformat()) for each in retelling.record.timeline]


def written(history: Json) -> str:
    """An event a line, as `tests/histories` keeps them."""
    lines = ",\n".join(json.dumps(event) for event in history["events"])
    return f'{{"events": [\n{lines}\n]}}\n'
