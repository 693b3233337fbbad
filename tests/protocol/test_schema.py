"""The schemas are valid, follow the convention, and attribute each violation to a requirement."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.judging.requirements import requirements
from conformance.protocol import schema
from conformance.protocol.exchange import Finding, Json
from tests.helpers.planted_violations import CONFORMING, PLANTED, Mutation

ANSWERS = ("completion", "chunk", "error")
ANNOTATED = ("completion", "chunk", "error", "parts")


def nodes(
    node: Json, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], dict[str, Json]]]:
    """Yield every object in a document, with its path."""
    if isinstance(node, dict):
        yield path, node
    for key, value in (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    ):
        yield from nodes(value, (*path, key))


def annotated(name: str) -> list[tuple[tuple[str | int, ...], dict[str, Json]]]:
    return [
        (path, node) for path, node in nodes(schema.document(name)) if schema.ANNOTATION in node
    ]


@pytest.mark.parametrize("name", schema.DOCUMENTS)
def test_a_schema_is_valid_and_names_itself(name: str) -> None:
    document = schema.document(name)
    Draft202012Validator.check_schema(document)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == f"{schema.BASE}{name}.json"


@pytest.mark.parametrize("name", schema.DOCUMENTS)
def test_every_reference_leads_somewhere_within_the_suite(name: str) -> None:
    references = [node["$ref"] for _, node in nodes(schema.document(name)) if "$ref" in node]
    for reference in references:
        target, _, place = reference.partition("#/$defs/")
        assert place in schema.document(target.removesuffix(".json") or name)["$defs"]


@pytest.mark.parametrize("name", schema.DOCUMENTS)
def test_no_branch_is_one_of_several(name: str) -> None:
    assert [
        path
        for path, node in nodes(schema.document(name))
        if node.keys() & {"oneOf", "anyOf"} and path[-1] != "properties"
    ] == []


@pytest.mark.parametrize("name", ANNOTATED)
def test_an_annotation_stands_on_one_subschema_within_defs(name: str) -> None:
    for path, node in annotated(name):
        assert path[0] == "$defs", f"{path} annotates the root"
        assert len(path) > 2, f"{path} annotates a whole definition, which others refer to"
        assert "$ref" not in node, f"{path} is annotated beside a $ref"


@pytest.mark.parametrize("name", ANNOTATED)
def test_an_annotated_subschema_is_self_contained(name: str) -> None:
    """Otherwise switching off one requirement would switch off another one too."""
    for path, node in annotated(name):
        below = [inner for where, inner in nodes(node) if where]
        for reference in [inner["$ref"] for inner in below if "$ref" in inner]:
            target, _, place = reference.partition("#/$defs/")
            below += [
                inner
                for _, inner in nodes(
                    schema.document(target.removesuffix(".json") or name)["$defs"][place]
                )
            ]
        assert not any(schema.ANNOTATION in inner for inner in below), (
            f"{path} has a row inside a row"
        )


@pytest.mark.parametrize("name", ANNOTATED)
def test_a_required_field_is_a_branch_of_its_own(name: str) -> None:
    for path, node in nodes(schema.document(name)):
        if "required" in node and path and path[-1] not in ("if", "not", "then", "items"):
            assert schema.ANNOTATION in node, f"{path} requires a field for no row"
            assert (
                node["properties"].keys() <= set(node["required"]) if "properties" in node else True
            ), f"{path} speaks of more than it requires"


@pytest.mark.parametrize("name", ANNOTATED)
def test_each_row_stands_once_in_a_document(name: str) -> None:
    counts = Counter(node[schema.ANNOTATION] for _, node in annotated(name))
    assert [row for row, count in counts.items() if count > 1] == []


def test_the_rows_are_rows_of_the_ledger_that_one_exchange_shows() -> None:
    assert {requirements()[row].needs for row in schema.rows()} == {"exchange"}


@pytest.mark.parametrize("name", CONFORMING)
def test_a_conforming_answer_meets_every_row_that_speaks_of_it(name: str) -> None:
    document, value, off = CONFORMING[name]
    shape = schema.compiled(document, off)
    assert list(shape.findings(value)) == []
    assert shape.is_valid(value)


@pytest.mark.parametrize("mutation", PLANTED, ids=lambda mutation: mutation.name)
def test_a_planted_violation_is_attributed_to_its_rows(mutation: Mutation) -> None:
    document, _, off = CONFORMING[mutation.of]
    shape = schema.compiled(document, off)
    value = mutation.apply()
    found = list(shape.findings(value))
    assert {finding.requirement for _, finding in found} == mutation.rows
    assert not shape.is_valid(value)
    for path, finding in found:
        place = "/".join(map(str, path))
        assert mutation.path.startswith(place) or place.startswith(mutation.path), (
            f"{finding.requirement} points at {place}"
        )


def test_every_row_of_the_schemas_is_broken_by_a_planted_violation() -> None:
    assert schema.rows() - {row for mutation in PLANTED for row in mutation.rows} == set()


@pytest.mark.parametrize("mutation", PLANTED, ids=lambda mutation: mutation.name)
def test_a_row_that_is_off_is_never_found(mutation: Mutation) -> None:
    document, _, off = CONFORMING[mutation.of]
    shape = schema.compiled(document, {*off, *mutation.rows})
    assert list(shape.findings(mutation.apply())) == []


def finding_of(finding: Finding) -> tuple[str, object, object]:
    return finding.message, finding.expected, finding.actual


def test_evidence_says_what_was_expected_and_what_was_there() -> None:
    shape = schema.compiled("completion", CONFORMING["completion"][2])
    mutation = next(each for each in PLANTED if each.rows == {"USG-011"})
    ((path, finding),) = shape.findings(mutation.apply())
    assert (path, *finding_of(finding)) == (
        ["usage", "prompt_tokens"],
        "the number is too small",
        "1 or more",
        0,
    )
    assert schema.pointer(path) == "/usage/prompt_tokens"


@dataclass(frozen=True)
class Backwards:
    """A validator that lists the errors of another one in reverse order."""

    validator: Any

    def iter_errors(self, value: Json) -> Iterator[Any]:
        return iter(list(self.validator.iter_errors(value))[::-1])


def test_the_order_of_findings_does_not_depend_on_the_validator() -> None:
    calls = [
        {"index": number, "id": None, "type": 1, "function": {"name": 2, "arguments": 3}}
        for number in range(11)
    ]
    value = [{"choices": [{"index": "x", "delta": {"role": 1, "tool_calls": calls}}], "usage": []}]
    shape = schema.compiled("chunk", ())
    in_order, backwards = (
        list(each.findings(value))
        for each in (shape, replace(shape, validator=Backwards(shape.validator)))
    )
    assert len(in_order) > 20
    assert in_order == backwards
    places = [schema.pointer(path) for path, _ in in_order]
    assert places.index("/0/choices/0/delta/tool_calls/2/id") < places.index(
        "/0/choices/0/delta/tool_calls/10/id"
    )


def test_a_pointer_escapes_what_it_must() -> None:
    assert schema.pointer(["a/b", "c~d", 0]) == "/a~1b/c~0d/0"


def test_what_is_not_part_of_the_suite_is_never_fetched() -> None:
    with pytest.raises(ValueError, match=r"never fetched"):
        schema.refuse("https://example.com/schema.json")


MET = [
    (
        "completion",
        CONFORMING["completion"][1],
        {
            "ENV-002",
            "ENV-011",
            "CHO-005",
            "MSG-006",
            "MSG-007",
            "TOOL-005",
            "LOG-003",
            "USG-011",
            "THK-003",
        },
        set(),
    ),
    (
        "completion",
        {"id": "chatcmpl-1"},
        {"ENV-003", "ENV-004", "ENV-007"},
        {"ENV-002", "ENV-011", "CHO-004"},
    ),
    (
        "completion",
        {"id": "chatcmpl-1", "system_fingerprint": None, "usage": None},
        {"ENV-003"},
        {"ENV-011", "USG-001", "USG-011", "USG-012"},
    ),
    ("completion", [CONFORMING["completion"][1]], set(), {"ENV-002", "CHO-001"}),
    ("completion", {"choices": [None]}, {"CHO-001"}, {"CHO-004", "CHO-007"}),
    ("chunk", [{"id": 1}, {"id": "chatcmpl-1"}], {"SEQ-003"}, {"SEQ-001"}),
    (
        "error",
        CONFORMING["OpenAI error"][1],
        {"ERR-002", "ERR-003", "ERR-007", "ERR-018", "ERR-019"},
        {"ERR-006", "ERR-017"},
    ),
    ("error", {"error": "Unauthorized"}, {"ERR-002", "ERR-018"}, {"ERR-003", "ERR-007", "ERR-019"}),
    ("error", [CONFORMING["Google error"][1]], {"ERR-002", "ERR-003", "ERR-006"}, {"ERR-018"}),
]


@pytest.mark.parametrize(("name", "value", "met", "not_met"), MET)
def test_a_requirement_is_exercised_only_by_values_that_it_restricts(
    name: str, value: Json, met: set[str], not_met: set[str]
) -> None:
    """That is so in an invalid answer too, even if it violates other requirements."""
    found = schema.compiled(name, ()).exercised(value)
    assert met - found == set()
    assert not_met & found == set()


DEEP: Json = [[]] * (schema.MAX_NODES // 2)


@pytest.mark.parametrize(
    ("value", "large"),
    [
        (None, False),
        ("x" * (schema.MAX_NODES + 1), False),
        ([0] * schema.MAX_NODES, False),
        ([0] * (schema.MAX_NODES + 1), True),
        ({str(number): 0 for number in range(schema.MAX_NODES + 1)}, True),
        ([[0] * (schema.MAX_NODES - 1)], False),
        ([[0] * schema.MAX_NODES], True),
        ({"a": {"b": [0] * (schema.MAX_NODES - 2)}, "c": 0}, True),
        ([*DEEP, {"a": DEEP}], True),
        ([*DEEP[1:], [0] * (schema.MAX_NODES // 2)], False),
    ],
)
def test_a_value_is_large_by_what_it_holds(value: Json, large: bool) -> None:
    assert schema.is_large(value) is large


def test_a_beginning_has_the_first_items_of_each_array_and_members_that_a_schema_names() -> None:
    value = {
        "many": list(range(1000)),
        "few": [{"many": [0] * 1000}],
        "text": "x" * 1000,
        **{str(number): None for number in range(1000)},
        "tool_calls": None,
        "id": "a",
    }
    beginning = schema.truncated(value)
    assert beginning["many"] == list(range(100))
    assert beginning["few"] == [{"many": [0] * 100}]
    assert list(beginning) == [
        "many",
        "few",
        "text",
        *(str(number) for number in range(97)),
        "tool_calls",
        "id",
    ]
    assert beginning["text"] == value["text"]
