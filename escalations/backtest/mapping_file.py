"""Mapping files: read and checked like policy files, all mistakes at once."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final, Self

from pydantic import ValidationError

from escalations.backtest.mapping import Mapping
from escalations.errors import MappingInvalid
from escalations.policy_files.document import Document
from escalations.policy_files.files import text_of
from escalations.policy_files.findings import Finding, shown
from escalations.policy_files.mistakes import report_mistakes

_MOST_NAMED: Final = 40  # columns of a log that a finding names


class MappingError(MappingInvalid):
    """The mistakes of a mapping, all of them, by line."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


class MappingFile:
    """A mapping that can be used, and where its keys stand."""

    def __init__(self, document: Document, mapping: Mapping) -> None:
        self._document = document
        self.mapping = mapping

    @classmethod
    def read(cls, source: Path | str) -> Self:
        """The mapping of a file, by its `Path`; a string is the text itself.

        Raises:
            MappingError: it has mistakes.
        """
        text = text_of(source) if isinstance(source, Path) else source
        document = Document(text, str(source) if isinstance(source, Path) else "<text>")
        mapping = None
        if isinstance(document.data, dict):
            try:
                mapping = Mapping.model_validate(document.data)
            except ValidationError as error:
                first = error.errors(include_url=False)[0]
                for problem in first.get("ctx", {}).get("problems", ()):
                    document.report(problem.place, problem.found, problem.allowed)
                if not document.findings:
                    report_mistakes(error, document, Mapping)
        elif not document.findings:
            found = "nothing" if document.data is None else shown(document.data)
            document.report((), found, "the keys of a mapping, such as `case: number`")
        if document.findings or mapping is None:
            raise MappingError(_in_order(document.findings))
        return cls(document, mapping)

    def check_columns(self, there: Sequence[str]) -> None:
        """Every column that the mapping names is in the log.

        Raises:
            MappingError: some are not.
        """
        for place, name in self.mapping.columns().items():
            if name not in there:
                near = get_close_matches(name, there, 1)
                hint = f" (did you mean `{near[0]}`?)" if near else ""
                named = ", ".join(there[:_MOST_NAMED]) + (" …" if there[_MOST_NAMED:] else "")
                found = f"the column {name!r}, which the log does not have{hint}"
                self._document.report(place, found, named)
        if self._document.findings:
            raise MappingError(_in_order(self._document.findings))


def _in_order(findings: list[Finding]) -> list[Finding]:
    """By line; of what is found twice at the same key, the first."""
    first: dict[tuple[int, int, str], Finding] = {}
    for each in findings:
        first.setdefault((each.line, each.column, each.key), each)
    return sorted(first.values(), key=lambda each: (each.line, each.column))
