"""What `docs/ladders.md` shows of our policies is what they do."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from activities.rotas import Rotas
from escalations import events
from escalations.cli.simulated import lines
from escalations.effects import Notify
from escalations.engine import Case
from escalations.policy import HoldReason
from escalations.policy_file import read as read_policy
from escalations.rota import RotaQuestion
from escalations.simulation.running import Simulation
from escalations.simulation.scenario_file import Wishes, read
from escalations.simulation.story import Story
from escalations.simulation.world import Prompt
from escalations.snapshot import take
from tests.domain.matrices import request
from tests.harness import ROOT

PAPER: Final = (ROOT / "docs" / "ladders.md").read_text("utf-8")
POLICIES: Final = ROOT / "policies"
NOW: Final = datetime(2026, 12, 1, tzinfo=UTC)
WIDTH: Final = 110
"""Narrow enough for a card a step."""


@pytest.mark.parametrize("name", ["ticket-tiers", "social-care", "customer-success"])
def test_simulated_case(name: str) -> None:
    """The scenario that stands in `docs/scenarios` does what the page shows, line for line."""
    policy = read_policy(POLICIES / f"{name}.yaml")
    said = read(Path(ROOT, "docs", "scenarios", f"{name}.yaml"), policy, Wishes(NOW))
    story = Story.of(said.play(policy), said.timezone, None, said.summary)

    shown = "\n".join(line.plain.rstrip() for line in lines(story, WIDTH))
    assert f"```\n{shown.strip()}\n```" in PAPER


async def test_case_that_follows_the_sun() -> None:
    """The day that the page shows, with the calendars read."""
    policy = read_policy(POLICIES / "follow-the-sun.yaml")
    at = datetime(2026, 7, 13, 6, 40, tzinfo=UTC)
    rotas = Rotas(POLICIES, {})
    rosters = {
        name: await rotas.read_rota(RotaQuestion(contact=name, rota=contact.rota, at=at))
        for name, contact in policy.contacts.items()
        if contact.rota is not None
    }
    asked = request(policy=policy.policy, category="data-centre", reported_at=at)
    simulation = Simulation(Case.open(asked, take(policy, 2026), at), Prompt(rosters=rosters))
    hold = events.Hold(by="priya.nair", reason=HoldReason.VENDOR)
    simulation.say(hold, datetime(2026, 7, 13, 7, 30, tzinfo=UTC))
    simulation.until(datetime(2026, 7, 14, 6, 40, tzinfo=UTC))

    shown = [
        f"{step.at:%a %H:%M} UTC  level {effect.particulars.level}  {effect.particulars.why:7} "
        f"{to.name} ({to.timezone})"
        for step in simulation.steps
        for effect in step.effects
        if isinstance(effect, Notify) and effect.notice == "level_entered"
        for to in effect.to
    ]
    assert "```\n" + "\n".join(shown) + "\n```" in PAPER
