"""Small logs and mappings for stories about backtests."""

import gzip
from pathlib import Path

from escalations import policy_file
from escalations.backtest.mapping_file import MappingFile
from escalations.backtest.report import Report, report
from escalations.backtest.running import run
from escalations.policy import Policy
from tests.domain.matrices import MATRIX
from tests.house import CHECKOUT

SERVICENOW = CHECKOUT / "policies" / "logs" / "servicenow-incidents.yaml"
EXCERPT = CHECKOUT / "tests" / "domain" / "logs" / "servicenow.csv"

MAPPING = """\
mapping: small
rows: case-by-case
case: id
opened: opened
at: at
state: state
states:
  new: open
  working: taken
  waiting: {hold: customer}
  asked: {hold: vendor}
  solved: resolved
  done: closed
  back: reopened
  spam: withdrawn
  said: customer-replied
  seen: nothing
owner: {column: who}
priority: {otherwise: P3}
"""
HEAD = "id,opened,at,state,who"

SHOP = """\
policy: shop
timezone: Europe/Paris
contacts:
  agent: {name: Agent, reach: ["mailto:agent@shop.example"]}
  lead: {name: Lead, reach: ["mailto:lead@shop.example"]}
levels:
  - {name: Agent, contact: agent, within: 1h..2h, acknowledge_within: 10m}
  - {name: Lead, contact: lead, within: until-resolved, repeat_every: 1d}
customer: {confirm_within: 3d}
"""
"""Remind after an hour, climb after two; then again every day. Silence for three days is a yes."""


def shop(window: str = "1h..2h") -> Policy:
    """The shop's policy, with another window at its first level."""
    return policy_file.read(SHOP.replace("1h..2h", window))


def mapping(text: str = MAPPING, **changes: str) -> MappingFile:
    """A mapping; `changes` are keys written anew at its end."""
    kept = [line for line in text.splitlines() if line.partition(":")[0] not in changes]
    return MappingFile.read("\n".join([*kept, *(f"{key}: {new}" for key, new in changes.items())]))


def written(folder: Path, *rows: str, name: str = "log.csv") -> Path:
    """A log with these rows; compressed if its name says so."""
    path = folder / name
    text = "".join(f"{row}\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


def backtest(log: Path, mapped: MappingFile, *policies: Policy, jobs: int = 1) -> Report:
    """The report of a run; with the shop's policy if no other is given."""
    chosen = policies or (shop(),)
    files = {f"policy-{n}": policy for n, policy in enumerate(chosen)}
    return report(log.name, mapped.mapping, files, run(log, mapped, chosen, jobs=jobs))


def of_excerpt(*, jobs: int = 1) -> Report:
    """The excerpt of the real log, played through the real matrix."""
    return backtest(EXCERPT, MappingFile.read(SERVICENOW), policy_file.read(MATRIX), jobs=jobs)
