"""What is worked out once for a policy is that policy's, and no other's."""

import gc

from escalations import worked_out
from escalations.casefile import CaseFile
from escalations.effects import CustomerNotice, TellCustomer
from escalations.snapshot import take
from tests.domain.backtests import shop
from tests.domain.desk import Desk


def test_another_policy_is_another_matrix() -> None:
    """A case that goes by another snapshot has the levels, contacts and hours of that one."""
    record = Desk().record
    case = CaseFile(record, record.opened_at)
    before = case.level

    case.go_by(take(shop(), 2027))

    assert (before.name, case.level.name) == ("Representative", "Agent")
    assert [each.name for each in case.contact("lead")] == ["Lead"]


def test_another_level_is_said_at_once() -> None:
    """What a message says of the level is of the one that the case is on when it is written."""
    record = Desk().record
    case = CaseFile(record, record.opened_at)

    said = []
    for record.level in (1, 3):
        case.tell_customer(CustomerNotice.UPDATE)
        (told,) = [each for each in record.outbox[-1:] if isinstance(each, TellCustomer)]
        said.append(told.particulars.level_name)

    assert said == ["Representative", "Account manager"]


def test_shared_as_long_as_the_snapshot_is_in_use() -> None:
    """Cases of one snapshot share what follows from it; it is forgotten with the snapshot."""
    snapshot = take(shop(), 2027)
    key = id(snapshot)
    assert worked_out.of(snapshot) is worked_out.of(snapshot)

    del snapshot
    gc.collect()

    assert key not in worked_out._KNOWN
