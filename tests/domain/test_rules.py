"""Under which rules a case is decided: those that it was opened under, or by nobody."""

import pytest

from escalations.rules import GIVEN, KNOWN, RulesUnknown, check


def test_rules_that_this_code_knows() -> None:
    """Every number up to the newest is decided, and new cases get one of them."""
    for number in range(1, KNOWN + 1):
        check(number)

    assert GIVEN in range(1, KNOWN + 1)


def test_rules_that_this_code_does_not_know() -> None:
    """A case of a newer build is left alone, and it says what it waits for."""
    with pytest.raises(RulesUnknown, match=r"waits for a worker with code that knows them"):
        check(KNOWN + 1)
