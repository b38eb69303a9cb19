"""The words of every message: templates per language, a company's own before ours, file by file.

A notice has one file of words a language, `<language>/<notice>.txt`: the subject in the first line,
then paragraphs. `layout.txt` and `layout.html` set them, with the facts of the case, so that no
sentence is written twice and text and HTML never differ; `chat.txt` is the short form. A notice may
have an HTML of its own, too, `<language>/<notice>.html`. A template that breaks does not lose the
message: ours is used instead, and if ours breaks, the bare facts are sent.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog
import yaml

from activities.facts import commands, facts
from activities.letters import Letter
from activities.phrases import (
    Isolated,
    Phrases,
    isolated,
    isolated_html,
)
from activities.rendering import Renderer
from escalations.directions import FIRST_STRONG_ISOLATE, POP_ISOLATE
from escalations.effects import Brief, Notify, Recipient, Send

OURS = Path(__file__).parent / "templates"
LAST_RESORT = "en"
"""The language of those who read none of the languages there are."""
MAX_SUBJECT = 120
RENDER_WITHIN = timedelta(seconds=2)
"""How long one template may keep the processor."""
MAX_RENDERED = 300_000
"""How long what it makes may be, in characters."""

_GAPS = re.compile(r"[ \t\r\n]+")
_EMPTY = re.compile(r"\n[ \t]*\n")
_WRAP = re.compile(r"[ \t]*\n(?!- )[ \t]*|[ \t]{2,}")

_log: structlog.stdlib.BoundLogger = structlog.get_logger()
_Part = TypeVar("_Part")


class JinjaTemplates:
    """Jinja templates in folders: a company's, if it has some, over ours."""

    def __init__(self, folder: Path | None = None, within: timedelta = RENDER_WITHIN) -> None:
        """`folder` is the company's; `within` is how long one template may take.

        Raises:
            ValueError: it is no folder. Whoever runs the worker mends it.
        """
        if folder is not None and not folder.is_dir():
            msg = f"there is no folder {folder}: ESCALADE_TEMPLATES must name one, or be left out"
            raise ValueError(msg)
        self._ours = _Shelf("ours", [OURS], within)
        self._shelves = [_Shelf("company", [folder, OURS], within)] if folder else []
        self._shelves.append(self._ours)

    def write(self, brief: Brief, send: Send, recipient: Recipient) -> Letter:
        """The letter to one recipient, in their language and zone."""
        page = _first(self._shelves, send, "words", lambda by: by.page(brief, send, recipient))
        if page is None:
            page = _bare(brief, recipient)
        parts = self._parts(self._shelves, send, page)
        if None in parts.values() and page.whose != self._ours.whose:
            # A company's words may break our layout, too: then these parts have ours.
            our_page = _first(
                [self._ours], send, "words", lambda by: by.page(brief, send, recipient)
            )
            ours = self._parts([self._ours], send, our_page or page)
            parts = {part: ours[part] if made is None else made for part, made in parts.items()}
        bare = "\n\n".join([*page.paragraphs, brief.title, brief.statement])
        return Letter(
            case=brief.case,
            key=send.key,
            filed=brief.filed(send.key),
            recipient=recipient.key,
            name=recipient.name,
            language=page.language,
            to_customer=not isinstance(send, Notify),
            subject=page.subject,
            text=parts["text"] or bare,
            html=parts["html"],
            chat=parts["chat"] or page.subject,
        )

    def _parts(self, shelves: "list[_Shelf]", send: Send, page: "_Page") -> dict[str, str | None]:
        """A page as text, HTML and chat; `None` where every template breaks."""
        return {
            "text": _first(shelves, send, "text", lambda by: by.set(page, "layout.txt")),
            "html": _first(shelves, send, "html", lambda by: by.set_html(page)),
            "chat": _first(shelves, send, "chat", lambda by: by.set(page, "chat.txt")),
        }


@dataclass(frozen=True)
class _Page:
    """One notice in words, before it is set as text, HTML or chat."""

    whose: str
    notice: str
    language: str
    subject: str
    paragraphs: list[Isolated]
    said: Mapping[str, Any]
    """What templates may speak of."""


class _Shelf:
    """Folders of templates, the first one that has a file gives it."""

    def __init__(self, whose: str, folders: list[Path], within: timedelta) -> None:
        self.whose = whose
        self._folders = folders
        self._known: dict[str, Phrases] = {}
        self._render = Renderer(folders, within, MAX_RENDERED)

    def page(self, brief: Brief, send: Send, recipient: Recipient) -> _Page:
        """The words of a notice.

        Raises:
            jinja2.TemplateError, ValueError, KeyError …: the template is broken.
        """
        notice = str(send.notice)
        phrases = self._phrases(self._language(notice, recipient.language))
        said = {
            "notice": notice,
            "inside": isinstance(send, Notify),
            "brief": brief,
            "particulars": send.particulars,
            "recipient": recipient,
            "phrases": phrases,
            "words": phrases.words,
            "title": phrases.fill(phrases.words["quoted"], title=brief.title),
            "facts": facts(brief, send, recipient, phrases),
            "commands": commands(brief, send, phrases),
        }
        written = self._render(f"{phrases.language}/{notice}.txt", said)
        head, _, body = written.strip().partition("\n")
        label, _, subject = head.partition(":")
        if label.strip() != "Subject" or not subject.strip():
            msg = f"{phrases.language}/{notice}.txt must begin with a line `Subject: …`"
            raise ValueError(msg)
        return _Page(
            self.whose, notice, phrases.language, _one_line(subject), _paragraphs(body), said
        )

    def set(self, page: _Page, layout: str) -> str:
        """A page as text."""
        words = {"subject": page.subject, "paragraphs": page.paragraphs}
        text = self._render(layout, {**page.said, **words})
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"

    def set_html(self, page: _Page) -> str:
        """A page as HTML: by the notice's own file if it has one, else by the layout."""
        words = {
            "subject": isolated_html(page.subject),
            "paragraphs": [
                isolated_html(Isolated(paragraph.replace("\n- ", "\n• ")))
                for paragraph in page.paragraphs
            ],
        }
        own = f"{page.language}/{page.notice}.html"
        name = own if self._has(own) else "layout.html"
        return self._render(name, {**page.said, **words})

    def _has(self, name: str) -> bool:
        return any((folder / name).is_file() for folder in self._folders)

    def _language(self, notice: str, wanted: str) -> str:
        """`fr-CA`, else `fr`, else English: the first that has this notice."""
        for language in (wanted, wanted.partition("-")[0]):
            if self._has(f"{language}/{notice}.txt"):
                return language
        return LAST_RESORT

    def _phrases(self, language: str) -> Phrases:
        """The words of a language: its own over those of the language it is a variety of."""
        if language in self._known:
            return self._known[language]
        words: dict[str, Any] = {}
        for name in dict.fromkeys([language.partition("-")[0], language]):
            for folder in reversed(self._folders):
                path = folder / name / "words.yaml"
                if path.is_file():
                    words = _over(yaml.safe_load(path.read_text("utf-8")), words)
        return self._known.setdefault(language, Phrases(language, words))


def _first(
    shelves: list[_Shelf], send: Send, part: str, make: Callable[[_Shelf], _Part]
) -> _Part | None:
    """What the first shelf makes whose template does not break."""
    for shelf in shelves:
        try:
            return make(shelf)
        except Exception:
            _log.exception("template.broke", templates=shelf.whose, part=part, notice=send.notice)
    return None


def _over(upper: Any, lower: dict[str, Any]) -> dict[str, Any]:
    """Words over words, key by key."""
    merged = dict(lower)
    for key, value in (upper or {}).items():
        below = lower.get(key)
        merged[key] = _over(value, below) if isinstance(below, dict) else value
    return merged


def _one_line(text: str) -> str:
    """A subject: one line, not too long, its directions closed."""
    line = _GAPS.sub(" ", text).strip()
    if len(line) > MAX_SUBJECT:
        line = f"{line[: MAX_SUBJECT - 2].rstrip()}…"
        line += POP_ISOLATE * (line.count(FIRST_STRONG_ISOLATE) - line.count(POP_ISOLATE))
    return line


def _paragraphs(body: str) -> list[Isolated]:
    """Paragraphs, set apart by empty lines; in one, only a line with a dash begins a new line."""
    found = (_WRAP.sub(" ", paragraph).strip() for paragraph in _EMPTY.split(body))
    return [Isolated(paragraph) for paragraph in found if paragraph]


def _bare(brief: Brief, recipient: Recipient) -> _Page:
    """The facts without any template, so that a broken one never keeps a message back."""
    subject = _one_line(isolated(f"[{brief.case}] {brief.priority} · {brief.title}"))
    facts = f"{brief.customer_name} · level {brief.level} of {brief.levels} · {brief.status}"
    return _Page("", "", recipient.language, subject, [isolated(subject), isolated(facts)], {})
