"""Cases that happened: histories from `escalade export`, kept in `tests/histories/exported`.

A file that is put there is a test from then on (docs/testing.md). It says nothing of anybody.
"""

import pytest

from escalations.explaining.story import story_of
from escalations.explaining.telling import told
from escalations.histories.plain import of_file, refused, workflow_type
from escalations.histories.reading import run_of
from escalations.names import Workflow
from tests.workflows import replaying

EXPORTED = {
    file.stem: file.read_text("utf-8")
    for file in sorted((replaying.HISTORIES / "exported").glob("*.json"))
}


@pytest.mark.parametrize("name", EXPORTED)
async def test_a_case_that_happened_is_decided_the_same(name: str) -> None:
    """What our code decided then it decides now, message by message; and a case is explained."""
    history = of_file(EXPORTED[name])

    assert await replaying.differing(history) == []
    if workflow_type(history) != Workflow.ESCALATION or refused(history):
        return
    story = story_of([run_of(history)])
    assert story.differences == []
    assert told(story)


def test_there_are_some() -> None:
    """The folder is where this test looks."""
    assert EXPORTED
