"""The findings of a lint: every remark with its file and line, and whether it is accepted."""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pydantic import Field

from escalations.lint.acceptance import Acceptance, acceptances
from escalations.lint.check import RULES, remarks
from escalations.lint.remarks import Remark, Severity
from escalations.lint.subject import Subject
from escalations.model import Value
from escalations.policy_files.document import Document
from escalations.policy_files.findings import Printable

STALE: Final = "stale-acceptance"
"""The code of a comment that accepts what is not found."""

CODES: Final = (*RULES, STALE)
"""Every code there is."""


class LintFinding(Value):
    """What can be used and hardly does what was wanted: where, how bad, what, what to do."""

    code: str
    """Stable: `docs/lint.md` has a section for each."""
    severity: Severity
    file: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    key: Printable
    """The way to it from the top, list items by number from 1; "" for the whole policy."""
    what: Printable
    advice: Printable
    accepted: str | None = None
    """Why it is accepted, perhaps in no words; `None` if it is not."""

    def __str__(self) -> str:
        """One line: `matrix.yaml:12: warning short-phrase: triggers.…: What it is. What to do.`"""
        head = f"{self.file}:{self.line}: {self.severity} {self.code}"
        return ": ".join(filter(None, [head, self.key, " ".join(self.said_in_lines)]))

    @property
    def said_in_lines(self) -> list[str]:
        """What it is, and what to do: two sentences."""
        return [f"{each[:1].upper()}{each[1:]}." for each in (self.what, self.advice)]


def lint(
    subject: Subject, document: Document, texts: Mapping[str, str], ignored: Collection[str] = ()
) -> list[LintFinding]:
    """What the rules find in a policy that was read from this document, by file and line.

    `texts` are the files by the names that the document has for them, for the comments in them;
    findings with an ignored code are left out.
    """
    accepted = {file: acceptances(text) for file, text in texts.items()}
    placed = [
        _placed(remark, document, accepted)
        for remark in remarks(subject)
        if remark.code not in ignored
    ]
    stale = [] if STALE in ignored else list(_stale(accepted, placed, ignored))
    return sorted([*placed, *stale], key=lambda each: (each.file, each.line, each.column))


def _placed(
    remark: Remark, document: Document, accepted: Mapping[str, list[Acceptance]]
) -> LintFinding:
    document.report(remark.place, "", "")
    where = document.findings.pop()
    why = next(
        (
            each.why
            for each in accepted.get(where.file, [])
            if where.line in (each.line, each.covers) and remark.code in each.codes
        ),
        None,
    )
    return LintFinding(
        code=remark.code,
        severity=remark.severity,
        file=where.file,
        line=where.line,
        column=where.column,
        key=where.key,
        what=remark.what,
        advice=remark.advice,
        accepted=why,
    )


def _stale(
    accepted: Mapping[str, list[Acceptance]], placed: list[LintFinding], ignored: Collection[str]
) -> Iterator[LintFinding]:
    """Comments that accept what is not found there; what depends on the date may come back."""
    there = {(each.file, each.line, each.code) for each in placed if each.accepted is not None}
    for file, comments in accepted.items():
        for comment in comments:
            for code in comment.codes:
                about_dates = code in RULES and RULES[code].about_dates
                used = {(file, line, code) for line in (comment.line, comment.covers)} & there
                if used or about_dates or code in ignored:
                    continue
                why = "is not found here" if code in CODES else "is no finding of this check"
                yield LintFinding(
                    code=STALE,
                    severity=Severity.INFO,
                    file=file,
                    line=comment.line,
                    column=1,
                    key="",
                    what=f"this comment accepts `{code}`, which {why}",
                    advice="take the comment out, or move it to the line that it is about",
                )
