"""Where messages may go: wherever a policy says, and elsewhere only where a request may."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.channels.outside import Cutoff
from activities.ledger import SqlLedger
from activities.letters import Refused, Unavailable
from activities.rotas import Rotas
from activities.vouching import Limited, Vouching, written_in
from activities.web import Target, Web
from escalations.encryption import Keys, address_name
from escalations.events import Outcome
from escalations.policy import Policy
from escalations.rota import RotaQuestion
from tests.activities.office import LONG, Office
from tests.activities.people import AT, letter, recipient, telling
from tests.activities.smtp import MailServer
from tests.harness import FakeChannels

OURS = "json://hooks.callcentre.example/${HOOK}"
MAIL = "mailto:desk@callcentre.example"


def policy(*reach: str, **contact: Any) -> Policy:
    """One level, and who has it."""
    return Policy.model_validate(
        {
            "policy": "support",
            "contacts": {"desk": {"name": "Desk", "reach": reach or [MAIL], **contact}},
            "levels": [{"name": "Desk", "contact": "desk", "within": "30m"}],
        }
    )


class Worker:
    """What a worker with these policies sends, and would send; its records are in the folder."""

    def __init__(
        self,
        folder: Path,
        policies: Iterable[Policy],
        hashed: Callable[[str], str] | None = None,
        channels: Iterable[str] = ("mailto",),
    ) -> None:
        written = written_in(policies)
        self.ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}", hashed, written)
        self.sent = FakeChannels()
        self.limited = Limited(self.sent, Vouching(written, self.ledger), tuple(channels))

    async def send(self, address: str) -> None:
        await self.limited.send(address, letter(), LONG)

    async def ends(self) -> list[str]:
        """It is over; where it sent anything."""
        await self.ledger.close()
        return [address for address, _ in self.sent.letters]


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1:8080/admin",
        "json://evil.example/${HOOK}",
        "mailto:${HOOK}@evil.example",
        "mailto://u:p@10.0.0.1?to=a@acme.example",
        f"{OURS}/elsewhere",
        OURS.replace("hooks", "HOOKS"),
    ],
)
async def test_where_no_policy_leads_nothing_goes(tmp_path: Path, address: str) -> None:
    """An inner address, a secret to somebody else, a mail server of its own, almost an address of
    ours: refused, with what would be allowed and who can write it."""
    worker = Worker(tmp_path, [policy(OURS)])
    with pytest.raises(Refused, match=r"no policy .* others may only be mailto without a secret"):
        await worker.send(address)

    assert await worker.ends() == []


async def test_what_a_policy_writes_is_free(tmp_path: Path) -> None:
    """A policy's own addresses, secrets and all; and anybody's mail."""
    worker = Worker(tmp_path, [policy(OURS)])
    for address in (OURS, "mailto:ada@acme.example"):
        await worker.send(address)

    assert await worker.ends() == [OURS, "mailto:ada@acme.example"]


async def test_what_is_allowed_goes_and_mail_is_not_always(tmp_path: Path) -> None:
    """Whoever runs the workers says which channels: theirs instead of mail."""
    worker = Worker(tmp_path, [policy()], channels=["sms"])
    await worker.send("sms://0044123456")
    with pytest.raises(Refused):
        await worker.send("mailto:ada@acme.example")

    assert await worker.ends() == ["sms://0044123456"]


def test_a_rota_and_its_people_are_written_too() -> None:
    """Calendars, and whom a rota names, are addresses that a policy writes."""
    people = {"anna": {"reach": ["slack://T1/anna"]}}
    one = policy(rota={"calendar": "https://cal.example/${KEY}.ics", "people": people})
    two = policy(rota={"calendar": "a.ics", "overrides": "b.ics"})

    assert written_in([one, two]) == {
        MAIL,
        "slack://T1/anna",
        "https://cal.example/${KEY}.ics",
        "a.ics",
        "b.ics",
    }


NAMED = partial(address_name, Keys({"may": b"k" * 32}, b"s" * 32))


@pytest.mark.parametrize("hashed", [None, NAMED])
async def test_an_older_revision_is_believed(
    tmp_path: Path, hashed: Callable[[str], str] | None
) -> None:
    """A case keeps its revision: where that says, messages go on going after the policy has changed
    and the workers were started again, be addresses hashed in the ledger or not; a worker that had
    sent anything has written them down."""
    before = Worker(tmp_path, [policy(OURS)], hashed)
    await before.ledger.accepted(["T-1/1"])
    await before.ends()

    after = Worker(tmp_path, [policy("mailto:new@callcentre.example")], hashed)
    await after.send(OURS)
    with pytest.raises(Refused):
        await after.send("json://127.0.0.1/")

    assert await after.ends() == [OURS]


async def test_encryption_that_came_later_forgets_nothing(tmp_path: Path) -> None:
    """What was written down in plain is known after addresses have begun to be hashed."""
    before = Worker(tmp_path, [policy(OURS)])
    await before.ledger.accepted(["T-1/1"])
    await before.ends()

    after = Worker(tmp_path, [policy()], NAMED)
    await after.send(OURS)

    assert await after.ends() == [OURS]


async def test_a_database_that_is_away_is_not_a_no(tmp_path: Path) -> None:
    """Where nobody can be asked whether a policy wrote it, the message is tried again later; what
    the present policies write needs no database."""
    worker = Worker(tmp_path / "gone", [policy(OURS)])
    await worker.send(OURS)
    with pytest.raises(Unavailable, match="records database"):
        await worker.send("slack://T1/of-an-older-revision")

    assert await worker.ends() == [OURS]


async def test_whom_no_address_is_left_is_undelivered(office: Office, server: MailServer) -> None:
    """A request that was taken before there was this limit costs nothing but its message: the next
    address has it; without one, the answer is that nobody was reached, and is final."""
    office.channels = Limited(office.channels, Vouching((), office.ledger), ("mailto",))
    inner = "json://127.0.0.1:1/${SECRET}"

    answers = await office.tell(
        telling(recipient("ada", inner, "mailto:ada@example.com"), recipient("csm", inner))
    )

    ada, csm = answers
    assert (ada.outcome, ada.address) == (Outcome.DELIVERED, "mailto:ada@example.com")
    assert csm.outcome is Outcome.UNREACHABLE
    assert "no policy of these workers writes this address" in csm.detail
    assert len(server.take(to="ada@example.com")) == 1


class NoWeb(Web):
    """The web, if nothing is fetched from it."""

    def fetch(self, target: Target, cutoff: Cutoff) -> bytes:
        raise AssertionError(f"{target.host} was asked")


async def test_a_rota_that_no_policy_writes_is_not_read(tmp_path: Path) -> None:
    """Whoever forges a question about who is on call has no calendar fetched, and no secret sent to
    theirs; a policy's own is read."""
    (tmp_path / "ours.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    worker = Worker(tmp_path, [policy(rota={"calendar": "ours.ics"})])
    vouching = Vouching({"ours.ics"}, worker.ledger)
    rotas = Rotas(tmp_path, {"KEY": "s3cret"}, NoWeb(), vouching=vouching)

    problems = []
    for calendar in ("https://evil.example/${KEY}.ics", "theirs.ics", "ours.ics"):
        question = RotaQuestion.model_validate(
            {"contact": "desk", "rota": {"calendar": calendar}, "at": AT}
        )
        problems.append((await ActivityEnvironment().run(rotas.read_rota, question)).problem)
    await worker.ends()

    forged, unwritten, ours = problems
    assert "no policy of these workers writes it" in forged
    assert "no policy of these workers writes it" in unwritten
    assert ours == ""
