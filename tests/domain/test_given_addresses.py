"""Addresses in a request: channels that the workers allow, and never a secret of theirs."""

import pytest

from escalations.given_addresses import channel_of, problems
from escalations.request import EscalationRequest


def asked(*contacts: str, **team: list[str]) -> EscalationRequest:
    """A request with these addresses of the customer, and of roles."""
    people = {role: {"name": role.title(), "reach": reach} for role, reach in team.items()}
    return EscalationRequest.model_validate(
        {
            "case": "T-1",
            "title": "Charged twice",
            "statement": "The invoice of October was charged twice.",
            "customer": {"id": "C-7", "name": "ACME", "contacts": contacts},
            "team": people,
            "policy": "call-centre",
            "reported_at": "2026-11-23T09:00:00Z",
        }
    )


@pytest.mark.parametrize(
    ("address", "channel"),
    [
        ("mailto:ada@acme.example", "mailto"),
        ("mailto:what?@acme.example", "mailto"),
        ("slack://T1/A1/x", "slack"),
        ("mailto://care:password@10.0.0.1:25?to=ada@acme.example", None),
        ("mailto:${SLACK}@evil.example", None),
        ("json://evil.example/${SLACK}", None),
        ("slack://T1/A1/x?template=/run/secrets/payloads/keys", None),
        ("slack:json://127.0.0.1/", None),
        ("SLACK://T1", None),
        ("slack://T1 json://127.0.0.1/", None),
        ("slack://T1\njson://127.0.0.1/", None),
        ("//127.0.0.1/", None),
        ("", None),
    ],
)
def test_channel_of_an_address(address: str, channel: str | None) -> None:
    """One plain address of one channel has that; a secret, options, a mail server of its own, or
    an address within an address have none, so that nobody can allow them."""
    assert channel_of(address) == channel


def test_all_are_named_and_none_is_repeated() -> None:
    """Each address that may not be is named by its place, with what is allowed and who can mend it;
    the address itself, which may hold a token, is not said again."""
    request = asked(lawyer=["mailto:l@acme.example", "slack://t0ken/x"], csm=["json://h/${PAGER}"])

    said = [str(each) for each in problems(request, ("mailto",))]

    assert [each.partition(":")[0] for each in said] == ["team.lawyer.reach.1", "team.csm.reach.0"]
    assert "found 'slack://…'; allowed: mailto, and no `?…`" in said[0]
    assert "ESCALADE_REQUEST_CHANNELS" in said[0]
    assert "without a secret" in said[1]
    assert not [each for each in said if "t0ken" in each or "PAGER" in each]


def test_what_is_allowed_is_no_problem() -> None:
    """Mail by the workers' server, and what else they allow."""
    request = asked("mailto:ada@acme.example", "sms://0044123456")

    assert problems(request, ("mailto", "sms")) == []
    assert [each.place for each in problems(request, ("sms",))] == [("customer", "contacts", 0)]


def test_a_mail_server_of_its_own_cannot_be_allowed() -> None:
    """`mailto://` names the server that the worker would speak to: it is not `mailto`."""
    (problem,) = problems(asked("mailto://u:p@10.0.0.1?to=a@acme.example"), ("mailto",))

    assert problem.found == "mailto://…"


def test_who_does_not_know_the_channels_looks_for_secrets() -> None:
    """A backend's client knows no settings of workers: it refuses what can never be."""
    request = asked("slack://T1/A1/x", "json://evil.example/${SLACK}")

    assert [each.place for each in problems(request, None)] == [("customer", "contacts", 1)]
