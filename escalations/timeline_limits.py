"""A record must fit into one payload (2 MB), however long its case is and however much is said.

Where a timeline grows too long, its oldest chatter is folded into one entry that counts it. The
counters of the record and what moved the case stay; the folded entries are whole in the history.
"""

from collections import Counter

from escalations.timeline import CustomerReplied, Folded, Noted, Notified, Refused, TimelineEntry

MAX_ENTRIES = 2_000
MAX_TEXT = 300_000
"""Characters of what was said in a timeline; each is four bytes at most."""
KEPT = 0.5
"""The share of a full timeline that is left as it is."""

_CHATTER = (CustomerReplied, Noted, Notified, Refused, Folded)


def fold(timeline: list[TimelineEntry]) -> None:
    """Fold the oldest chatter where the timeline is full."""
    if len(timeline) <= MAX_ENTRIES and not _too_much_said(timeline):
        return
    old, recent = timeline[: -int(MAX_ENTRIES * KEPT)], timeline[-int(MAX_ENTRIES * KEPT) :]
    if not old or _too_much_said(recent):
        old, recent = timeline[:-1], timeline[-1:]
    counts: Counter[str] = Counter()
    kept: list[TimelineEntry] = []
    for entry in old:
        if isinstance(entry, Folded):
            counts.update(entry.counts)
        elif isinstance(entry, _CHATTER):
            counts[entry.type] += 1
        else:
            kept.append(entry)
    since = timeline[0].at
    folded = Folded(at=old[-1].at, level=old[-1].level, since=since, counts=dict(counts))
    timeline[:] = [*kept, folded, *recent]


def _too_much_said(timeline: list[TimelineEntry]) -> bool:
    words = (each.text for each in timeline if isinstance(each, CustomerReplied | Noted | Refused))
    return sum(map(len, words)) > MAX_TEXT
