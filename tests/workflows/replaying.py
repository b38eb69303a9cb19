"""The recorded histories, and what the code of now makes of them: by the gate's own comparison."""

from pathlib import Path
from typing import Final

from temporalio.client import WorkflowHistory
from temporalio.worker import WorkflowRunner

from workers.replay.compare import differences
from workers.replay.present import replay
from workers.replay.verdicts import Difference, Kind

HISTORIES: Final = Path(__file__).parent.parent / "histories"


def of_retrospectives() -> set[str]:
    """The names of those that are no cases' histories."""
    return {name for name in recorded() if name.startswith("retrospective")}


def recorded() -> dict[str, WorkflowHistory]:
    """The histories that are kept, by their names."""
    return {
        file.stem: WorkflowHistory.from_json(file.stem, file.read_text("utf-8"))
        for file in sorted(HISTORIES.glob("*.json"))
    }


async def differing(
    history: WorkflowHistory, runner: WorkflowRunner | None = None, *, words: bool = False
) -> list[Difference]:
    """All that our code as it is now decides otherwise, in the sandbox unless in another runner.

    What operators read of a timer or an activity is no decision, and may be mended under open
    cases: left out but for `words`. What people are told, and the record, is compared letter by
    letter.
    """
    found = differences(*await replay(history, runner=runner))
    return [each for each in found if words or not _is_summary(each)]


def _is_summary(found: Difference) -> bool:
    return found.kind is Kind.WORDS and {each.place for each in found.details} == {"summary"}
