"""A policy as pages and charts: readable, and whatever is in a name is only shown."""

import re
from html.parser import HTMLParser

import pytest

from escalations.policy import Policy
from escalations.policy_pages.chart import chart
from escalations.policy_pages.html_page import html
from escalations.policy_pages.markdown_page import markdown
from escalations.policy_pages.mermaid import mermaid
from escalations.policy_pages.sheet import View, sheet
from escalations.policy_pages.svg_chart import svg
from escalations.policy_pages.wording import Wording
from tests.domain.matrices import ladder, whole_call_centre
from tests.domain.nasty_names import NAMES, SCRIPT, nasty
from tests.house import CHECKOUT

WORDS = Wording("en")
LABEL = r'"[^"\[\]{}|<>`#&%]*(?:(?:#\d+;|<br/>)[^"\[\]{}|<>`#&%]*)*"'
NODE = rf"(?:\w+(?:\[{LABEL}\]|\(\[{LABEL}\]\)|>{LABEL}\])(?::::\w+)?|\w+)"
STATEMENT = re.compile(rf"    {NODE}(?: (?:-->|-\.->)(?:\|{LABEL}\|)? \w+)?|    classDef \w+ \S+")
"""Mermaid's grammar as far as we use it; the whole of it accepted these texts when tried."""


def drawn(policy: Policy) -> str:
    return mermaid(chart(View(policy, WORDS)), WORDS)


@pytest.mark.parametrize("policy", [whole_call_centre().policy, nasty()], ids=["real", "nasty"])
def test_mermaid_is_well_formed(policy: Policy) -> None:
    """Every line is a statement of ours, whatever the names hold; no name is a node of its own."""
    first, *lines = drawn(policy).splitlines()

    assert first == "flowchart TD"
    for line in lines:
        assert STATEMENT.fullmatch(line), line


def test_mermaid_shows_names_as_they_are() -> None:
    """What is escaped comes back as it was written."""
    text = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), drawn(nasty()))

    for name in NAMES:
        assert name in text


def test_the_chart_can_be_followed() -> None:
    """Seven levels and eighteen triggers make no more than one arrow of triggers a level."""
    text = drawn(whole_call_centre().policy)

    assert len(re.findall(r"-->\|", text)) == 6
    assert len(re.findall(r"-\.-> L\d", text)) == 5
    assert (
        'T4>"At once to level 4<br/>closure threatened<br/>may switch supplier<br/>bad review"]'
        in (text)
    )
    assert 'B2(["billing"]):::begin --> L2' in text
    assert '"after 30 minutes<br/>P1: 15 minutes<br/>P2: 22 minutes 30 seconds"' in text


def test_a_level_that_time_does_not_end() -> None:
    """From a level that works until resolved in the middle, the arrow is dashed."""
    text = drawn(ladder("until-resolved", "1h").policy)

    assert 'L1 -.->|"stays until it is resolved"| L2' in text


class _Page(HTMLParser):
    """What a browser sees: elements, and the words between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.parametrize("policy", [whole_call_centre().policy, nasty()], ids=["real", "nasty"])
def test_the_page_needs_nothing_from_elsewhere(policy: Policy) -> None:
    """No script, no picture, no style sheet, no address; every element is closed."""
    view = View(policy, WORDS)
    page = html(sheet(view), chart(view), WORDS)
    seen = _Page(page)

    assert not {"script", "img", "link", "iframe", "object", "a"} & set(seen.tags)
    assert not {"src", "href", "onerror", "onload"} & {name for name, _ in seen.attributes}
    assert "@import" not in page
    assert re.findall(r"url\([^)]*\)", page).count("url(#tip)") == len(
        re.findall(r"url\([^)]*\)", page)
    )
    assert seen.open == []


def test_the_page_shows_names_as_they_are() -> None:
    """`<script>` in a name is read as text, in the table and in the picture."""
    view = View(nasty(), WORDS)
    page = html(sheet(view), chart(view), WORDS)

    assert "<script" not in page
    for name in NAMES:
        assert name in _Page(page).words


def test_tables_have_headings_for_those_who_hear_them() -> None:
    """Each table has column and row headings and is called what stands above it."""
    view = View(whole_call_centre().policy, WORDS)
    page = html(sheet(view), chart(view), WORDS)

    assert page.count("<table") == page.count("aria-labelledby=") - 1
    assert page.count("<tbody>") == page.count("<table")
    assert page.count('<th scope="row">') == page.count("<tr>") - page.count("<thead>")
    assert '<html lang="en">' in page


def test_the_picture_fits() -> None:
    """Nothing of the picture is outside it, however long a name is."""
    for policy in (whole_call_centre().policy, nasty()):
        text = svg(chart(View(policy, WORDS)), WORDS)
        width, height = map(int, re.findall(r"viewBox=\"0 0 (\d+) (\d+)\"", text)[0])
        for x, y, wide, high in re.findall(
            r'x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)"', text
        ):
            assert int(x) + int(wide) <= width
            assert int(y) + int(high) <= height


def test_markdown_shows_names_as_they_are() -> None:
    """No name makes a column, an element or a heading."""
    view = View(nasty(), WORDS)
    page = markdown(sheet(view), chart(view), WORDS)
    table = [line for line in page.splitlines() if line.startswith("|")]
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in table[:10]}

    assert columns == {5}
    outside = re.sub(r"```mermaid\n.*?\n```\n", "", page, flags=re.DOTALL)
    assert SCRIPT not in outside
    assert "\\<script\\>" in outside
    assert "\n```\n" not in outside


def test_the_paper_shows_what_is_drawn() -> None:
    """The chart in the documentation is this one: `escalade policy show … --as mermaid`."""
    paper = (CHECKOUT / "docs/reading-a-matrix.md").read_text("utf-8")

    assert f"```mermaid\n{drawn(whole_call_centre().policy)}```\n" in paper
