"""Findings with their places, and comments that accept them."""

from pathlib import Path

import pytest
import yaml

from escalations.lint.acceptance import acceptances
from escalations.lint.findings import LintFinding, lint
from escalations.lint.subject import Subject
from escalations.policy import Policy
from escalations.policy_files.document import Document
from escalations.policy_files.knowledge_file import with_knowledge
from tests.domain.lint_cases import AT

SHOP = """\
policy: shop
contacts:
  agent: {name: Agent, reach: ["mailto:agent@example.com"]}
  manager: {name: Manager, reach: ["mailto:manager@example.com"]}
escalation_manager: manager
levels:
  - name: Agent
    contact: agent
    within: 59m..1h
  - name: Head
    contact: manager
    within: until-resolved
fallback: agent
"""


def found(text: str, *ignored: str, folder: Path | None = None) -> list[LintFinding]:
    """What the lint finds in this text."""
    document = with_knowledge(Document(text, "shop.yaml"), folder)
    subject = Subject(Policy.model_validate(document.data), AT)
    return lint(subject, document, {"shop.yaml": text}, ignored)


def test_a_finding_stands_on_its_line() -> None:
    """File, line, column and key lead to the place; the line reads as compilers write theirs."""
    cut_off, fallback = found(SHOP)

    assert (cut_off.line, cut_off.column, cut_off.key) == (9, 5, "levels.#1.within")
    assert str(cut_off) == (
        "shop.yaml:9: warning reminder-cut-off: levels.#1.within: `Agent` is reminded 1 min of "
        "open time before the case leaves: nobody can act on that reminder. Let the lower bound "
        "come earlier, or count in business days (`bd`), which end while somebody is there."
    )
    assert (fallback.line, fallback.code) == (13, "fallback-is-the-level")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "59m..1h",
            "59m..1h  # accept: reminder-cut-off it is a robot",
            "it is a robot",
        ),
        ("59m..1h", "59m..1h  # accept: reminder-cut-off (a robot)", "a robot"),
        ("59m..1h", "59m..1h  # accept: shrinking-window, reminder-cut-off — so be it", "so be it"),
        ("    within: 59m", "    # accept: reminder-cut-off\n\n    # a robot\n    within: 59m", ""),
    ],
    ids=["beside it", "in brackets", "several codes", "above it"],
)
def test_a_comment_accepts_what_is_found_on_its_line(old: str, new: str, why: str) -> None:
    """With its reason, if it gives one; nothing else of the file is accepted by it."""
    findings = {each.code: each.accepted for each in found(SHOP.replace(old, new))}

    assert findings["reminder-cut-off"] == why
    assert findings["fallback-is-the-level"] is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    contact: agent", "    contact: agent  # accept: reminder-cut-off"),
        ("59m..1h", "59m..1h  # accept: reminder-cut"),
        ("59m..1h", "59m..1h  # accepted: reminder-cut-off"),
        ("59m..1h", "59m..1h  # accept reminder-cut-off"),
    ],
    ids=["another line", "another code", "another word", "no colon"],
)
def test_a_comment_accepts_nothing_else(old: str, new: str) -> None:
    """Neither on another line nor under another code."""
    assert {each.code: each.accepted for each in found(SHOP.replace(old, new))}[
        "reminder-cut-off"
    ] is None


def test_a_comment_that_accepts_nothing_is_found() -> None:
    """It would hide what comes there later; one about days that come may wait for them."""
    stale = found(SHOP.replace("59m..1h", "30m..1h  # accept: reminder-cut-off, most-urgent-waits"))
    unknown = found(SHOP.replace("59m..1h", "30m..1h  # accept: laziness"))

    assert stale[0].line == 9
    assert [each.code for each in stale] == ["stale-acceptance", "fallback-is-the-level"]
    assert unknown[0].what == "this comment accepts `laziness`, which is no finding of this check"


def test_what_is_ignored_is_not_there() -> None:
    """Neither the finding, nor word of a comment that accepts it."""
    text = SHOP.replace("59m..1h", "59m..1h  # accept: reminder-cut-off")

    assert [each.code for each in found(text, "fallback-is-the-level")] == ["reminder-cut-off"]
    assert found(text, "fallback-is-the-level", "reminder-cut-off") == []


def test_findings_about_the_whole_policy_are_accepted_above_its_first_key() -> None:
    """What has no place of its own stands at the top."""
    text = SHOP.replace("escalation_manager: manager\n", "")
    (nobody,) = (each for each in found(text) if each.code == "no-escalation-manager")
    head = f"# accept: no-escalation-manager a small shop\n{text}"
    (accepted,) = (each for each in found(head) if each.code == "no-escalation-manager")

    assert (nobody.line, nobody.key, nobody.accepted) == (1, "", None)
    assert (accepted.line, accepted.accepted) == (2, "a small shop")


def test_findings_about_articles_stand_in_their_file(tmp_path: Path) -> None:
    """A policy's articles may be in a file of their own: a finding leads there."""
    articles = [
        {
            "id": "reset",
            "title": {"en": "Reset", "fr": "Réinitialiser"},
            "answer": {"en": "Hold it."},
            "phrases": {"en": ["reset"], "fr": ["bloqué"]},
        }
    ]
    (tmp_path / "help.yaml").write_text(yaml.safe_dump(articles, sort_keys=False), "utf-8")
    text = f"{SHOP}knowledge: help.yaml\nlanguages: [en, fr]\n"

    (missing,) = (each for each in found(text, folder=tmp_path) if each.code == "article-missing")

    assert (missing.file, missing.line) == (str(tmp_path / "help.yaml"), 5)


def test_comments_are_found_wherever_they_stand() -> None:
    """Also in a file with Windows' line ends, without a last line end, and at the end."""
    (comment,) = acceptances("a: 1\r\n# accept: no-way-up: as we like it\r\nb: 2")
    (last,) = acceptances("a: 1\n# accept: no-way-up")

    assert (comment.line, comment.covers, comment.codes) == (2, 3, ("no-way-up",))
    assert comment.why == "as we like it"
    assert (last.line, last.covers) == (2, 2)
