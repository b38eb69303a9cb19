"""What is decided is the same whatever the machine is."""

import subprocess
import sys

from tests.house import CHECKOUT

LIFE = """
from tests.domain.desk import Desk
from tests.domain.matrices import matrix, paris
from escalations import events

to_the_director = ("data-at-risk", "formal-complaint", "director-requested", "affects-many")
triggers = {name: {"phrases": {"en": ["manager"]}} for name in to_the_director}
desk = Desk(
    at=paris("2026-12-22 10:00"),
    snapshot=matrix(triggers=triggers),
    priority="P1",
    category="billing",
)
desk.unreachable.add("support-manager")
desk.hold("vendor")
desk.later(hours=30)
desk.reply("Your manager and my lawyer should talk before I close my account", message_id="m-1")
desk.resolve("workaround")
desk.later(hours=400)
desk.continue_as_new()
desk.resolve()
desk.say(events.RejectResolution(by="ada", why="no"))
desk.until(paris("2027-02-01 10:00"))
desk.say(events.Withdraw(by="ada", why="never mind"))
print(*(effect.model_dump_json() for effect in desk.sent), sep="\\n")
print(desk.record.model_dump_json())
"""


def test_the_same_whatever_the_machine() -> None:
    """Another process, whose sets have another order, decides the same to the last byte."""
    lives = {
        subprocess.run(
            [sys.executable, "-c", LIFE],
            cwd=CHECKOUT,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Kathmandu"), ("3", "America/Lima"))
    }
    assert len(lives) == 1
    assert len(lives.pop().splitlines()) > 20
