"""The faults by name, each with its place, its cases and its trouble, short or at length."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.deployment.faults import troubles
from tests.deployment.faults.disk import SmallDisk, full
from tests.deployment.faults.site import Site
from tests.deployment.faults.stories import RACED, TALKING, WAITING
from tests.deployment.kills.scene import Scene
from tests.deployment.kills.stories import STORIES

FIVE = tuple(STORIES.values())
OFF_CLOCK = ("-m", "tests.deployment.faults.offclock")


def _site(**options: Any) -> Callable[[int, Path, str], Site]:
    return lambda _seed, folder, smtp_url: Site(folder, smtp_url, **options)


def _scenes(*, long: bool) -> Mapping[str, Scene[Any]]:
    away, times = (15, 2) if long else (3, 1)
    return {
        "load": Scene(
            _site(), troubles.server_killed_under_load, (WAITING,), copies=100 if long else 25
        ),
        "one-of-two": Scene(_site(workers=2), troubles.one_of_two_killed(3 if long else 1)),
        "told-to-stop": Scene(
            _site(),
            troubles.in_the_middle_of_a_mail("told to stop", 3 if long else 1),
            (TALKING, *FIVE),
            mail_takes=2,
        ),
        "rolling": Scene(
            _site(workers=2), troubles.rolled_over(3 if long else 1), copies=4 if long else 1
        ),
        "network": Scene(_site(workers=2), troubles.cut_off(away, 2)),
        "server-frozen": Scene(_site(), troubles.frozen("server", away, times)),
        "worker-frozen": Scene(_site(), troubles.frozen("worker", away, times)),
        "disk": Scene(
            lambda _seed, folder, smtp_url: SmallDisk(folder, smtp_url), full, (WAITING, *FIVE)
        ),
        "mid-mail": Scene(
            _site(),
            troubles.in_the_middle_of_a_mail("killed", 3 if long else 1),
            (TALKING, *FIVE),
            mail_takes=2,
        ),
        "race": Scene(_site(), troubles.none, (RACED,), copies=100 if long else 20),
        "clock": Scene(_site(command=OFF_CLOCK), troubles.an_hour_off),
    }


SHORT = _scenes(long=False)
"""For `make test`."""

LONG = _scenes(long=True)
"""For `make torture`."""
