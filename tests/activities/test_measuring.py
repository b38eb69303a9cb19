"""What is measured of sends: by channels that are known, whatever addresses a request brings."""

from collections.abc import Callable

from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig
from temporalio.testing import ActivityEnvironment

from activities.measuring import Deliveries
from escalations import metrics

Counted = list[tuple[str, str, str]]


def counted(attempts: Callable[[Deliveries], None]) -> Counted:
    """What these attempts count: metric, channel, outcome."""
    buffer = MetricBuffer(10_000)
    environment = ActivityEnvironment()
    environment.metric_meter = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter
    deliveries = Deliveries()

    def attempt() -> None:
        attempts(deliveries)

    environment.run(attempt)
    return [
        (
            update.metric.name,
            str(update.attributes["channel"]),
            str(update.attributes.get("outcome", "")),
        )
        for update in buffer.retrieve_updates()
        if update.metric.name.startswith("escalade_")
    ]


def test_a_request_makes_no_labels() -> None:
    """Who opens a case with a hundred invented channels gets one label, `other`."""

    def attempts(deliveries: Deliveries) -> None:
        for n in range(100):
            deliveries.tried(f"invented{n}://somewhere", "refused")

    assert counted(attempts) == [(metrics.DELIVERIES.name, "other", "refused")] * 100


def test_a_channel_that_took_a_message_has_a_name() -> None:
    """A rare channel is named once it is known to be real, from then on in its failures, too."""

    def attempts(deliveries: Deliveries) -> None:
        deliveries.tried("zulip://chat.example", "unavailable")
        deliveries.tried("zulip://chat.example", "accepted")
        deliveries.tried("zulip://chat.example", "unavailable")

    assert counted(attempts) == [
        (metrics.DELIVERIES.name, "other", "unavailable"),
        (metrics.DELIVERIES.name, "zulip", "accepted"),
        (metrics.DELIVERY_DELAY.name, "zulip", ""),
        (metrics.DELIVERIES.name, "zulip", "unavailable"),
    ]


def test_mail_has_its_name_from_the_first_attempt() -> None:
    """What everybody uses is named, even if it has never worked."""
    assert counted(lambda deliveries: deliveries.tried("mailto:ada@acme.example", "broke")) == [
        (metrics.DELIVERIES.name, "mailto", "broke")
    ]
