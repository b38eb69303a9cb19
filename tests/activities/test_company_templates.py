"""A company's own templates: used file by file, and no message is lost when one of them breaks."""

from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from activities.templates import OURS, JinjaTemplates
from escalations.effects import Notice
from tests.activities.people import brief
from tests.activities.written import reader, sent, write


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A company's folder of templates, with its own reminder in English."""
    folder = tmp_path / "templates"
    (folder / "en").mkdir(parents=True)
    (folder / "en" / "reminder.txt").write_text(
        "Subject: Ping {{ brief.case }}\n\nPlease, {{ recipient.name }}.\n"
    )
    return folder


def test_company_overrides_file_by_file(company: Path) -> None:
    """The company's words are used where it has some; the layout and all else stay ours."""
    templates = JinjaTemplates(company)
    letter = write(Notice.REMINDER, templates=templates)

    assert letter.subject == "Ping T-1"
    assert letter.text.startswith("Hello Ada,\n\nPlease, Ada.\n\nCustomer: Maison Lefèvre\n")
    assert "Please, Ada." in str(letter.html)
    assert write(Notice.BREACH, templates=templates) == write(Notice.BREACH)
    assert write(Notice.REMINDER, "fr", templates=templates) == write(Notice.REMINDER, "fr")


def test_company_has_words_of_its_own(company: Path) -> None:
    """Words are overridden one by one, in one language or in a variety of it."""
    (company / "en" / "words.yaml").write_text("triggers: {my-own: the moon is full}\n")
    (company / "fr-CA").mkdir()
    (company / "fr-CA" / "words.yaml").write_text('hello: "Allô {name},"\n')
    (company / "fr-CA" / "reminder.txt").write_text("Subject: Rappel\n\nVoilà.\n")
    templates = JinjaTemplates(company)

    english = write(Notice.LEVEL_ENTERED, templates=templates, why="trigger:my-own").text
    assert "it was reported that the moon is full" in english
    canadian = write(Notice.REMINDER, templates=templates, to=reader("fr-CA"))
    assert canadian.text.startswith(
        "Allô Ada,\n\nVoilà.\n\nClient : Maison Lefèvre\n".replace(" :", "\u00a0:")
    )
    assert canadian.language == "fr-CA"


def test_company_adds_a_language(company: Path) -> None:
    """A new language is a folder; where it lacks a notice, English is read as a whole."""
    (company / "he").mkdir()
    words = (OURS / "en" / "words.yaml").read_text("utf-8")
    (company / "he" / "words.yaml").write_text(words.replace("Hello {name}", "שלום {name}"))
    (company / "he" / "reminder.txt").write_text("Subject: תזכורת\n\nנא לטפל.\n")
    templates = JinjaTemplates(company)

    letter = write(Notice.REMINDER, templates=templates, to=reader("he"))
    assert '<html lang="he" dir="rtl">' in str(letter.html)
    assert "שלום Ada" in letter.text
    assert write(Notice.BREACH, templates=templates, to=reader("he")) == write(Notice.BREACH)


def test_company_sets_one_notice_its_own_way(company: Path) -> None:
    """A notice may have an HTML of its own over our layout."""
    (company / "en" / "reminder.html").write_text(
        '{% extends "layout.html" %}'
        "{% block paragraphs %}<p>Hey {{ brief.title }}</p>{% endblock %}"
    )
    html = write(
        Notice.REMINDER, templates=JinjaTemplates(company), case={"title": "A <b> case"}
    ).html

    assert "<p>Hey A &lt;b&gt; case</p>" in str(html)
    assert "Maison Lefèvre" in str(html)


# Each would end by itself and is stopped by one control alone: what is slow makes next to nothing,
# what is huge takes next to no time.
BREAKS = {
    "syntax": "Subject: {{ brief.case\n",
    "undefined": "Subject: x\n\n{{ brief.cse }}\n",
    "missing": "Subject: x\n\n{{ brief.owner }}\n",
    "no subject": "Hello\n",
    "empty": "",
    "division": "Subject: x\n\n{{ 1 / 0 }}\n",
    "secrets": "Subject: x\n\n{{ ''.__class__.__mro__ }}\n",
    "endless": "Subject: x\n\n{% macro f(n) %}{{ f(n) }}{{ f(n) }}{% endmacro %}{{ f(1) }}",
    "slow": "Subject: x\n\nx" + "{% for a in brief.statement %}" * 4 + "{% if brief.case == 1 %}x"
    "{% endif %}" + "{% endfor %}" * 4,
    "huge": "Subject: x\n\n"
    + "{% for a in brief.statement %}" * 3
    + "{{ a }}, and so on, and so on"
    "{% endfor %}" + "{% endfor %}" * 2,
    "power": "Subject: x\n\n{{ 9 ** 9 ** 9 }}",
    "long": "Subject: x\n\n{{ brief.statement" + " | join(brief.statement)" * 4 + " }}",
    "wide": "Subject: x\n\n{{ 'x' | center(200_000) }}",
    "wider": "Subject: x\n\n{{ 'x'.rjust(200_000) }}",
    "formatted": "Subject: x\n\n{{ '{:200000}'.format('x') }}",
    "repeated": "Subject: x\n\n{{ 'x' * 999999999 }}",
    "include": "Subject: x\n\n{% include '../../../../etc/passwd' %}",
    "changes": "Subject: x\n\n{{ particulars.actions.append('x') }}",
}


@pytest.mark.parametrize("name", BREAKS)
def test_broken_template_loses_no_message(company: Path, name: str) -> None:
    """A company's template that breaks, or takes too much, is replaced by ours, and logged."""
    (company / "en" / "reminder.txt").write_text(BREAKS[name])
    templates = JinjaTemplates(company, within=timedelta(seconds=0.3))
    with capture_logs() as logs:
        letter = templates.write(brief(), sent(Notice.REMINDER), reader("en"))

    assert letter == write(Notice.REMINDER)
    assert [(log["event"], log["templates"], log["part"]) for log in logs] == [
        ("template.broke", "company", "words")
    ]


@pytest.mark.parametrize(
    ("name", "part"), [("layout.html", "html"), ("layout.txt", "text"), ("chat.txt", "chat")]
)
def test_broken_layout_costs_only_itself(company: Path, name: str, part: str) -> None:
    """A company's layout that breaks leaves its words alone: only that part is set by ours."""
    (company / name).write_text("{{ nothing.of.that }}")
    with capture_logs() as logs:
        letter = JinjaTemplates(company).write(brief(), sent(Notice.REMINDER), reader("en"))

    assert letter.subject == "Ping T-1"
    for page in (letter.html, letter.text, letter.chat):
        assert "Please, Ada." in str(page)
    assert [log["part"] for log in logs] == [part]


@pytest.mark.parametrize("words", ["- a list", "hello: {", "hello: 'Hi {nobody}'", "units: 7"])
def test_broken_words_lose_no_message(company: Path, words: str) -> None:
    """A company's words that cannot be read, or break a sentence, are replaced by ours."""
    (company / "en" / "words.yaml").write_text(words)
    with capture_logs() as logs:
        letter = JinjaTemplates(company).write(brief(), sent(Notice.BREACH), reader("en"))

    assert letter == write(Notice.BREACH)
    assert {log["event"] for log in logs} == {"template.broke"}


def test_folder_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    """A folder of templates that is not there is refused when the worker starts."""
    with pytest.raises(ValueError, match="ESCALADE_TEMPLATES must name one"):
        JinjaTemplates(tmp_path / "nowhere")
