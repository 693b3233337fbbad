"""jsonschema referees jsonschema-rs: over everything there is, both call the same values valid and
find the same rows broken."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from conformance.protocol import schema
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange, Json
from tests.helpers import shipped_cassettes
from tests.helpers.planted_violations import CONFORMING, PLANTED, Mutation
from tests.helpers.project import RECORDINGS

STRIDE = 3
"""jsonschema is some 200 times slower, so it is asked about every third recording only."""


class Referee:
    """One schema document as jsonschema reads it, without the rows that are off."""

    def __init__(self, name: str, off: frozenset[str]) -> None:
        self.shape = schema.compiled(name, off)
        resources = [
            (f"{schema.BASE}{each}.json", Resource.from_contents(document))
            for each, document in self.shape.documents.items()
        ]
        registry: Registry[Any] = Registry().with_resources(resources)
        self.validator = Draft202012Validator(self.shape.documents[name], registry=registry)

    def rows(self, value: Json) -> set[str]:
        """The rows broken: of each error the last annotation along its absolute schema path."""
        return {
            self._row([*error.absolute_schema_path]) for error in self.validator.iter_errors(value)
        }

    def _row(self, path: list[str | int]) -> str:
        """The row of a path, in which jsonschema names neither ``$ref`` nor ``if``."""
        document, node, row = self.shape.name, self.shape.documents[self.shape.name], ""
        for step in path:
            while isinstance(node, dict) and step not in node:
                target, _, place = node["$ref"].partition("#/$defs/")
                document = target.removesuffix(".json") or document
                node = self.shape.documents[document]["$defs"][place]
                row = node.get(schema.ANNOTATION, row)
            node = node[step]
            row = node.get(schema.ANNOTATION, row) if isinstance(node, dict) else row
        return row

    def agrees(self, value: Json) -> bool:
        found = {finding.requirement for _, finding in self.shape.findings(value)}
        return self.rows(value) == found and self.shape.is_valid(value) == self.validator.is_valid(
            value
        )


@cache
def referee(name: str, off: frozenset[str] = frozenset()) -> Referee:
    return Referee(name, off)


@pytest.mark.parametrize("mutation", PLANTED, ids=lambda mutation: mutation.name)
def test_both_attribute_a_planted_violation_to_the_same_rows(mutation: Mutation) -> None:
    document, _, off = CONFORMING[mutation.of]
    judge = referee(document, frozenset(off))
    assert judge.rows(mutation.apply()) == mutation.rows
    assert judge.agrees(mutation.apply())


@pytest.mark.parametrize("name", CONFORMING)
def test_both_agree_on_every_value_by_every_schema(name: str) -> None:
    """Also by a schema that is not meant for it, and with all rows on."""
    _, value, _ = CONFORMING[name]
    for document in ("completion", "chunk", "error"):
        assert referee(document).agrees(value)


def test_they_differ_only_where_python_patterns_are_not_those_of_json_schema() -> None:
    """There ``$`` matches before a last line feed too, so the referee is wrong."""
    _, value, off = CONFORMING["google id"]
    judge = referee("completion", frozenset(off))
    broken = {**value, "id": value["id"] + "\n"}
    assert [finding.requirement for _, finding in judge.shape.findings(broken)] == ["ENV-005"]
    assert judge.rows(broken) == set()


REQUESTS = [
    {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello."}]},
    {
        "messages": [
            {
                "role": "user",
                "content": [{"type": "image_url", "image_url": "gs://bucket/image.png"}],
            }
        ],
        "n": 2,
        "stop": ["a", "b"],
    },
    {"messages": []},
    {"messages": [{"role": "user", "content": "Hello."}], "temperature": 3},
    {
        "messages": [{"role": "user", "content": "Hello."}],
        "tools": [{"type": "function", "function": {}}],
    },
    {
        "messages": [{"role": "nobody", "content": "Hello."}],
        "response_format": {"type": "json_schema"},
    },
    {"messages": [{"role": "user", "content": "Hello."}], "extra_body": {"google": []}},
    "Hello.",
    None,
]


@pytest.mark.parametrize("request_body", REQUESTS, ids=str)
def test_both_agree_on_requests(request_body: Json) -> None:
    judge = referee("request")
    assert judge.shape.is_valid(request_body) == judge.validator.is_valid(request_body)


def answers(exchanges: list[Exchange]) -> Iterator[tuple[Exchange, str, Json]]:
    """Each answer with the schema that speaks of it; all its chunks in one."""
    for exchange in exchanges:
        facts: Facts = fold(exchange)
        if facts.kind == "stream":
            yield exchange, "chunk", list(facts.chunks)
        elif (
            facts.kind in ("completion", "error")
            and facts.text is not None
            and not facts.text.failure
        ):
            yield exchange, facts.kind, facts.body


def disagreements(exchanges: list[Exchange]) -> list[str]:
    """Where the two differ, of an answer or of its request."""
    differ = [
        f"{exchange.origin}: {name}"
        for exchange, name, value in answers(exchanges)
        if not referee(name).agrees(value)
    ]
    requests = referee("request")
    for exchange in exchanges:
        body = exchange.request.body
        if body is not None and requests.shape.is_valid(body) != requests.validator.is_valid(body):
            differ.append(f"{exchange.origin}: request")
    return differ


def test_both_agree_on_every_shipped_cassette() -> None:
    assert shipped_cassettes.exchanges()
    assert disagreements(list(shipped_cassettes.exchanges())) == []


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="../shared/recordings is not there")
def test_both_agree_on_recordings_of_others() -> None:
    sample = shipped_cassettes.exchanges_in(RECORDINGS)[::STRIDE]
    assert len(sample) > 200
    assert disagreements(sample) == []
