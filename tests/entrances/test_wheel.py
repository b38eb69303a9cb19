"""What `pip install escalade` brings: the test kit, found by pytest, and the commands."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house import CHECKOUT

CALL_CENTRE = CHECKOUT / "policies" / "call-centre.yaml"
MINE = f"""
import pytest
from escalations.testing import desk as kit

@pytest.mark.escalade({str(CALL_CENTRE)!r})
def test_mine(desk):
    desk.open(category="billing")
    assert desk.told("support-manager", "level_entered")
    assert {{found}} in kit.__file__
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is built of this checkout, unpacked as pip does it; nothing else of ours."""
    built = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True, timeout=100)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "site")
    return built / "site"


def test_a_user_has_the_kit_and_pytest_finds_it(installed: Path, tmp_path: Path) -> None:
    """No conftest, no `-p`: the entry point brings the fixture, of the wheel and not of here."""
    (tmp_path / "test_mine.py").write_text(MINE.format(found=repr(str(installed))), "utf-8")
    words = ["-c", "/dev/null", f"--rootdir={tmp_path}", "-p", "no:cacheprovider", "-q", "."]

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


def test_the_wheel_holds_one_package_and_asks_for_no_pytest(installed: Path) -> None:
    """Our other rooms have names that other packages use, too."""
    (info,) = installed.glob("*.dist-info")
    metadata = (info / "METADATA").read_text("utf-8")
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist: ")]

    assert sorted(each.name for each in installed.iterdir()) == sorted([info.name, "escalations"])
    assert not [each for each in required if "pytest" in each and "extra ==" not in each]
    assert "[pytest11]\nescalade = escalations.testing.plugin" in (
        (info / "entry_points.txt").read_text("utf-8")
    )
