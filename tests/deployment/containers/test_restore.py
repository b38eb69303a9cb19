"""A back-up is taken under open cases, every volume is destroyed, and the cases go on."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from escalations.client import EscalationClient
from escalations.errors import CaseUnknown, Unreachable
from escalations.search import Search
from tests.deployment.containers.engine import docker, eventually
from tests.deployment.containers.load import ADDRESS, CUSTOMER, LEVELS, case, levels
from tests.deployment.containers.papers import commands
from tests.deployment.containers.stack import Stack, running

pytestmark = [pytest.mark.container, pytest.mark.timeout(600)]

PAPER = "back-up.md"
KEYS, BACK_UP = commands(PAPER, "Take a back-up")[0]
(PUT_BACK, START), (IN_ITS_PLACE, _) = commands(PAPER, "Put it back")
((KEEP_DELIVERIES,),) = commands(PAPER, "What happens to the cases")


@pytest.fixture(scope="module")
def stack(cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One worker and what it needs, up for the module; nothing of it is left afterwards."""
    folder = tmp_path_factory.mktemp("restore")
    less = folder / "less.yaml"
    idle = {name: {"profiles": ["idle"]} for name in ("worker-2", "canary", "codec", "ui")}
    less.write_text(yaml.safe_dump({"services": idle}), "utf-8")
    with running(folder, less) as stack:
        yield stack


class Keeper:
    """Whoever takes back-ups and puts them back: the paper's lines, with folders of ours."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._folder = stack.folder / "backups"

    @property
    def taken(self) -> list[Path]:
        """The back-ups that there are."""
        return sorted(self._folder.iterdir())

    def types(self, line: str) -> str:
        """What a line of the paper says, about the back-up that was taken first."""
        if " /var/backups/escalade/" in line:
            line = line.replace("/var/backups/escalade/2026-11-22T03-00-00Z", str(self.taken[0]))
        line = line.replace("/var/backups/escalade", str(self._folder))
        return self._stack.shell(
            line.replace("escalade-keys", f"{self._stack.folder}/escalade-keys")
        )


def destroy(stack: Stack) -> None:
    """Every container dies at once but the mail catcher's, and every volume is gone."""
    services = [name for name in stack.services() if name != "mail"]
    stack.compose("kill", *(each for each in services if each != "mail"))
    stack.compose("rm", "--force", *services)
    mine = f"label=com.docker.compose.project={stack.project}"
    docker("volume", "rm", *docker("volume", "ls", "--quiet", "--filter", mine).split())


def ledger(stack: Stack) -> set[str]:
    """The Message-IDs of what a channel has taken, as the ledger has them."""
    asked = (
        "psql",
        "-U",
        "temporal",
        "-d",
        "escalade",
        "-Atc",
        "SELECT message_id FROM deliveries",
    )
    return {each.strip("<>") for each in stack.inside("postgres", *asked).split()}


def climbed(client: EscalationClient, name: str, level: int) -> Callable[[], Awaitable[bool]]:
    """Whether a case has come so far."""

    async def look() -> bool:
        try:
            return (await client.summary(name)).level >= level
        except Unreachable:
            return False

    return look


async def test_a_back_up_is_put_back_on_a_machine_with_nothing(stack: Stack) -> None:
    """Cases are taken, wait and climb while a back-up is taken; afterwards they go on, and one more
    is opened. Then all volumes are destroyed, keys included. Put back, no case of the back-up is
    lost; what came due in between is done, late; what was sent before the back-up does not go
    again, and what went since then goes under the Message-ID that it had."""
    keeper, client = Keeper(stack), await stack.client()
    await client.open(case("T-1", "patient"))
    await client.acknowledge("T-1", by="ada")
    await client.open(case("T-2", "steady"))
    await client.open(case("T-3", "hasty"))
    await eventually(lambda: told(stack, "T-2", ADDRESS))
    for line in (KEYS, BACK_UP):
        await asyncio.to_thread(keeper.types, line)
    await eventually(climbed(client, "T-3", LEVELS[-1]))
    await client.open(case("T-4", "patient"))
    await eventually(lambda: told(stack, "T-4", ADDRESS))

    await asyncio.to_thread(destroy, stack)
    went, destroyed_at = await stack.mails.times(), datetime.now(UTC)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        await asyncio.to_thread(keeper.types, PUT_BACK.partition(" --keys")[0])
    assert "No case can be read without them" in refused.value.stderr
    await asyncio.to_thread(keeper.types, PUT_BACK)
    before = await asyncio.to_thread(ledger, stack)
    await asyncio.to_thread(keeper.types, START)

    client = await stack.client()
    assert [(await client.summary("T-1")).owner, *await listed(client)] == ["ada", *OPEN]
    with pytest.raises(CaseUnknown):
        await client.summary("T-4")
    await eventually(climbed(client, "T-2", 2))
    late = [entry for entry in (await client.record("T-2")).timeline if entry.at > destroyed_at]
    assert "level_entered" in {entry.type for entry in late}
    await eventually(climbed(client, "T-3", LEVELS[-1]))
    assert levels(await client.record("T-3")) == LEVELS
    twice = {each for each, times in (await stack.mails.times()).items() if times > 1}
    assert before
    assert not twice & before
    assert twice <= went.keys()
    assert {each.partition("/")[0] for each in twice} == {"T-3"}


async def test_a_ledger_that_survived_keeps_mails_from_going_twice(stack: Stack) -> None:
    """The same back-up in the place of cases that are there: refused, until it is said twice.
    Whoever was told something since then is named; with the ledger kept nothing that it has goes
    out again, and no case is lost."""
    keeper, client = Keeper(stack), await stack.client()
    await client.open(case("T-4", "patient"))
    await eventually(lambda: told(stack, "T-4", ADDRESS))
    with pytest.raises(subprocess.CalledProcessError) as refused:
        await asyncio.to_thread(keeper.types, IN_ITS_PLACE.partition(" --replace")[0])
    assert "with 4 open cases" in refused.value.stderr

    said = await asyncio.to_thread(keeper.types, KEEP_DELIVERIES)
    named = [line.split()[0] for line in said.splitlines() if line.startswith("T-")]
    assert named == ["T-2", "T-3", "T-4"]
    known, went = await asyncio.to_thread(ledger, stack), await stack.mails.times()
    await asyncio.to_thread(keeper.types, START)

    client = await stack.client()
    assert await listed(client) == OPEN
    await eventually(climbed(client, "T-2", 2))
    await eventually(climbed(client, "T-3", LEVELS[-1]))
    now = await stack.mails.times()
    assert known
    assert {each: now[each] for each in known} == {each: went[each] for each in known}


OPEN = ["T-1", "T-2", "T-3"]
"""What is open in the back-up."""


async def listed(client: EscalationClient) -> list[str]:
    """The open cases of the customer, as lists have them."""
    return sorted([each.case async for each in client.search(Search(customer=CUSTOMER))])


async def told(stack: Stack, name: str, who: str) -> bool:
    """Whether somebody has a mail about a case."""
    return who in await stack.mails.told(name)
