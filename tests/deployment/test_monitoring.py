"""What is offered to Prometheus, and whether dashboard and alerts speak of it."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from escalations import events, metrics
from escalations.client import EscalationClient
from escalations.metrics import Kind, Metric
from escalations.temporal import connect
from tests.activities.smtp import MailServer, Manner, mail_server
from tests.deployment.exposition import Page, faults, read, scrape
from tests.deployment.processes import program, worker_process
from tests.harness import ROOT, request
from tests.ports import free_port

DEPLOY = ROOT / "deploy"
DASHBOARD = DEPLOY / "grafana" / "escalade.json"
ALERTS = DEPLOY / "prometheus" / "alerts.yaml"
TRIALS = DEPLOY / "prometheus" / "alerts.test.yaml"
DOCUMENT = ROOT / "docs" / "monitoring.md"
LONG = timedelta(seconds=60)
BY_THE_SDK = {"namespace", "task_queue", "workflow_type", "activity_type", "service_name"}
WHO = "Zoë Kanarienvogel"


@pytest.fixture(scope="module")
async def page(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    """What a worker and the canary's probe serve after the story of two cases."""
    folder = tmp_path_factory.mktemp("monitored")
    served, probed = (f"127.0.0.1:{free_port()}" for _ in range(2))
    async with mail_server() as mails:
        mails.manners["representative@callcentre.example"] = Manner.REFUSES
        environment = {
            "ESCALADE_METRICS_ADDRESS": served,
            "ESCALADE_SMTP_URL": mails.url,
            "ESCALADE_MAIL_FROM": "care@callcentre.example",
        }
        options = ("--embedded", f"--db={folder / 'cases.db'}", "--port=0", "--ui-port=0")
        async with worker_process(folder, *options, **environment) as worker:
            address = (await worker.says("worker.started"))["address"]
            probe = {"TEMPORAL_ADDRESS": address, "ESCALADE_METRICS_ADDRESS": probed}
            connection = await connect(address=address, within=LONG)
            await live(EscalationClient(connection, answer_within=LONG))
            async with program("workers.canary", folder, "--every=30s", **probe) as canary:
                await canary.says("canary.climbed")
                yield await when(counted, probed) | await when(told, served)
        forget(mails)


async def live(client: EscalationClient) -> None:
    """One case is taken, resolved and ends; one was reported so long ago that it climbs at once."""
    customer = {"id": "C-99", "name": WHO, "contacts": ["mailto:zoe@kanarien.example"]}
    now = datetime.now(UTC)
    await client.open(request(case="T-secret", reported_at=now, customer=customer, priority="P1"))
    await client.send("T-secret", events.Acknowledge(by=WHO))
    await client.send("T-secret", events.ProposeResolution(by=WHO, summary="Refunded."))
    await client.send("T-secret", events.ConfirmResolution(by=WHO))
    await client.send("T-secret", events.Rate(score=5))
    long_ago = now - timedelta(minutes=31)
    await client.open(request(case="T-late", reported_at=long_ago, customer=customer))


async def when(settled: Callable[[Page], bool], address: str) -> Page:
    """The page once it says so."""
    async with asyncio.timeout(LONG.total_seconds()):
        while True:
            page = await scrape(address)
            if settled(page):
                return page
            await asyncio.sleep(0.2)


def counted(page: Page) -> bool:
    """Whether the late case was found where it has climbed to, and all else was counted, too."""
    found = page.value(metrics.OPEN_CASES.served, level="2", priority="P3") == 1
    return found and page.value(metrics.CENSUS_AT.served) > 0  # which is shown last


def told(page: Page) -> bool:
    """Whether the mail server has refused somebody, and that was heard of."""
    return page.value(metrics.UNDELIVERED.served) >= 2


def forget(mails: MailServer) -> None:
    """The letters are another test's."""
    for address, _ in mails.untaken:
        mails.take(to=address)


@pytest.mark.parametrize("metric", metrics.ALL, ids=lambda metric: metric.name)
async def test_every_metric_is_served(metric: Metric, page: Page) -> None:
    """Each metric of ours is there under its name, of its kind, with its labels and no others."""
    sample = f"{metric.served}_count" if metric.kind is Kind.HISTOGRAM else metric.served

    assert page.kinds[metric.served] == metric.kind
    assert page.labels(sample) - BY_THE_SDK == set(metric.labels) - BY_THE_SDK
    assert page.labels(sample) >= set(metric.labels)


async def test_buckets_are_the_ones_of_the_matrix(page: Page) -> None:
    """People's times fall into minutes, hours and days, the machinery's into seconds."""
    for metric, bounds in metrics.BUCKETS.items():
        found = {labels["le"] for labels, _ in page.series[f"{metric.served}_bucket"]}
        assert {float(each) for each in found} == {*bounds, float("inf")}


async def test_nothing_personal(page: Page) -> None:
    """No case, no customer, no address and nobody's name is in a label."""
    for secret in (WHO, "Zoë", "kanarien", "T-secret", "T-late", "C-99", "callcentre.example"):
        assert secret not in page.text


async def test_the_canary_is_no_case(page: Page) -> None:
    """Neither the climbs, the levels left nor the messages of a canary are counted as a case's."""
    of_cases = [name for name in page.series if name.startswith("escalade_")]
    assert not [
        name
        for name in of_cases
        for labels, _ in page.series[name]
        if labels.get("workflow_type") == "Canary"
    ]
    assert page.value(metrics.LEVELS_LEFT.served) == 1
    assert page.value(metrics.CANARIES.served, outcome="climbed") >= 1


def expressions() -> list[Any]:
    """Every expression of the dashboard and of the alerts, with where it stands."""
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    found = [
        pytest.param(target["expr"], id=f"{panel['title']}-{target['refId']}")
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
    ]
    return found + [pytest.param(rule["expr"], id=rule["alert"]) for rule in rules()]


def rules() -> list[dict[str, Any]]:
    written = yaml.safe_load(ALERTS.read_text("utf-8"))
    return [rule for group in written["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("expression", expressions())
async def test_every_expression_speaks_of_what_is_served(expression: str, page: Page) -> None:
    """What a panel draws and an alert waits for is really offered, with the labels it asks for."""
    assert list(faults(expression, page)) == []


SERVED = read('escalade_open_cases{level="1",priority="P1"} 1\n')


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("sum(escalade_open_case)", "escalade_open_case is not served"),
        ('max(escalade_open_cases{prio="P1"})', "escalade_open_cases has no label prio"),
        ("max by (rank) (escalade_open_cases)", "escalade_open_cases has no label rank"),
        ("time() - 90", "it is about no metric"),
    ],
)
def test_a_misspelt_expression_is_caught(expression: str, fault: str) -> None:
    """A metric, a label or a grouping that there is not is found; what is right is not."""
    assert list(faults(expression, SERVED)) == [fault]
    right = 'sum by (level) (rate(escalade_open_cases{priority=~"P1|P2"}[5m])) > 0 or up == 0'
    assert list(faults(right, SERVED)) == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_helps_whoever_it_wakes(rule: dict[str, Any]) -> None:
    """An alert says what is wrong, what that means and where to read on; it is tried, and its
    runbook is a chapter that is there."""
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    where, _, chapter = rule["annotations"]["runbook_url"].partition("#")
    assert ROOT / where == DOCUMENT
    assert chapter == rule["alert"].lower()
    assert f"\n### {rule['alert']}\n" in DOCUMENT.read_text("utf-8")
    assert f'alertname="{rule["alert"]}"' in TRIALS.read_text("utf-8")


@pytest.mark.parametrize("metric", metrics.ALL, ids=lambda metric: metric.name)
def test_every_metric_is_explained(metric: Metric) -> None:
    """The document names each metric with its kind and its labels."""
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    row = rf"\| `{metric.served}` \| {metric.kind} \| {re.escape(labels)} \| .+ \|"
    assert re.search(row, DOCUMENT.read_text("utf-8"))


def test_the_dashboard_is_one_page() -> None:
    """Its panels lie in the grid without overlapping, each with a number of its own, a unit, and a
    sentence for whoever wonders; all ask the Prometheus that the reader chooses."""
    dashboard = json.loads(DASHBOARD.read_text("utf-8"))
    panels = dashboard["panels"]
    taken = [
        (x, y)
        for box in (panel["gridPos"] for panel in panels)
        for x in range(box["x"], box["x"] + box["w"])
        for y in range(box["y"], box["y"] + box["h"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert [panel["title"] for panel in panels if panel["type"] == "row"] == [
        "Are customers waiting?",
        "Who is late?",
        "Is delivery broken?",
        "Is the machinery healthy?",
    ]
    for panel in panels:
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            assert panel["fieldConfig"]["defaults"]["unit"]
            assert {each["datasource"]["uid"] for each in panel["targets"]} == {"${datasource}"}


def promtool(*arguments: str, folder: Path = DEPLOY / "prometheus") -> tuple[int, str]:
    """What Prometheus' own tool says."""
    tool = shutil.which("promtool")
    if tool is None:
        assert "CI" not in os.environ, "CI brings promtool: see .ci/run"
        pytest.skip("promtool is not installed; it comes with Prometheus (Debian: prometheus)")
    done = subprocess.run(
        [tool, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yml"),
        ("check", "rules", "--lint-fatal", "alerts.yaml"),
        ("test", "rules", "alerts.test.yaml"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_prometheus_agrees(arguments: tuple[str, ...]) -> None:
    """Prometheus reads our files, and each alert fires when it should and not before."""
    code, said = promtool(*arguments)
    assert code == 0, said


def test_a_blunted_alert_is_caught(tmp_path: Path) -> None:
    """An alert that waits for ever fails its trial."""
    shutil.copytree(DEPLOY / "prometheus", tmp_path, dirs_exist_ok=True)
    (tmp_path / "alerts.yaml").write_text(ALERTS.read_text("utf-8").replace("> 90", "> 9000"))

    code, said = promtool("test", "rules", "alerts.test.yaml", folder=tmp_path)

    assert code != 0
    assert "EscaladeCanaryDoesNotClimb" in said
