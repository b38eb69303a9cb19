"""Policy files: read, checked, all mistakes of all files at once."""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from escalations import references
from escalations.policy import Policy
from escalations.policy_files.document import Document
from escalations.policy_files.files import at_top, text_of
from escalations.policy_files.findings import Finding, PolicyError, shown
from escalations.policy_files.knowledge_file import with_knowledge
from escalations.policy_files.mistakes import report_mistakes

__all__ = [
    "Checked",
    "Finding",
    "PolicyError",
    "findings",
    "read",
    "read_folder",
]


def read(source: Path | str) -> Policy:
    """The policy of a file, by its `Path`; a string is the text itself.

    Raises:
        PolicyError: it has mistakes; whoever wrote the file mends them.
    """
    checked = Checked(source)
    if checked.policy is None:
        raise PolicyError(checked.findings)
    return checked.policy


def findings(source: Path | str) -> list[Finding]:
    """All mistakes of a file (a string is the text itself), by line; none if it can be used."""
    return Checked(source).findings


def read_folder(folder: Path) -> dict[str, Policy]:
    """All policies of a folder (`*.yaml`, `*.yml`) by their names, whatever the files are called.

    Raises:
        PolicyError: files have mistakes, two have the same name, or there is none.
    """
    files = [
        path
        for path in (sorted(folder.iterdir()) if folder.is_dir() else [])
        if path.suffix in (".yaml", ".yml") and path.is_file() and not path.name.startswith(".")
    ]
    if not files:
        found = "no policy files" if folder.is_dir() else "no such folder"
        allowed = "a folder with *.yaml files; set ESCALADE_POLICIES to it"
        raise PolicyError([at_top(str(folder), found, allowed)])
    checked = [Checked(path) for path in files]
    first: dict[str, Checked] = {}
    for each in checked:
        name = each.name
        if name is not None and first.setdefault(name, each) is not each:
            found = f"the name {name!r} that {first[name].document.file} has"
            each.document.report(("policy",), found, "a name of its own for each policy")
    if mistakes := [finding for each in checked for finding in each.findings]:
        raise PolicyError(mistakes)
    return {each.policy.policy: each.policy for each in checked if each.policy is not None}


class Checked:
    """A file after its check: the policy, or what is wrong with it."""

    def __init__(self, source: Path | str) -> None:
        file = str(source) if isinstance(source, Path) else "<text>"
        text = text_of(source) if isinstance(source, Path) else source
        self.document = Document(text, file)
        self._policy: Policy | None = None
        if isinstance(self.document.data, dict):
            self.document = with_knowledge(
                self.document, source.parent if isinstance(source, Path) else None
            )
            self._check(self.document.data)
        elif not self.document.findings:
            found = "no policy" if self.document.data is None else shown(self.document.data)
            self.document.report((), found, "the keys of a policy, such as `policy: call-centre`")

    @property
    def policy(self) -> Policy | None:
        """The policy, if nothing is wrong with its file."""
        return None if self.document.findings else self._policy

    @property
    def name(self) -> str | None:
        """The policy's name, if it says one."""
        data = self.document.data
        name = data.get("policy") if isinstance(data, dict) else None
        return name if isinstance(name, str) else None

    @property
    def findings(self) -> list[Finding]:
        """By line; of what is found twice at the same key, the first."""
        first: dict[tuple[int, int, str], Finding] = {}
        for each in self.document.findings:
            first.setdefault((each.line, each.column, each.key), each)
        return sorted(first.values(), key=lambda each: (each.line, each.column))

    def _check(self, data: dict[str, Any]) -> None:
        try:
            self._policy = Policy.model_validate(data)
        except ValidationError as error:
            if error.errors()[0]["type"] != "policy_problems":
                for problem in references.problems(data):
                    self.document.report(problem.place, shown(problem.found), problem.allowed)
            report_mistakes(error, self.document)
