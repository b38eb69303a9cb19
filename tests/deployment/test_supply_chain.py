"""What a worker is made of: all of it named, pinned by hash, and under a licence we may use."""

import json
import subprocess
import sys
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.deployment import sbom
from tests.deployment.sbom import LOCK, ROOT, LicenceUnknown
from tests.test_papers import pins


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bill of materials, as CI makes it."""
    file = tmp_path_factory.mktemp("build") / "deeper" / "escalade.cdx.json"
    subprocess.run([sys.executable, "-m", "tests.deployment.sbom", file], cwd=ROOT, check=True)
    return file.read_text("utf-8")


def test_every_locked_package_is_on_the_bill(bill: str) -> None:
    """Each package of the lock, and nothing else, with its version, all its hashes, its licence."""
    lock = LOCK.read_text("utf-8")
    listed: list[dict[str, Any]] = json.loads(bill)["components"]

    assert {each["name"]: each["version"] for each in listed} == pins(lock)
    hashes = [hashed["content"] for each in listed for hashed in each["hashes"]]
    assert sorted(f"sha256:{each}" for each in hashes) == sorted(
        word.removeprefix("--hash=") for word in lock.split() if word.startswith("--hash=")
    )
    for each in listed:
        assert each["licenses"], each["name"]
        assert each["purl"] == f"pkg:pypi/{each['name']}@{each['version']}"


def test_the_bill_is_cyclonedx(bill: str) -> None:
    """Whoever reads bills of materials can read this one, and sees what needs what."""
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    needs = {each["ref"]: each.get("dependsOn", []) for each in json.loads(bill)["dependencies"]}
    assert {"temporalio", "pydantic", "apprise", "cryptography", "psycopg"} <= set(
        needs["escalade"]
    )
    assert "pydantic-core" in needs["pydantic"]


def test_every_licence_is_allowed() -> None:
    """Nothing that a worker is made of asks for more than we give."""
    found = {pin.name: sbom.licence_of(pin.name) for pin in sbom.pins(LOCK.read_text("utf-8"))}
    assert {name: spdx for name, spdx in found.items() if not sbom.is_allowed(spdx)} == {}


@pytest.mark.parametrize(
    ("spdx", "allowed"),
    [
        ("GPL-3.0-only", False),
        ("AGPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("GPL-2.0-only OR MIT", True),
    ],
)
def test_a_licence_that_is_not_allowed_is_found(spdx: str, allowed: bool) -> None:
    """A licence that asks for our own source is found, unless there is another to choose."""
    said = Message()
    said["License-Expression"] = spdx
    assert sbom.is_allowed(sbom.licence(said)) is allowed


@pytest.mark.parametrize("written", ["Dual License", "BSD", "See the file", ""])
def test_a_licence_that_nobody_can_name_is_found(written: str) -> None:
    """A package that does not say its licence so that it can be named stops the bill."""
    said = Message()
    said["Name"], said["License"] = "riddle", written
    with pytest.raises(LicenceUnknown, match="riddle"):
        sbom.licence(said)


def test_the_page_of_licences_is_of_this_lock(tmp_path: Path) -> None:
    """docs/licences.md is what `make licences` writes."""
    sbom.main(["--licences", str(tmp_path / "licences.md")])
    written = (tmp_path / "licences.md").read_text("utf-8")
    assert (ROOT / "docs" / "licences.md").read_text("utf-8") == written
