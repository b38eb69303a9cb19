"""pytest's plugin: the fixture `desk`, and the story of its cases under a test that fails.

Loaded by pytest itself, where it is installed; nothing else in this package needs it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from escalations.testing.desk import Desk
    from escalations.testing.server import ServerDesk


def pytest_addoption(parser: pytest.Parser) -> None:
    """The policy's file, and the server if it is not to be virtual time."""
    parser.addini("escalade_policy", "the policy file that the fixture `desk` works by")
    group = parser.getgroup("escalade", "policies of escalations")
    group.addoption(
        "--escalade-address",
        metavar="HOST:PORT",
        help="run tests with `desk` against a Temporal server where a worker runs, in real time",
    )


def pytest_configure(config: pytest.Config) -> None:
    """What a test may be marked with."""
    marker = "escalade(policy, at): the policy file of this test's `desk`, and where time begins"
    config.addinivalue_line("markers", marker)


@pytest.fixture
def desk(request: pytest.FixtureRequest) -> "Iterator[Desk | ServerDesk]":
    """A desk of the policy that the test, its module or pytest's settings name."""
    found = request.node.get_closest_marker("escalade")
    said: dict[str, Any] = dict(found.kwargs) if found else {}
    if found and found.args:
        said["policy"] = found.args[0]
    policy = said.pop("policy", None) or request.config.getini("escalade_policy")
    if not policy:
        pytest.fail(
            "No policy is named: mark the test with @pytest.mark.escalade('my-policy.yaml'), or "
            "write `escalade_policy = my-policy.yaml` into pytest's settings.",
            pytrace=False,
        )
    address = request.config.getoption("--escalade-address")
    file = request.config.rootpath / Path(policy)
    if address is None:
        from escalations.testing.desk import Desk

        yield Desk(file, **said)
    else:
        from escalations.testing.server import ServerDesk

        with ServerDesk(file, address) as opened:
            yield opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Under a test that fails: what happened on its desk."""
    report = yield
    opened = getattr(item, "funcargs", {}).get("desk")
    cases = getattr(opened, "cases", None) if report.failed and report.when == "call" else None
    for case in cases or []:
        report.sections.append((f"what happened: {case!r}", case.story))
    return report
