"""The table of broken rules is true to the engine: see `mutations.py`, `make mutants`."""

import ast

import pytest

from tests.domain.mutations import CHECKOUT, cases, functions, modules, mutations, source

NO_RULES = {
    "casefile": {"__init__", "level", "rules"},
    "case_clocks": {"__init__", "_keep"},
    "engine": {"__init__"},
    "worked_out": {"__init__", "of", "once"},
}
"""Functions that only keep or name things: broken, nothing works at all."""

DISPATCHES = ("commands", "engine", "facts", "objections")


@pytest.mark.parametrize("module", modules())
def test_each_mutation_applies(module: str) -> None:
    """What is to be broken stands in exactly one place, and what takes its place can be run."""
    text = source(module)
    for each in mutations():
        if each.module == module:
            assert text.count(each.was) == 1, each.rule
            assert each.was != each.now, each.rule
            ast.parse(text.replace(each.was, each.now))


def test_each_mutation_has_its_story() -> None:
    """The test that is named is there, once."""
    for file, names in _stories().items():
        tree = ast.parse((CHECKOUT / "tests" / "domain" / file).read_text("utf-8"))
        there = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        assert [name for name in names if there.count(name) != 1] == [], file


def _stories() -> dict[str, list[str]]:
    stories: dict[str, list[str]] = {}
    for each in mutations():
        file, _, name = each.test.partition("::")
        stories.setdefault(file, []).append(name)
    return stories


@pytest.mark.parametrize("module", modules())
def test_each_rule_is_broken_once(module: str) -> None:
    """Every function of the engine has a mutation in it."""
    broken = {each.line(source(module)) for each in mutations() if each.module == module}
    whole = [
        name
        for name, lines in functions(module).items()
        if name not in NO_RULES.get(module, ()) and not broken & set(lines)
    ]
    assert whole == [], "no mutation breaks these"


@pytest.mark.parametrize("module", DISPATCHES)
def test_each_case_of_a_dispatch_is_broken_once(module: str) -> None:
    """What may be said and what may fall due: each way has a mutation on it."""
    broken = {each.line(source(module)) for each in mutations() if each.module == module}
    whole = [name for name, lines in cases(module).items() if not broken & set(lines)]
    assert whole == [], "no mutation breaks these"


def test_the_engine_is_in_the_table() -> None:
    """Every module that the engine's dispatches call has its own table of broken rules."""
    called = {
        name.name
        for module in ("engine", "commands", "facts")
        for node in ast.walk(ast.parse(source(module)))
        if isinstance(node, ast.ImportFrom) and node.module == "escalations"
        for name in node.names
    }
    assert called - {"events", "timeline"} <= set(modules())
