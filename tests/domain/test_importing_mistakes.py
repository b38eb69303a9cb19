"""What cannot be imported is said with its file and place, all of it at once."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from escalations.importing.exports import Export
from escalations.importing.importing import import_policies
from escalations.importing.lines import line_of
from escalations.policy_files.findings import Finding, PolicyError
from tests.domain.importing import TOOLS, answers, exports

USER = {"id": "U1", "type": "user", "name": "Ada", "email": "ada@example.com"}


def pagerduty(*rules: Any, **said: Any) -> dict[str, Any]:
    """An escalation policy with these rules."""
    return {"id": "P1", "name": "Shop", "escalation_rules": list(rules), **said}


def rule(minutes: Any = 5, who: str = "U1", type_: str = "user_reference") -> dict[str, Any]:
    """A rule that asks one."""
    targets = [{"id": who, "type": type_, "summary": "Ada"}]
    return {"escalation_delay_in_minutes": minutes, "targets": targets}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "x.json:1: found an empty file"),
        ("{\n  oops", "x.json:2: found no JSON: Expecting property name"),
        ('{"a": NaN}', "NaN is no number in JSON"),
        ("[" * 100_000, "no JSON that can be read"),
        ("[" * 70 + "]" * 70, "more than 60 blocks within each other"),
        ("7", "found the number 7 without an escalation in it"),
        ("[]", "found an empty list without an escalation in it"),
        ('{"incidents": [{"id": 1}]}', "without an escalation in it"),
        ('{"data": null, "errors": [{"message": "no"}]}', "without an escalation in it"),
    ],
)
def test_what_is_no_export_is_refused(text: str, said: str) -> None:
    """No JSON, or JSON of none of the five: it says what each of them would look like."""
    with pytest.raises(PolicyError) as refused:
        import_policies([Export.of("x.json", text)])

    assert said in str(refused.value)


def test_what_the_five_need_is_named() -> None:
    """Whoever brought the wrong file reads what to ask for."""
    with pytest.raises(PolicyError) as refused:
        import_policies([Export.of("x.json", "{}")])

    for tool in ("PagerDuty", "Opsgenie", "Grafana OnCall", "GoAlert", "Iris"):
        assert tool in str(refused.value)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (pagerduty(), "policy.json:1: found no step that asks anybody"),
        (pagerduty(rule(who="U9")), "escalation_rules.#1.targets.#1.id: found user U9 (Ada)"),
        (pagerduty(rule(who="S1", type_="schedule_reference")), "add PagerDuty's answer for sched"),
        (
            pagerduty(rule(type_="robot")),
            "the target type 'robot'; allowed: user or schedule",
        ),
        (pagerduty(rule("soon")), "escalation_delay_in_minutes: found 'soon'; allowed: a number"),
        (pagerduty(rule(-5)), "found the number -5"),
        (pagerduty(rule(0)), "found a delay of 0; allowed: 1 minute at least"),
        (pagerduty(rule(None)), "`escalation_delay_in_minutes` is missing"),
        (pagerduty(rule(600_000), rule()), "found 10000h5m for one step; allowed: 9600h at most"),
        (pagerduty({"escalation_delay_in_minutes": 5, "targets": []}), "targets: found nobody"),
        (pagerduty(*[rule(), rule(who="U2")] * 26), "found 52 steps; allowed: 50 at most"),
        (pagerduty("rule"), "escalation_rules.#1: found 'rule'; allowed: a block of fields"),
        (pagerduty(name=["Shop"]), "name: found a list of 1; allowed: text"),
        ({"escalation_rules": "none"}, "escalation_rules: found 'none'; allowed: a list"),
    ],
)
def test_what_cannot_be_used_is_named(policy: dict[str, Any], said: str) -> None:
    """Each mistake with file, place, what was found and what is allowed."""
    files = answers(policy=policy, users=[USER, {**USER, "id": "U2", "name": "Grace"}])

    with pytest.raises(PolicyError) as refused:
        import_policies(files, "pagerduty")

    assert said in str(refused.value)


def test_all_mistakes_are_said_at_once_with_their_lines() -> None:
    """Two targets that are in no file are two lines, each with the line of the target."""
    policy = pagerduty(rule(who="U8"), rule(who="U9"))
    files = answers(policy=policy, users=[USER])

    with pytest.raises(PolicyError) as refused:
        import_policies(files)

    lines = files[0].text.splitlines()
    found = [(each.line, each.found.split(",")[0]) for each in refused.value.findings]
    assert found == [
        (next(n for n, line in enumerate(lines, 1) if f'"{who}"' in line), f"user {who} (Ada)")
        for who in ("U8", "U9")
    ]


def test_endless_mistakes_are_counted() -> None:
    """A hundred people who are in no file are not a hundred lines."""
    policies = [pagerduty(rule(who=f"U{n}"), id=f"P{n}") for n in range(120)]

    with pytest.raises(PolicyError) as refused:
        import_policies(answers(policies=policies))

    lines = str(refused.value).splitlines()
    assert len(lines) == 51
    assert "70 more mistakes like these" in lines[-1]


def test_two_tools_at_once_are_refused() -> None:
    """One import, one tool; a file that the named tool knows nothing of is refused too."""
    with pytest.raises(PolicyError, match="escalations of PagerDuty and GoAlert"):
        import_policies([*exports("pagerduty"), *exports("goalert")])
    with pytest.raises(PolicyError, match=r"plan\.json:1.*nothing of which is PagerDuty's"):
        import_policies([*exports("pagerduty"), *exports("iris")], "pagerduty")


def test_one_name_is_for_one_policy() -> None:
    """Two escalations cannot both have the name that is asked for."""
    with pytest.raises(PolicyError, match="2 escalations; allowed: a name for one policy only"):
        import_policies(exports("pagerduty"), name="shop")


def test_schedules_alone_are_no_export() -> None:
    """With the tool named, its escalations are still needed."""
    with pytest.raises(PolicyError, match="none of its escalations; allowed: PagerDuty's answer"):
        import_policies(answers(users={"users": [USER]}), "pagerduty")


JUNK: tuple[Any, ...] = (
    None,
    0,
    -1,
    1.5,
    True,
    "x\u202e\n\x00\ud800",
    [],
    {},
    [1],
    {"a": 1},
    10**30,
    [[]],
)


def spots(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of everything below the top."""
    if not isinstance(value, dict | list):
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*place, key)
        yield from spots(inner, (*place, key))


@pytest.mark.parametrize("tool", TOOLS)
def test_whatever_a_field_holds_the_files_are_to_blame(tool: str) -> None:
    """Nonsense anywhere gives valid policies or a mistake in one of the files, never another."""
    chance = random.Random(tool)
    for _ in range(40):
        files = exports(tool)
        n = chance.randrange(len(files))
        *above, key = chance.choice(list(spots(files[n].data)))
        block = files[n].data
        for part in above:
            block = block[part]
        block[key] = chance.choice(JUNK)
        files[n] = Export.of(files[n].file, json.dumps(files[n].data))

        blamed = {each.file for each in mistakes_of(files)}
        assert blamed <= {each.file for each in files}


def mistakes_of(files: list[Export]) -> list[Finding]:
    """What keeps these files from being imported; nothing if policies are made of them."""
    try:
        import_policies(files)
    except PolicyError as error:
        return error.findings
    return []


@pytest.mark.parametrize(
    ("place", "line"),
    [((), 1), (("a",), 2), (("b", 1), 4), (("b", 1, "ü}"), 5), (("b", 7), 3), (("nowhere",), 1)],
)
def test_line_of_a_place(place: tuple[str | int, ...], line: int) -> None:
    """A place is found in the text itself, whatever its strings hold; else what it is in."""
    text = '{\n "a": "]}{[\\"",\n "b": [[1, {}],\n  {\n   "ü}": [] , "c": 2}] }'

    assert line_of(text, place)[0] == line
