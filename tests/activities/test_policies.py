"""Opening a case copies its policy, or says what is wrong with the request and who can mend it."""

import dataclasses
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.policies import Policies
from escalations.policy_file import read_folder
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot, take
from tests.house import CHECKOUT

POLICIES: Final = read_folder(CHECKOUT / "policies")


def request(**fields: Any) -> EscalationRequest:
    return EscalationRequest.model_validate(
        {
            "case": "T-1",
            "title": "Double charge",
            "statement": "Charged twice in November.",
            "customer": {"id": "C-1", "name": "ACME"},
            "policy": "call-centre",
            "reported_at": datetime(2026, 11, 23, 9, tzinfo=UTC),
            "category": "billing",
            **fields,
        }
    )


async def opened(policies: Policies, **fields: Any) -> Snapshot:
    return await ActivityEnvironment().run(policies.snapshot, request(**fields))


async def refusal(**fields: Any) -> ApplicationError:
    with pytest.raises(ApplicationError) as refused:
        await opened(Policies(POLICIES), **fields)
    return refused.value


async def test_case_gets_a_copy_of_its_policy() -> None:
    """The copy is of the year in which the case is reported."""
    assert await opened(Policies(POLICIES)) == take(POLICIES["call-centre"], 2026)


async def test_second_case_of_a_year_costs_nothing() -> None:
    """Holidays are looked up once per policy and year, not once per case."""
    policies = Policies(POLICIES)
    first = await opened(policies)

    assert await opened(policies, case="T-2") is first
    assert await opened(policies, reported_at=datetime(2027, 1, 4, tzinfo=UTC)) is not first


async def test_late_report_is_a_case_of_today() -> None:
    """A case reported years ago, or opened again, has the holidays of the years to come."""
    environment = ActivityEnvironment()
    environment.info = type(environment.info)(
        **{**vars(environment.info), "scheduled_time": datetime(2031, 5, 1, tzinfo=UTC)}
    )
    snapshot = await environment.run(Policies(POLICIES).snapshot, request())

    assert snapshot == take(POLICIES["call-centre"], 2031)


async def test_unknown_policy_is_named_with_the_known_ones() -> None:
    """The refusal says which policies there are, and who can add one."""
    error = await refusal(policy="call-center")

    assert (error.type, error.non_retryable) == ("UnknownPolicy", True)
    assert error.message == (
        "policy: found 'call-center'; allowed: call-centre, customer-success, follow-the-sun, "
        "social-care, ticket-tiers. Name one of these, or let whoever runs the "
        "workers add it to the folder ESCALADE_POLICIES and start them again."
    )


async def test_every_mistake_of_a_request_is_named() -> None:
    """A category that the policy does not have and a moment no calendar covers, in one refusal."""
    error = await refusal(category="weather", reported_at=datetime(1969, 7, 20, tzinfo=UTC))

    assert (error.type, error.non_retryable) == ("InvalidRequest", True)
    assert "category: found 'weather'; allowed: quality-complaint | " in error.message
    assert "reported_at: found '1969-07-20T00:00:00+00:00'; allowed: a moment from 1970" in (
        error.message
    )


async def test_a_request_that_no_record_could_carry_is_refused() -> None:
    """Whoever starts a run past our client hears how much there may be, and what to leave out."""
    said = {"at": "2026-01-01T00:00:00Z", "by": "Ada", "text": "y" * 20_000}
    opening = ActivityEnvironment()
    opening.info = dataclasses.replace(opening.info, is_local=True)

    with pytest.raises(ApplicationError, match=r"500000 bytes of JSON; shorten `history`") as error:
        await opening.run(Policies(POLICIES).snapshot, request(history=[said] * 26))

    assert (error.value.type, error.value.non_retryable) == ("InvalidRequest", True)
    fits = await opening.run(Policies(POLICIES).snapshot, request(history=[said] * 24))
    assert fits == take(POLICIES["call-centre"], 2026)


async def test_addresses_are_looked_at_when_a_case_is_opened_and_not_later() -> None:
    """A request with an address that no request may write is refused at the opening; a case that
    was opened before there was that limit can still adopt a policy."""
    policies = Policies(POLICIES, ("mailto",))
    given = {"id": "C-1", "name": "ACME", "contacts": ["json://127.0.0.1/"]}
    opening = ActivityEnvironment()
    opening.info = dataclasses.replace(opening.info, is_local=True)

    with pytest.raises(
        ApplicationError, match=r"customer\.contacts\.0.*allowed: mailto"
    ) as refused:
        await opening.run(policies.snapshot, request(customer=given))

    assert (refused.value.type, refused.value.non_retryable) == ("InvalidRequest", True)
    assert await opened(policies, customer=given) == take(POLICIES["call-centre"], 2026)
