"""A policy's articles in a file of their own: mistakes in them are found there."""

from pathlib import Path
from typing import Any

from escalations.policy_files.document import Document
from escalations.policy_files.files import text_of
from escalations.policy_files.findings import Finding, shown
from escalations.references import Place

_KEY = "knowledge"


def with_knowledge(document: Document, folder: Path | None) -> Document:
    """The same document; where `knowledge` names a file of this folder, with what stands there."""
    named = document.data.get(_KEY)
    if not isinstance(named, str):
        return document
    allowed = "the name of a YAML file beside the policy, or the articles in its place"
    if folder is None or Path(named).is_absolute() or ".." in Path(named).parts:
        document.report((_KEY,), shown(named), allowed)
        return _without(document)
    articles = Document(text_of(folder / named), str(folder / named))
    if articles.findings and not (folder / named).is_file():
        document.report((_KEY,), f"{shown(named)}, and no such file", allowed)
        return _without(document)
    if not isinstance(articles.data, list) and not articles.findings:
        found = "nothing" if articles.data is None else shown(articles.data)
        articles.report((), found, "a list of articles, each with `id`, `title`, `answer` …")
    return _Joined(document, articles)


def _without(document: Document) -> Document:
    document.data = {key: value for key, value in document.data.items() if key != _KEY}
    return document


class _Joined(Document):
    """A document, one key of which stands in another one."""

    def __init__(self, document: Document, articles: Document) -> None:
        self.__dict__.update(document.__dict__)
        self._articles = articles
        self.findings = [*document.findings, *articles.findings]
        data: Any = articles.data if isinstance(articles.data, list) else []
        self.data = {**document.data, _KEY: data}

    def report(self, place: Place, found: str, allowed: str, node: Any = None) -> None:
        """Add a finding, where it stands."""
        if place[:1] != (_KEY,) or len(place) == 1:
            super().report(place, found, allowed, node)
            return
        self._articles.report(place[1:], found, allowed, node)
        finding: Finding = self._articles.findings.pop()
        self.findings.append(finding)

    def known(self, place: Place) -> Place:
        """The parts of a place that lead somewhere."""
        if place[:1] != (_KEY,):
            return super().known(place)
        return (_KEY, *self._articles.known(place[1:]))
