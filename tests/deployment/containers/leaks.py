"""Words that are planted in a case, and every place where somebody without keys might find them."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from escalations.client import EscalationClient
from escalations.policy import HoldReason
from tests.deployment.containers.engine import eventually
from tests.deployment.containers.load import CANARIES, case
from tests.deployment.containers.stack import PAGER_SECRET, Stack

REPLY = "Zanzibar is still waiting"
NOTE = "Called Zanzibar twice"
HELD = "Zanzibar's carrier"
WHY = "Zanzibar changed its mind"
PLANTED = (*CANARIES, REPLY, NOTE, HELD, WHY)
_SCRIPT = Path(__file__).with_name("asked_from_within.py")


async def plant(client: EscalationClient) -> None:
    """One case that stays open, `T-9`, and one that is withdrawn: all that can be said in words."""
    for name in ("T-9", "T-10"):
        await client.open(case(name, "paged"))
        await client.customer_replied(name, text=REPLY, channel="phone")
        await client.add_note(name, by="ada", text=NOTE)
        await client.assign(name, by="ada", to="bob")
        await client.hold(name, by="ada", reason=HoldReason.CUSTOMER, note=HELD)

    async def told() -> bool:
        said = (await client.record("T-9")).timeline
        return any(each.type == "notified" and each.recipient == "one" for each in said)

    await eventually(told)
    await client.withdraw("T-10", by="ada", why=WHY)
    record = (await client.record("T-9")).model_dump_json()
    assert all(each in record for each in (*CANARIES, REPLY, NOTE, HELD))


def secrets_of(stack: Stack) -> list[str]:
    """What the stack was told, or has made for itself, and nobody is to read."""
    keys = stack.inside("worker-1", "cat", "/run/secrets/payloads/keys")
    return [
        PAGER_SECRET,
        *(line.split()[1] for line in keys.splitlines() if line and not line.startswith("#")),
        stack.inside("postgres", "cat", "/run/secrets/database/password"),
        stack.inside("worker-1", "cat", "/run/secrets/records/ESCALADE_RECORDS_URL"),
    ]


def dumps(stack: Stack) -> dict[str, str]:
    """Temporal's databases."""
    return {
        name: stack.inside("postgres", "pg_dump", "-U", "temporal", name)
        for name in ("temporal", "temporal_visibility")
    }


def api(stack: Stack) -> dict[str, str]:
    """Pages of metrics and the server's API, as anybody on the network is answered."""
    script = _SCRIPT.read_text("utf-8")
    told: dict[str, str] = json.loads(stack.inside("worker-1", "python", "-c", script))
    return told


def traces(sought: Iterable[str], places: Mapping[str, str]) -> list[str]:
    """What was found where, in plain or, as databases write bytes, in hexadecimal."""
    return [
        f"{word} in {place}"
        for word in sought
        for place, text in places.items()
        if word in text or word.encode().hex() in text
    ]
