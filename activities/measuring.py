"""Measuring what goes out: attempts by channel and how they went, and how long a message took."""

from datetime import UTC, datetime
from typing import Final, Literal

from temporalio import activity

from escalations import metrics

Outcome = Literal["accepted", "refused", "unavailable", "broke"]

OTHER: Final = "other"
"""Channels that no message has gone out by, as they are called in a metric."""

_COMMON: Final = frozenset(
    {"discord", "json", "jsons", "mailto", "msteams", "ntfy", "opsgenie", "pagerduty"}
    | {"rocket", "rockets", "slack", "sns", "tgram", "twilio", "vonage", "workflows"}
)


class Deliveries:
    """The metrics of one worker's sends.

    Addresses come from requests, too: a channel has a name in a metric once it has taken a
    message, and until then only if it is a common one.
    """

    def __init__(self) -> None:
        self._known = set(_COMMON)

    def tried(self, address: str, outcome: Outcome) -> None:
        """An attempt to send a message to an address is over."""
        channel = address.partition(":")[0]
        if outcome == "accepted":
            self._known.add(channel)
        elif channel not in self._known:
            channel = OTHER
        meter = activity.metric_meter()
        tries = meter.create_counter(metrics.DELIVERIES.name, metrics.DELIVERIES.help)
        tries.add(1, {"channel": channel, "outcome": outcome})
        if outcome == "accepted":
            took = datetime.now(UTC) - activity.info().scheduled_time
            delay = metrics.DELIVERY_DELAY
            meter.create_histogram_timedelta(delay.name, delay.help).record(
                max(took, took * 0), {"channel": channel}
            )
