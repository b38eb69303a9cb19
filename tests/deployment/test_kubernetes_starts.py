"""What the manifests start can start: with the files and variables of its pod, and no others."""

import shlex
from pathlib import Path
from typing import Any, Final

import pytest

from escalations.encryption import new_file, read_keys
from escalations.policy_file import read_folder
from tests.deployment.kustomize import Document, document_of, pods, sources
from workers.codec.settings import read_codec_settings
from workers.codec.tokens import digest
from workers.settings import Running, read_settings

SECRETS: Final = {
    "escalade-temporal": {"temporal.toml": "[profile.default]\n"},
    "escalade-payloads": {"keys": new_file("may")},
    "escalade-records": {"ESCALADE_RECORDS_URL": "sqlite:////nowhere/records.db"},
    "escalade-worker": {"ESCALADE_SMTP_URL": "smtps://care:canary-4711@mail.example:465"},
    "escalade-codec": {"tokens": f"ada {digest('canary-4711')}\n"},
}
"""What docs/kubernetes.md says that there has to be."""


def laid_out(pod: dict[str, Any], folder: Path) -> dict[str, str]:
    """The files of a pod below a folder, as the kubelet lays them out; its environment."""
    (container,) = pod["containers"]
    volumes = {each["name"]: each for each in pod["volumes"]}
    for mount in container["volumeMounts"]:
        place = folder / mount["mountPath"].lstrip("/")
        hidden = place / "..2026_11_22"
        hidden.mkdir(parents=True)
        for source in sources(volumes[mount["name"]]):
            for name, text in content(source).items():
                (hidden / name).write_text(text, "utf-8")
                (place / name).symlink_to(f"{hidden.name}/{name}")
    said = {
        key: value
        for each in container.get("envFrom", ())
        for key, value in data_of(each["configMapRef"]["name"]).items()
    } | {each["name"]: each["value"] for each in container.get("env", ())}
    roots = ("/tmp/", "/run/", "/policies")
    return {
        key: f"{folder}{value}" if value.startswith(roots) else value for key, value in said.items()
    }


def data_of(config_map: str) -> dict[str, str]:
    data: dict[str, str] = document_of("ConfigMap", config_map)["data"]
    return data


def content(source: dict[str, Any]) -> dict[str, str]:
    if "configMap" in source:
        return data_of(source["configMap"]["name"])
    secret = SECRETS[source["secret"]["name"]]
    wanted = [each["key"] for each in source["secret"].get("items", ())]
    return {name: text for name, text in secret.items() if not wanted or name in wanted}


def start(document: Document, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    (pod,) = pods(document)
    environment = laid_out(pod, folder)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def test_a_worker_can_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the files and variables of its pod a worker's settings are whole, its policies are read,
    its probes look where its sign of life is, and it may go on as long as it wants to."""
    deployment = document_of("Deployment", "escalade-workers")
    (pod,) = pods(deployment)
    (container,) = pod["containers"]
    environment = start(deployment, tmp_path, monkeypatch)

    settings = read_settings()

    assert settings.smtp_url is not None
    assert settings.records_url.get_secret_value() == "sqlite:////nowhere/records.db"
    assert settings.encryption_keys_file is not None
    assert read_keys(settings.encryption_keys_file).ids == ["may"]
    assert list(read_folder(settings.policies)) == ["call-centre"]
    assert Path(environment["TEMPORAL_CONFIG_FILE"]).exists()
    assert pod["terminationGracePeriodSeconds"] >= settings.stop_within.total_seconds() + 15
    sign = shlex.join(container["livenessProbe"]["exec"]["command"])
    assert sign == f"python -m workers.health --alive {tmp_suffix(settings.alive_file, tmp_path)}"
    assert container["startupProbe"]["exec"] == container["livenessProbe"]["exec"]
    assert container["readinessProbe"]["exec"]["command"] == ["python", "-m", "workers.health"]
    assert settings.metrics_address == f"0.0.0.0:{container['ports'][0]['containerPort']}"


def tmp_suffix(file: Path | None, folder: Path) -> str:
    return str(file).removeprefix(str(folder))


def test_a_codec_server_can_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings are whole, and it listens where its service and its probes look for it."""
    deployment = document_of("Deployment", "escalade-codec")
    (pod,) = pods(deployment)
    (container,) = pod["containers"]
    start(deployment, tmp_path, monkeypatch)

    settings = read_codec_settings()

    assert settings.codec_address == f"0.0.0.0:{container['ports'][0]['containerPort']}"
    assert settings.codec_origin == "https://temporal.example"
    assert container["readinessProbe"]["httpGet"] == {"path": "/healthz", "port": "http"}
    (port,) = document_of("Service", "escalade-codec")["spec"]["ports"]
    assert port["targetPort"] == container["ports"][0]["name"]


@pytest.mark.parametrize("kind", ["Deployment/escalade-canary", "CronJob/escalade-canary-by-cron"])
def test_a_canary_can_start(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the workers' keys and way to Temporal; by cron it is over before the next one."""
    document = document_of(*kind.split("/"))
    start(document, tmp_path, monkeypatch)

    assert Running().encryption_keys_file is not None
    if document["kind"] == "CronJob":
        job = document["spec"]["jobTemplate"]["spec"]
        assert (job["activeDeadlineSeconds"] < 60, job["backoffLimit"]) == (True, 0)
