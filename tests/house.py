"""The rules of the house: each takes a module's place and text and says what is wrong with it.

Held by reading the syntax tree and never by importing: a rule also sees the import in a function.
"""

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

CHECKOUT = Path(__file__).resolve().parent.parent

MAY_IMPORT: dict[str, frozenset[str]] = {
    "escalations": frozenset(),
    "activities": frozenset({"escalations"}),
    "workflows": frozenset({"escalations", "activities"}),
    "workers": frozenset({"escalations", "activities", "workflows"}),
    "starters": frozenset({"escalations"}),
    "benchmarks": frozenset({"escalations", "activities", "workflows"}),
    "tests": frozenset(
        {"escalations", "activities", "workflows", "workers", "starters", "benchmarks"}
    ),
}
"""Which rooms a room may import, itself apart. The rooms of this house are its keys."""

MAX_LINES = 300
MAX_WORKFLOW_LINES = 200
WORKFLOWS_MAY_IMPORT = (
    "pydantic",
    "temporalio.workflow",
    "temporalio.common",
    "temporalio.exceptions",
)
"""Besides the standard library and our rooms: what is safe and quick in the sandbox."""
WHEEL_MAY_IMPORT = (
    "temporalio",
    "pydantic",
    "pydantic_core",
    "holidays",
    "tzdata",
    "yaml",
    "click",
    "rich",
    "cryptography",  # of the extra `encryption`
)
"""What the wheel declares in `pyproject.toml`, by the names under which it is imported."""
EXTRAS = {
    "escalations/rota_calendars/": ("icalendar", "dateutil"),
    "escalations/testing/plugin.py": ("pytest",),
}
"""Folder or file of the wheel → what an extra brings for it, `escalade[rotas]`; pytest itself
brings what loads its plugin.

A backend that opens cases need not install a parser of calendars; whoever checks a policy with
rotas at a desk needs the worker's own reading of them, and no second one.
"""
UNPREDICTABLE = frozenset({"random", "secrets", "time", "uuid", "socket", "subprocess"})
READS_CLOCK = frozenset({"now", "utcnow", "today"})


@dataclass(frozen=True)
class Module:
    """One Python file: where it stands in the checkout, and its text."""

    path: PurePosixPath
    text: str

    @property
    def room(self) -> str:
        return self.path.parts[0]

    @property
    def speaks_temporal(self) -> bool:
        """Whether it is one of the places in `escalations` that may."""
        return self.path.as_posix() in (
            "escalations/calls.py",
            "escalations/client.py",
            "escalations/encryption.py",
            "escalations/in_turn.py",
            "escalations/sandbox.py",
            "escalations/temporal.py",
            "escalations/testing/server.py",
        ) or self.path.as_posix().startswith(("escalations/cli/", "escalations/histories/"))

    def is_in(self, folder: str) -> bool:
        return self.path.as_posix().startswith(folder)

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @property
    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of all it imports, `from a import b` as `a.b`."""
        return self._imports(ast.walk(self.tree))

    @property
    def imports_at_once(self) -> Iterator[tuple[int, str]]:
        """Those of them that run when it is imported: not in a function, not for types alone."""
        tree = self.tree
        later = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
            for inner in ast.walk(node)
        }
        return self._imports(node for node in ast.walk(tree) if node not in later)

    def _imports(self, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
        for node in nodes:
            match node:
                case ast.Import(names=names):
                    yield from ((node.lineno, alias.name) for alias in names)
                case ast.ImportFrom(module=str(module), names=names, level=0):
                    yield from ((node.lineno, f"{module}.{alias.name}") for alias in names)
                case ast.ImportFrom():
                    yield node.lineno, "." * node.level

    @property
    def foreign_imports(self) -> Iterator[tuple[int, str]]:
        """Those of them that are neither ours nor the standard library's."""
        ours = {"", *MAY_IMPORT, *sys.stdlib_module_names}
        return ((line, name) for line, name in self.imports if name.split(".")[0] not in ours)


def modules(checkout: Path = CHECKOUT) -> list[Module]:
    return [
        Module(PurePosixPath(path.relative_to(checkout).as_posix()), path.read_text("utf-8"))
        for room in MAY_IMPORT
        for path in sorted((checkout / room).rglob("*.py"))
    ]


def within(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def imports_run_one_way(module: Module) -> Iterator[str]:
    allowed = MAY_IMPORT[module.room] | {module.room}
    for line, name in module.imports:
        room = name.split(".")[0]
        if room == "":
            yield f"{line}: imports by a relative name; write the whole one"
        elif room in MAY_IMPORT and room not in allowed:
            yield f"{line}: {module.room} may not import {name}"


def temporal_stays_at_the_edge(module: Module) -> Iterator[str]:
    if module.room == "escalations" and not module.speaks_temporal:
        for line, name in module.imports:
            if within(name, "temporalio"):
                yield f"{line}: imports {name}; only the modules at the edge may (docs/design.md)"


def workflows_import_what_the_sandbox_bears(module: Module) -> Iterator[str]:
    if module.room == "workflows":
        for line, name in module.foreign_imports:
            if not within(name, *WORKFLOWS_MAY_IMPORT):
                yield f"{line}: a workflow may not import {name}"


def wheel_imports_what_it_declares(module: Module) -> Iterator[str]:
    if module.room == "escalations":
        brought = WHEEL_MAY_IMPORT + next(
            (names for folder, names in EXTRAS.items() if module.is_in(folder)), ()
        )
        for line, name in module.foreign_imports:
            if not within(name, *brought):
                yield f"{line}: imports {name}, which `pip install escalade` does not bring"


def extras_are_imported_when_needed(module: Module) -> Iterator[str]:
    """What needs an extra is imported in the function that uses it: all else works without it."""
    if module.room != "escalations":
        return
    for folder in EXTRAS:
        package = folder.strip("/").replace("/", ".")
        if not module.is_in(folder):
            for line, name in module.imports_at_once:
                if within(name, package):
                    yield f"{line}: imports {name} before it is needed; an extra may be missing"


def domain_is_pure(module: Module) -> Iterator[str]:
    """No clock and no randomness: what the engine needs of either is handed to it."""
    if module.room != "escalations" or module.speaks_temporal:
        return
    for line, name in module.imports:
        if within(name, *UNPREDICTABLE):
            yield f"{line}: imports {name}; the domain is the same on every run"
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in READS_CLOCK:
                yield f"{node.lineno}: reads the clock with {attr}(); take the moment as `at`"


def only_workers_read_the_environment(module: Module) -> Iterator[str]:
    """The CLI may, for what Temporal's `envconfig` leaves out; tests may, to start processes."""
    if module.room in ("workers", "tests") or module.path.as_posix().startswith("escalations/cli/"):
        return
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv"):
                yield f"{node.lineno}: reads the environment; workers/ hands settings over"
            case ast.ImportFrom(module="os", names=names):
                if {alias.name for alias in names} & {"environ", "environb", "getenv"}:
                    yield f"{node.lineno}: reads the environment; workers/ hands settings over"


def zones_come_from_the_pinned_database(module: Module) -> Iterator[str]:
    """`ZoneInfo(name)` asks the machine first, whose rules may be older (docs/dependencies.md).

    Tests may, where the zone's past is meant; the CLI may show the reader's own local time.
    """
    if module.room == "tests":
        return
    for node in ast.walk(module.tree):
        match node:
            case ast.Call(func=ast.Name(id="ZoneInfo") | ast.Attribute(attr="ZoneInfo")):
                yield f"{node.lineno}: asks the machine for a zone; use opening_hours.zone()"
            case ast.Call(func=ast.Attribute(attr="astimezone"), args=[], keywords=[]):
                if module.room != "escalations" or not module.speaks_temporal:
                    yield f"{node.lineno}: uses the machine's own zone; name the reader's"


def files_stay_short(module: Module) -> Iterator[str]:
    most = MAX_WORKFLOW_LINES if module.room == "workflows" else MAX_LINES
    if (lines := len(module.text.splitlines())) > most:
        yield f"{lines} lines, {most} at most: it wants to become two"


def package_file_is_a_docstring(module: Module) -> Iterator[str]:
    if module.path.name == "__init__.py":
        body = module.tree.body
        if len(body) != 1 or ast.get_docstring(module.tree) is None:
            yield "holds more or less than a docstring"


Rule = Callable[[Module], Iterator[str]]

RULES: tuple[Rule, ...] = (
    imports_run_one_way,
    temporal_stays_at_the_edge,
    workflows_import_what_the_sandbox_bears,
    wheel_imports_what_it_declares,
    extras_are_imported_when_needed,
    domain_is_pure,
    only_workers_read_the_environment,
    zones_come_from_the_pinned_database,
    files_stay_short,
    package_file_is_a_docstring,
)
