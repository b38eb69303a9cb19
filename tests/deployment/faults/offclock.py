"""`python -m tests.deployment.faults.offclock`: a worker whose machine has a wrong clock.

SIGUSR1 sets it an hour ahead, SIGUSR2 an hour behind. Every clock that Python code can read is off:
`datetime.now`, `utcnow`, `today` and `time.time`, in our code and in everybody's. The clocks of the
SDK's core only measure how long something takes.
"""

import datetime
import signal
import time
from typing import Any

HOUR = 3600.0

_off = 0.0
_true = time.time
_Moment = datetime.datetime


class _OfEveryMoment(type):
    """A moment that was made before is one, too."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, _Moment)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, _Moment)


class _WrongMoment(_Moment, metaclass=_OfEveryMoment):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        return _Moment.fromtimestamp(_true() + _off, tz)

    @classmethod
    def utcnow(cls) -> Any:
        return _Moment.fromtimestamp(_true() + _off, datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        return cls.now()


def _set_off(by: float) -> None:
    global _off
    _off = by


def main() -> None:
    """Put the clocks wrong whenever told so, and work."""
    datetime.datetime = _WrongMoment  # type: ignore[misc]
    time.time = lambda: _true() + _off
    time.time_ns = lambda: int((_true() + _off) * 1e9)
    signal.signal(signal.SIGUSR1, lambda *_: _set_off(HOUR))
    signal.signal(signal.SIGUSR2, lambda *_: _set_off(-HOUR))
    from workers.__main__ import main as work

    work()


if __name__ == "__main__":
    main()
