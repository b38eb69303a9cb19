"""The house keeps its own rules, and each rule is shown to catch what it forbids."""

import importlib.util
from pathlib import Path, PurePosixPath

import pytest

from tests.house import CHECKOUT, MAY_IMPORT, RULES, Module, Rule, modules
from tests.house import domain_is_pure as pure
from tests.house import extras_are_imported_when_needed as when_needed
from tests.house import files_stay_short as short
from tests.house import imports_run_one_way as one_way
from tests.house import only_workers_read_the_environment as environment
from tests.house import package_file_is_a_docstring as bare
from tests.house import temporal_stays_at_the_edge as edge
from tests.house import wheel_imports_what_it_declares as wheel
from tests.house import workflows_import_what_the_sandbox_bears as sandbox
from tests.house import zones_come_from_the_pinned_database as zones

LONG = "x = 1\n"

FORBIDDEN: list[tuple[Rule, str, str]] = [
    (one_way, "escalations/engine.py", "import activities"),
    (one_way, "escalations/engine.py", "from workflows.escalation import EscalationWorkflow"),
    (one_way, "activities/records.py", "from workflows import escalation"),
    (one_way, "workflows/escalation.py", "from workers.settings import Settings"),
    (one_way, "starters/demo.py", "import activities.notifications"),
    (one_way, "starters/demo.py", "def start():\n    from workers import embedded"),
    (one_way, "workers/__main__.py", "from starters import schedules"),
    (one_way, "benchmarks/lifecycle.py", "from tests import harness"),
    (one_way, "escalations/engine.py", "from . import clock"),
    (edge, "escalations/engine.py", "from temporalio import workflow"),
    (edge, "escalations/clients.py", "import temporalio.client"),
    (sandbox, "workflows/escalation.py", "from temporalio import client"),
    (sandbox, "workflows/escalation.py", "import structlog"),
    (sandbox, "workflows/escalation.py", "from temporalio.worker import Worker"),
    (wheel, "escalations/sentences.py", "def rendered():\n    import jinja2"),
    (wheel, "escalations/cli/main.py", "from structlog import get_logger"),
    (wheel, "escalations/testing/desk.py", "import pytest"),
    (wheel, "escalations/rota_calendars/reading.py", "import recurring_ical_events"),
    (wheel, "escalations/lint/rotas.py", "def read():\n    import icalendar"),
    (
        when_needed,
        "escalations/cli/checking.py",
        "from escalations.rota_calendars.files import RotaFiles",
    ),
    (pure, "escalations/engine.py", "import random"),
    (pure, "escalations/engine.py", "from uuid import uuid4"),
    (pure, "escalations/clock.py", "from datetime import UTC, datetime\nat = datetime.now(UTC)"),
    (environment, "activities/mail.py", "import os\nurl = os.environ['ESCALADE_SMTP_URL']"),
    (environment, "starters/demo.py", "from os import getenv"),
    (environment, "escalations/client.py", "import os\nurl = os.getenv('TEMPORAL_ADDRESS')"),
    (
        zones,
        "escalations/sentences.py",
        "import zoneinfo\nhere = zoneinfo.ZoneInfo('Europe/Paris')",
    ),
    (zones, "activities/texts.py", "from zoneinfo import ZoneInfo\nhere = ZoneInfo('Cuba')"),
    (zones, "activities/texts.py", "def shown(at):\n    return at.astimezone()"),
    (short, "escalations/engine.py", LONG * 301),
    (short, "workflows/escalation.py", LONG * 201),
    (bare, "activities/__init__.py", '"""Rooms."""\nfrom activities import records'),
    (bare, "activities/__init__.py", ""),
]

ALLOWED: list[tuple[str, str]] = [
    ("escalations/engine.py", "import datetime\nfrom escalations.clock import Clock"),
    ("escalations/client.py", "from temporalio.client import Client\nimport uuid"),
    ("escalations/cli/main.py", "import os\nos.environ\nfrom temporalio import envconfig"),
    ("escalations/testing/plugin.py", "import pytest"),
    ("escalations/histories/plain.py", "from temporalio.client import Client"),
    ("activities/mail.py", "import smtplib\nfrom escalations import effects\nimport temporalio"),
    (
        "workflows/escalation.py",
        "import asyncio\nfrom temporalio import workflow\nfrom activities.mail import Mail\n"
        "from temporalio.exceptions import ActivityError\nfrom pydantic import BaseModel\n" + LONG,
    ),
    (
        "escalations/rota_calendars/reading.py",
        "import icalendar\nfrom escalations.rota_calendars.people import People",
    ),
    (
        "escalations/cli/rotas.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from escalations.rota_calendars.files import RotaFiles\n"
        "def read():\n    from escalations.rota_calendars.files import RotaFiles",
    ),
    ("workers/settings.py", "import os\nfrom workflows import escalation\nos.environ"),
    ("workflows/escalation.py", LONG * 200),
    ("escalations/engine.py", LONG * 300),
    ("starters/__init__.py", '"""The entrances."""'),
]


def named(rule: Rule) -> str:
    return rule.__name__


@pytest.mark.parametrize("rule", RULES, ids=named)
def test_every_module_keeps_the_rule(rule: Rule) -> None:
    """No module of this checkout breaks a rule of the house."""
    found = [f"{module.path}:{what}" for module in modules() for what in rule(module)]
    assert found == []


@pytest.mark.parametrize(("rule", "path", "text"), FORBIDDEN)
def test_rule_catches_what_it_forbids(rule: Rule, path: str, text: str) -> None:
    """A module that breaks one rule is caught by that rule, and by no other."""
    module = Module(PurePosixPath(path), text)
    assert [named(each) for each in RULES if list(each(module))] == [named(rule)]


@pytest.mark.parametrize(("path", "text"), ALLOWED)
def test_rules_leave_honest_modules_alone(path: str, text: str) -> None:
    """What the rules allow passes all of them."""
    module = Module(PurePosixPath(path), text)
    assert [what for rule in RULES for what in rule(module)] == []


def test_every_rule_is_shown_to_fail() -> None:
    """No rule stands here that nothing is known to break."""
    assert {rule for rule, _, _ in FORBIDDEN} == set(RULES)


def test_modules_are_found_wherever_they_lie(tmp_path: Path) -> None:
    """A new file in a new folder of a room is under the rules from its first day."""
    deep = tmp_path / "activities" / "channels" / "sms.py"
    deep.parent.mkdir(parents=True)
    deep.write_text("import workers\n")

    assert [module.path.as_posix() for module in modules(tmp_path)] == [
        "activities/channels/sms.py"
    ]
    assert {module.room for module in modules()} == set(MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_come_from_this_checkout(room: str) -> None:
    """The rooms' names are common ones: ours are imported, not another package's."""
    spec = importlib.util.find_spec(room)
    assert spec is not None
    assert spec.origin == str(CHECKOUT / room / "__init__.py")
