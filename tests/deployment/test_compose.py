"""docker-compose.yml without an engine: its shape, and what it promises about itself."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from escalations import names
from tests.deployment.processes import ROOT
from workers.settings import Settings

FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name for name, service in SERVICES.items() if "ESCALADE_IMAGE" in service["image"]}
ONCE = {"secrets", "records", "schema", "namespace"}
SCRIPTS = ROOT / "deploy" / "compose"


def test_it_is_a_compose_file() -> None:
    """Compose's own schema knows every key of it."""
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", FILE],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_bounded_pinned_and_on_loopback(name: str) -> None:
    """A limit for each, an image of one version, ports that other machines do not reach, no
    secret in the environment, and no way to more rights."""
    service = SERVICES[name]

    assert {"cpus", "memory", "pids"} <= service["deploy"]["resources"]["limits"].keys()
    image = re.sub(r"\$\{\w+:-([^}]+)\}", r"\1", service["image"])
    assert re.search(r":(dev|v?\d+(\.\d+)*)$", image), image
    assert all(port.startswith("127.0.0.1:${") for port in service.get("ports", []))
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if name != "postgres":
        assert service["cap_drop"] == ["ALL"]
    for variable, value in service.get("environment", {}).items():
        is_secret = re.search(r"PASSWORD|PWD|TOKEN|_URL|KEYS", variable)
        assert not is_secret or variable.endswith("FILE") or "mail:1025" in value, variable


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_is_mounted_of_the_checkout_is_there_and_cannot_be_written(name: str) -> None:
    """A path that is missing would be made as an empty folder, in silence."""
    for volume in SERVICES[name].get("volumes", []):
        source = volume.partition(":")[0]
        if source.startswith("."):
            assert (ROOT / source).exists(), volume
            assert volume.endswith(":ro"), volume


def test_the_server_reads_what_it_is_told() -> None:
    """A misspelt variable of the server would do nothing, in silence."""
    known = (Path(__file__).parent / "containers" / "server-settings.txt").read_text("utf-8")

    assert SERVICES["temporal"]["environment"].keys() <= set(known.splitlines()[1:])


def test_our_processes_read_what_they_are_told() -> None:
    """Every variable of ours is a setting."""
    settings = {f"ESCALADE_{field.upper()}" for field in Settings.model_fields}
    others = {"ESCALADE_SECRETS_FOLDER", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"}
    codec = {f"ESCALADE_CODEC_{each}" for each in ("ADDRESS", "ORIGIN", "TOKENS_FILE")}

    for name in OURS:
        told = SERVICES[name].get("environment", {}).keys()
        assert told <= settings | others | (codec if name == "codec" else set()), name


def test_both_workers_are_the_same_and_encrypt() -> None:
    """Two workers with keys, so that one may be lost, and nothing is in plain."""
    assert SERVICES["worker-1"] == SERVICES["worker-2"]
    assert SERVICES["worker-1"]["environment"]["ESCALADE_ENCRYPTION_KEYS_FILE"]
    assert SERVICES["canary"]["environment"]["ESCALADE_ENCRYPTION_KEYS_FILE"]


def test_the_namespace_has_what_lists_filter_by() -> None:
    """The search attributes of the script are those of the contract."""
    script = (SCRIPTS / "namespace.sh").read_text("utf-8")

    registered = dict(re.findall(r"--name (\w+) --type (\w+)", script))
    assert registered == {str(name): kind for name, kind in names.SEARCH_ATTRIBUTES.items()}


def test_whoever_needs_a_secret_waits_for_it_and_sees_no_other() -> None:
    """Each volume of secrets is read by those who need it, and written by one service alone."""
    readers = {
        volume: {
            name
            for name, service in SERVICES.items()
            if any(each.startswith(f"{volume}:") for each in service.get("volumes", []))
        }
        - {"secrets"}
        for volume in COMPOSE["volumes"]
        if volume.endswith("-secrets")
    }

    assert readers == {
        "database-secrets": {"postgres", "records", "schema", "temporal"},
        "records-secrets": {"records", "worker-1", "worker-2"},
        "payloads-secrets": {"worker-1", "worker-2", "canary", "codec"},
        "codec-secrets": {"codec"},
        "operator-secrets": set(),
        "grafana-secrets": {"grafana"},
    }
    for volume, services in readers.items():
        for name in services:
            (mounted,) = (v for v in SERVICES[name]["volumes"] if v.startswith(volume))
            assert mounted.endswith(":ro"), name


def test_one_shots_that_run_again_say_so() -> None:
    """What runs once is not started again once it has done its work."""
    assert {name for name in SERVICES if SERVICES[name]["restart"] == "on-failure:3"} == ONCE
