"""What one sees of a policy that would be adopted, by one case and by many in groups."""

from escalations import events
from escalations.adoption import Adopted, outlook
from escalations.cli import adopt_page
from escalations.snapshot import Snapshot
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.matrices import ladder

OLD = ladder("15m..30m", "1h")


def previewed(opened: OpenDesk, case: str, snapshot: Snapshot, **later: float) -> Adopted:
    """A case after so long, and what it would be by this revision."""
    desk = opened(at=MONDAY, snapshot=OLD, case=case)
    desk.later(**later)
    desk.told()
    adopt = events.Adopt(by="olga", snapshot=snapshot, preview=True)
    return Adopted(**dict(desk.record.summary()), adoption=outlook(desk.record, adopt, desk.at))


def test_many_in_groups(opened: OpenDesk) -> None:
    """How many go where; what is due at once is red, and what cannot be says why."""
    short, long = ladder("5m..10m", "1h"), ladder("1h..2h", "1h")
    answers: dict[str, Adopted | str] = {
        "T-1": previewed(opened, "T-1", short, minutes=12),
        "T-2": previewed(opened, "T-2", short, minutes=1),
        "T-3": previewed(opened, "T-3", long, minutes=12),
        "T-4": previewed(opened, "T-4", OLD, minutes=12),
        "T-5": "it has ended",
    }

    lines = list(adopt_page.grouped_lines(answers, 200))

    said = [line.plain for line in lines]
    names = (OLD.reference, short.reference, long.reference)
    assert said == [
        f"2 cases: {names[0]} → {names[1]}: level 1 (L1) → 1 (L1)",
        f"1 case: {names[0]} → {names[2]}: level 1 (L1) → 1 (L1)",
        "Due at once: 1 (T-1)",
        "Due sooner: 1 (T-2)",
        "Due later: 1 (T-3)",
        "Go by it already: 1 (T-4)",
        "Refused: T-5: it has ended",
    ]
    assert "red" in str(lines[2].spans) + str(lines[2].style)
    assert max(line.cell_len for line in adopt_page.grouped_lines(answers, 60)) <= 60
    assert len(list(adopt_page.tabbed(answers))) == 6


def test_one_beside_itself(opened: OpenDesk) -> None:
    """Before and after in two columns: who is asked, what comes next, each clock; who hears."""
    adopted = previewed(opened, "T-1", ladder("1bd..2bd", "1h"), minutes=7.5)

    lines = [line.plain.rstrip() for line in adopt_page.adopted_lines(adopted, 100)]

    assert lines[0] == "T-1  Line is down"
    (window,) = [line.split("  ") for line in lines if line.startswith("window")]
    words = [word.strip() for word in window if word.strip()]
    assert words == [
        "window",
        "7m30s of 30m, reminder at 15m",
        "0.50bd of 2bd, reminder at 1bd",
    ]
    assert lines[-1] == "A preview: nothing was changed."
    narrow = adopt_page.adopted_lines(adopted, 60)
    assert max(line.cell_len for line in narrow) <= 60
