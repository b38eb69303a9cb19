"""What came of a run, or of many."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

NONE = timedelta(0)


@dataclass
class Outcome:
    """What was done, what was found, and how late things came."""

    faults: list[str] = field(default_factory=list)
    """Everything that should not be, in words."""
    blows: Counter[str] = field(default_factory=Counter)
    """What was done, such as `worker killed`."""
    cases: int = 0
    runs: int = 0
    """Of the workflow: more than the cases, since some go on in a new run."""
    promises: int = 0
    """Seen before a blow and after it, with nothing in between that moves a clock."""
    mails: int = 0
    repeated: int = 0
    """Mails that came once more, under the same Message-ID."""
    outage: timedelta = NONE
    """The longest, from a blow to the first answer after it."""
    late_climb: timedelta = NONE
    """The longest, from the promised moment to the climb."""
    late_word: timedelta = NONE
    """The longest, from the entrance of a level to the mail to its contact."""
    took: float = 0
    """Seconds."""

    def add(self, other: "Outcome") -> None:
        """Count another one in."""
        self.faults += other.faults
        self.blows += other.blows
        self.cases += other.cases
        self.runs += other.runs
        self.promises += other.promises
        self.mails += other.mails
        self.repeated += other.repeated
        self.outage = max(self.outage, other.outage)
        self.late_climb = max(self.late_climb, other.late_climb)
        self.late_word = max(self.late_word, other.late_word)
        self.took += other.took

    def __str__(self) -> str:
        blows = ", ".join(f"{times} × {what}" for what, times in sorted(self.blows.items()))
        return (
            f"{self.cases} cases in {self.runs} runs, {blows or 'no blow'}, {self.mails} mails "
            f"({self.repeated} came again under the same Message-ID), {self.promises} promises "
            f"seen before and after a blow; longest outage {self.outage.total_seconds():.1f} s, "
            f"latest climb +{self.late_climb.total_seconds():.1f} s, "
            f"latest word to a level +{self.late_word.total_seconds():.1f} s; "
            f"faults: {len(self.faults)}"
        )
