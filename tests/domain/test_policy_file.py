"""A policy file is read, or all that is wrong with it is said at once, line by line."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from escalations.policy import Policy
from escalations.policy_file import PolicyError, findings, read, read_folder
from escalations.policy_files.document import Document
from escalations.policy_files.findings import Finding
from escalations.policy_files.mistakes import NEEDED, PATTERNS
from tests.house import CHECKOUT

CALL_CENTRE: Final = CHECKOUT / "policies" / "call-centre.yaml"

SHOP: Final = """\
policy: shop
contacts:
  agent: {name: Agent, reach: ["mailto:agent@shop.example"]}
levels:
  - name: Agent
    contact: agent
    within: 15m..30m
"""

POLICIES: Final = CHECKOUT / "tests" / "domain" / "policies"
BROKEN: Final = POLICIES / "broken.yaml"


def marked(path: Path) -> list[tuple[int, str]]:
    """What the comments of a broken file say is wrong, line by line."""
    return [
        (number, what.strip())
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for what in line.partition("#!")[2].split("&&")
        if what and number > 1
    ]


def in_short(finding: Finding) -> tuple[int, str]:
    what = "missing" if finding.found == "nothing" else f"found {finding.found}"
    return finding.line, f"{finding.key}: {what}"


def said(text: str) -> str:
    """The findings about a text, without the name of its file."""
    return "\n".join(str(each).removeprefix("<text>:") for each in findings(text))


def test_every_mistake_at_once_each_on_its_line() -> None:
    """A file with three dozen mistakes gives exactly these findings, on exactly these lines."""
    found = [in_short(finding) for finding in findings(BROKEN)]

    assert sorted(found) == sorted(marked(BROKEN))
    assert [line for line, _ in found] == sorted(line for line, _ in found)
    assert len(found) > 30


def test_real_matrix_has_no_findings() -> None:
    """The matrix of the call centre is read as it stands, and reads the same as text."""
    assert findings(CALL_CENTRE) == []
    assert read(CALL_CENTRE) == read(CALL_CENTRE.read_text("utf-8"))


def mistakes() -> list[list[str]]:
    _, *blocks = (POLICIES / "mistakes.txt").read_text("utf-8").rstrip().split("\n\n")
    return [block.split("\n→ ") for block in blocks]


@pytest.mark.parametrize(("lines", "finding"), mistakes())
def test_mistake_on_its_own(lines: str, finding: str) -> None:
    """One mistake gives one finding: what is there, and what may be."""
    assert said(f"{SHOP}{lines}\n") == f"8: {finding}"


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", ":1: found no policy; allowed: the keys of a policy, such as `policy: call-centre`"),
        (b"# later\n", ":1: found no policy; allowed: the keys of a policy"),
        (b"- Agent\n- Boss\n", ":1: found a list of 2; allowed: the keys of a policy"),
        (b"policy: a\nsummary: caf\xe9\n", ":2: found the byte 0xE9, which is not UTF-8"),
        (SHOP.encode("utf-16"), ":1: found the byte 0xFF, which is not UTF-8"),
        (b"policy: a\nsummary: \x07\n", ":2: found the character U+0007, which cannot be printed"),
        (b'policy: a\nsummary: "\\UFFFFFFFF"\n', ":2: found an escape that is no character"),
        (b"policy: a\nlevels:\n\t- name: b\n", ":3: found a tab; allowed: spaces only before"),
        (b"policy: a\nsummary: b: c\n", ":2: found a `:` too much, or a line too far to the right"),
        (
            b"policy: a\nlevels:\n  - name: b\n      within: 1h\n",
            ":4: found a `:` too much, or a line",
        ),
        (b"policy: a\nlevels:\n    - b\n  - c\n", ":4: found a line that does not fit the lines"),
        (b"policy: a\nlanguages: [en, fr\n", ":2: found the end of the file; allowed: the bracket"),
        (
            b"policy: 'a\nlevels: []\n",
            ":2: found the end of the file; allowed: the bracket or quote",
        ),
        (b"policy: @a\n", ":1: found a text that begins with @; allowed: quotes around it"),
        (b"policy: *a\n", ":1: found the alias `*a`, which no `&a` before it defines"),
        (
            b"policy: a\n---\npolicy: b\n",
            ":2: found a second document (`---`); allowed: one policy",
        ),
        (b"a: " + b"[" * 5000, ":1: found more than 30 blocks within each other"),
        (b"policy: a\n" + b"#" * 1_000_000, ":1: found more than 1000000 bytes"),
    ],
)
def test_text_that_is_no_policy(tmp_path: Path, content: bytes, finding: str) -> None:
    """What is no YAML, no text or no block of keys is one clear finding on its line."""
    path = tmp_path / "shop.yaml"
    path.write_bytes(content)

    (found,) = findings(path)
    assert str(found).removeprefix(str(path)).startswith(finding)


def test_few_lines_of_aliases_do_not_swell() -> None:
    """Aliases of aliases that stand for 10²⁴ values are counted, not written out."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 24)]

    assert "allowed: 50000 values in 30 blocks; use fewer aliases" in said("\n".join(lines))


def test_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, or a folder in its place, is a finding, too."""
    assert "found no file to read (No such file" in str(findings(tmp_path / "shop.yaml")[0])
    assert "found no file to read (Is a directory)" in str(findings(tmp_path)[0])


def test_words_mean_what_they_look_like() -> None:
    """`no` is Norwegian, `on` a word, 12:30 no number and 2026-12-24 a day (YAML 1.2)."""
    scalars = Document("[no, on, yes, 12:30, 010, 1_000, 0o17, .5, 2026-12-24, ~, '30']", "a").data

    assert str(scalars) == (
        "['no', 'on', 'yes', '12:30', 10, '1_000', 15, 0.5, "
        "datetime.date(2026, 12, 24), None, '30']"
    )
    assert read(f"{SHOP}languages: [no, fi]\n").languages == ["no", "fi"]


@pytest.mark.parametrize("text", ["\ufeff" + SHOP, SHOP.replace("\n", "\r\n"), f"---\n{SHOP}...\n"])
def test_files_of_other_editors(tmp_path: Path, text: str) -> None:
    """A byte order mark, line ends of Windows and document marks change nothing."""
    path = tmp_path / "shop.yml"
    path.write_bytes(text.encode())

    assert read(path) == read(SHOP)


def test_blocks_can_be_shared() -> None:
    """Anchors and merge keys are plain YAML; what they bring in is checked where it is used."""
    boss = "  - <<: *same\n    name: Boss\n"
    text = SHOP.replace("  - name", "  - &same\n    name") + boss
    agent = read(SHOP).levels[0]

    assert read(text).levels == [agent, agent.model_copy(update={"name": "Boss"})]
    assert said(text.replace("15m..30m", "soon")).count("found 'soon'") == 2


def test_misspelt_key_is_not_missing_as_well() -> None:
    """What a misspelt key was meant to be is not reported a second time as missing."""
    assert said(SHOP.replace("within", "whitin")).startswith(
        "7: levels.#1.whitin: found an unknown"
    )
    assert said(SHOP.replace("    within: 15m..30m\n", "")).startswith(
        "5: levels.#1.within: `within`"
    )


def test_empty_contacts_are_one_mistake() -> None:
    """Without any contact, not every level is reproached with naming one."""
    text = SHOP.replace('  agent: {name: Agent, reach: ["mailto:agent@shop.example"]}\n', "")
    assert said(text).startswith("2: contacts: found an empty value; allowed: who acts")
    assert "\n" not in said(text)


def test_folder_is_read_by_the_policies_names(tmp_path: Path) -> None:
    """What a file is called does not matter; what is no YAML file is left alone."""
    (tmp_path / "one.yaml").write_text(SHOP)
    (tmp_path / "two.yml").write_text(SHOP.replace("policy: shop", "policy: branch"))
    (tmp_path / "README.md").write_text("# Policies")
    (tmp_path / ".one.yaml.swp.yaml").write_bytes(b"\xff")

    assert read_folder(tmp_path) == {
        "shop": read(SHOP),
        "branch": read(tmp_path / "two.yml"),
    }


def test_folder_shows_the_mistakes_of_all_its_files(tmp_path: Path) -> None:
    """Two files of one name, and whatever else is wrong in any file, are said together."""
    one, two, three = (tmp_path / name for name in ("a.yaml", "b.yaml", "c.yaml"))
    one.write_text(SHOP.replace("contact: agent", "contact: boss"))
    two.write_text(SHOP.replace("15m..30m", "soon"))
    three.write_text("policy: [")

    with pytest.raises(PolicyError) as refused:
        read_folder(tmp_path)

    lines = str(refused.value).splitlines()
    assert [line.partition("; allowed")[0] for line in lines] == [
        f"{one}:6: levels.#1.contact: found 'boss'",
        f"{two}:1: policy: found the name 'shop' that {one} has",
        f"{two}:7: levels.#1.within: found 'soon', which is not a duration",
        f"{three}:1: found the end of the file",
    ]


def test_folder_without_policies_says_what_to_set(tmp_path: Path) -> None:
    """An empty folder, or none, is a mistake that names ESCALADE_POLICIES."""
    for folder, found in ((tmp_path, "no policy files"), (tmp_path / "none", "no such folder")):
        with pytest.raises(PolicyError) as refused:
            read_folder(folder)
        assert str(refused.value) == (
            f"{folder}:1: found {found}; allowed: a folder with *.yaml files; "
            "set ESCALADE_POLICIES to it"
        )


def test_no_key_is_without_effect() -> None:
    """Each key of the policy language is acted upon or shown to people, as the papers say."""
    page = (CHECKOUT / "docs" / "requirements.md").read_text("utf-8").partition("## Keys of")[2]
    states = dict(re.findall(r"^\| `([\w.*-]+)` \| (.*?) \|", page, re.M))

    assert {state for state in states.values()} <= {"works", "shown"}
    assert {"contacts.*.rota", "levels.release_after", "knowledge"} <= states.keys()


def test_every_key_and_pattern_has_words() -> None:
    """Each required key says what it is for, and no pattern is shown to people as it is."""
    schema = Policy.model_json_schema()
    models = [schema, *schema["$defs"].values()]
    required = {f"{each['title']}.{key}" for each in models for key in each.get("required", ())}
    patterns = {each["pattern"] for each in blocks(schema) if "examples" not in each}

    assert set(NEEDED) == required
    assert set(PATTERNS) == patterns


def blocks(schema: Any) -> Iterator[dict[str, Any]]:
    """The parts of a JSON schema that have a pattern, those of keys, too."""
    if isinstance(schema, dict):
        if "pattern" in schema:
            yield schema
        yield from ({"pattern": each} for each in schema.get("patternProperties", ()))
        for value in schema.values():
            yield from blocks(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from blocks(value)
