"""Nothing of an export is dropped in silence."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from escalations.importing.exports import Export
from escalations.importing.importing import import_policies
from escalations.importing.result import Weight
from escalations.policy_files.findings import key_path
from tests.domain.importing import TOOLS, answers, exports, imported, said_of

Place = tuple[str | int, ...]

OF_NO_MEANING = frozenset(
    {
        *("self", "html_url", "final_schedule", "escalation_policies", "escalation_policy"),
        *("_links", "links", "pageInfo", "expandable"),
    }
)
"""Blocks that are links, or say again what stands elsewhere."""


def blocks(value: Any, place: Place = ()) -> Iterator[Place]:
    """The places of all blocks of fields."""
    if isinstance(value, dict):
        yield place
        for key, inner in value.items():
            yield from blocks(inner, (*place, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from blocks(inner, (*place, n))


@pytest.mark.parametrize("tool", TOOLS)
def test_unknown_field_is_listed_wherever_it_stands(tool: str) -> None:
    """A field that no importer has heard of is in the list, or all of what it stands in is."""
    files = exports(tool)
    unknown = []
    for export in files:
        for place in list(blocks(export.data)):
            if not OF_NO_MEANING & set(place):
                at(export.data, place)["zz_new"] = {"limit": 7}
                unknown.append((export.file, (*place, "zz_new")))

    changed = [Export.of(each.file, json.dumps(each.data)) for each in files]
    listed = {entry.place for entry in import_policies(changed).not_carried}

    assert len(unknown) > 10
    for file, place in unknown:
        ways = [f"{file}: {key_path(place[:n])}" for n in range(1, len(place) + 1)]
        beside = any(each.startswith(f"{ways[-2]}.") for each in listed) if len(ways) > 1 else True
        as_a_whole = not beside and listed & set(ways[:-1])
        one_of_some = {f"{way} and {n} more" for way in ways for n in range(1, 5)} & listed
        assert ways[-1] in listed or as_a_whole or one_of_some, ways[-1]


def at(data: Any, place: Place) -> Any:
    """What stands at a place."""
    for part in place:
        data = data[part]
    return data


@pytest.mark.parametrize("tool", TOOLS)
def test_every_entry_says_place_reason_and_advice(tool: str) -> None:
    """Whoever reads the list can find the thing, understand why, and knows what to do."""
    for entry in imported(tool).not_carried:
        assert entry.source == tool
        assert entry.place.partition(":")[0].endswith(".json")
        assert all([entry.what, entry.why, entry.advice]), entry


def test_the_list_begins_with_what_matters() -> None:
    """First what makes cases go another way, then what is to be filled in, then details."""
    weights = [entry.weight for entry in imported("pagerduty").not_carried]

    assert weights == sorted(weights, key=list(Weight).index)
    assert set(weights) == set(Weight)


def test_further_pages_and_unused_people_are_said() -> None:
    """An answer that is not the last page is said to be incomplete; who is asked nothing, too."""
    result = imported("pagerduty")

    assert said_of(result, "Further pages").place == "users.json"
    assert said_of(result, "1 of the users").weight is Weight.LEFT_OUT


def test_what_stands_beside_the_escalations_is_said() -> None:
    """Something else in the same answer is not just passed over."""
    policy = exports("goalert")[1].data["data"]
    people = exports("goalert")[0].data

    result = import_policies(
        answers(policy={"data": {**policy, "alerts": {"nodes": [{"id": 1}]}}}, people=people)
    )

    assert said_of(result, "alerts").place == "policy.json: data.alerts"


def test_people_asked_at_once_are_said_to_be_tried_in_order() -> None:
    """A level has one contact: who stands beside it in the other tool is named, with advice."""
    entry = said_of(imported("grafana-oncall"), "Asking all at once: alex, sam")

    assert "tried in order" in entry.why
    assert "`contacts.alex-sam`" in entry.advice
