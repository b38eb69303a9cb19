"""Whoever is called at three types what the papers say: each command, alert and message exists."""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import takewhile
from typing import Any

import click
import pytest
import yaml

from escalations.cli.commands import escalade
from tests.house import CHECKOUT
from workers.probe import Outcome
from workers.settings import Settings

PAPERS = ("operating.md", "runbooks.md", "scaling.md", "back-up.md")
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text("utf-8"))
ALERTS = {
    rule["alert"]
    for group in yaml.safe_load(
        (CHECKOUT / "deploy" / "prometheus" / "alerts.yaml").read_text("utf-8")
    )["groups"]
    for rule in group["rules"]
}
SETTINGS = {f"ESCALADE_{field.upper()}" for field in Settings.model_fields} | {
    "ESCALADE_SECRET_",
    "ESCALADE_BUILD",
}
NO_VALUE = {"--all", "--detach", "--wait", "--rm", "--no-deps", "-T", "--build", "--volumes"}
"""Options of `docker compose` that take none."""
OF_OTHERS = {
    "Name or service not known",
    "Connection refused",
    "No space left on device (53100)",
    "no usable database connection found",
    "no such host",
    "Encoded failure",
    "Restarting (2)",
    "Restarting (3)",
    "Temporal does not do it: Unable to query workflow due to Workflow Task in failed state.",
}
"""What PostgreSQL, mail servers, Docker and Temporal say."""


def paper(name: str) -> str:
    return (CHECKOUT / "docs" / name).read_text("utf-8")


def typed(text: str) -> Iterator[str]:
    """Every command of a paper: lines of blocks, and what stands between ticks."""
    yield from (
        line.strip().partition("  #")[0] for line in re.findall(r"^ {4,}(\S.*)$", text, re.M)
    )
    yield from re.findall(r"`((?:escalade|docker compose|deploy/\w+) [^`…]+)`", text)


def split(line: str) -> list[str]:
    """The words of a line, without what its output goes into."""
    return list(takewhile(lambda word: word not in ("|", "<", ">", "&&", "||"), shlex.split(line)))


def faults_of_escalade(line: str) -> list[str]:
    """Words of an `escalade` line that the command line does not know."""
    words = split(line)[1:]
    command: click.Command = escalade
    context = click.Context(escalade)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        if found is None:
            return [f"{line}: no command {words[0]}"]
        context = click.Context(found, parent=context, info_name=words.pop(0))
        command = found
        while isinstance(command, click.Group) and words and words[0].startswith("-"):
            if words[0] not in {name for each in command.params for name in each.opts}:
                return [f"{line}: no option {words[0]}"]
            del words[:2]
    try:
        command.make_parser(context).parse_args(words)
    except click.UsageError as error:
        return [f"{line}: {error.format_message()}"]
    return []


def faults_of_compose(line: str) -> list[str]:
    """Services of a `docker compose` line that the file does not have."""
    words = split(line)[2:]
    verb, rest = words[0], words[1:]
    named = []
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            named.append(word)
        elif word not in NO_VALUE and "=" not in word and word.startswith("--"):
            del rest[:1]
        if named and verb in ("exec", "run"):
            break
    return [f"{line}: no service {name}" for name in named if name not in COMPOSE["services"]]


def faults_of_commands(text: str) -> list[str]:
    """Commands that cannot be typed as they stand."""
    found = []
    for line in typed(text):
        if line.startswith("escalade "):
            found += faults_of_escalade(line)
        elif line.startswith("docker compose ") and " -f " not in line:
            found += faults_of_compose(line)
        elif line.startswith("deploy/") and not (CHECKOUT / line.split()[0]).exists():
            found.append(f"{line}: there is no such script")
    return found


def faults_of_names(text: str) -> list[str]:
    """Alerts, settings and log events that there are not, in ticks."""
    words = set(re.findall(r"`([^`\s]+)`", text))
    alerts = {word for word in words if re.fullmatch(r"Escalade[A-Z]\w+", word)}
    settings = {word.rstrip("…") for word in words if re.match(r"ESCALADE_[A-Z_]+…?$", word)}
    events = {word for word in words if re.fullmatch(r"[a-z]+\.[a-z_]+", word)}
    events = {word for word in events if not re.search(r"\.(md|yaml|sh|pem)$", word)}
    return sorted((alerts - ALERTS) | (settings - SETTINGS) | (events - said()))


def faults_of_messages(text: str) -> list[str]:
    """Quoted messages, of three words or more, that none of our programs says."""
    quoted = re.findall(r"`((?:[A-Z(]|the |or |it )[^`]* [^`]* [^`]*)`", text)
    ours = said()
    return [
        message
        for message in quoted
        if message not in OF_OTHERS
        and not message.startswith(("DELETE", "WorkflowType", "ExecutionStatus", "SELECT", "0 * "))
        and not all(any(part in each for each in ours) for part in parts(message))
    ]


def parts(message: str) -> Iterable[str]:
    """What of a message is the same every time: what is not a name, a number or left out."""
    names = r"customer (?=\()|'[\w.-]+'|first-line|: rota\.calendar|/policies/\S+|levls"
    pieces = re.split(rf"…|{names}|[()]|\. ", message)
    return [piece.strip(" :.,()") for piece in pieces if len(piece.strip(" :.,()`")) > 2]


@cache
def said() -> frozenset[str]:
    """Every text in our programs."""
    found: set[str] = set()
    for room in ("escalations", "activities", "workers", "workflows"):
        for file in (CHECKOUT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(" ".join(node.value.split()))
    return frozenset(found | {f"canary.{each}" for each in Outcome})


def anchors(text: str) -> set[str]:
    """What can be linked to in a paper."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def faults_of_links(name: str) -> list[str]:
    """Links to papers and headings that are not there."""
    found = []
    for file, anchor in re.findall(r"\]\(([\w./-]*\.\w+)?#?([\w-]*)\)", paper(name)):
        target = CHECKOUT / "docs" / (file or name)
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            found.append(f"{file}#{anchor}")
    return found


@pytest.mark.parametrize("name", PAPERS)
def test_every_command_can_be_typed(name: str) -> None:
    """Subcommands and options of `escalade`, services of the compose file and scripts exist."""
    assert faults_of_commands(paper(name)) == []


@pytest.mark.parametrize("name", PAPERS)
def test_every_name_is_one_of_ours(name: str) -> None:
    """Alerts, settings and events of the log are spelt as they are."""
    assert faults_of_names(paper(name)) == []


@pytest.mark.parametrize("name", PAPERS)
def test_every_link_leads_somewhere(name: str) -> None:
    """To a paper that is there, and to a heading in it."""
    assert faults_of_links(name) == []


def test_every_message_is_one_that_we_print() -> None:
    """Who looks for the words on the screen finds them in the paper, and the other way round."""
    assert faults_of_messages(paper("runbooks.md")) == []


def test_every_alert_has_its_way() -> None:
    """Whoever is woken by an alert finds it in the table at the entrance."""
    table = paper("operating.md").partition("# The Temporal UI")[0]
    assert {alert for alert in ALERTS if f"`{alert}`" not in table} == set()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("`escalade lisst`", "escalade lisst: no command lisst"),
        ("`escalade list --overdu-e`", "escalade list --overdu-e: No such option '--overdu-e'"),
        ("    docker compose stop worker-9\n", "docker compose stop worker-9: no service worker-9"),
        ("    deploy/backupp FOLDER\n", "deploy/backupp FOLDER: there is no such script"),
        ("`EscaladeNobodyThere`", "EscaladeNobodyThere"),
        ("`ESCALADE_MAX_CASES`", "ESCALADE_MAX_CASES"),
        ("`canary.sings`", "canary.sings"),
        ("`No worker sings in the task queue`", "No worker sings in the task queue"),
    ],
)
def test_a_paper_that_is_wrong_is_caught(text: str, fault: str) -> None:
    """A misspelt command, service, alert, setting, event or message is found."""
    found = faults_of_commands(text) + faults_of_names(text) + faults_of_messages(text)
    assert [each for each in found if each.startswith(fault)]
