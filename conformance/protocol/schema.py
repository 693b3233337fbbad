"""The JSON Schemas of schemas/, and which requirement each of their errors violates.

By convention, which a test checks, ``x-requirement`` is an annotation of the one subschema that
states the requirement, inside ``$defs``, never beside a ``$ref``. The requirement of an error is
the last such annotation on its evaluation path.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, NoReturn, TypeAlias

import jsonschema_rs
import orjson

from conformance._files import data_folder
from conformance.protocol.exchange import Finding, Json
from conformance.protocol.json_access import objects_in, resolved
from conformance.protocol.likeness import Likeness, likeness_of
from conformance.protocol.schema_messages import describe_violation
from conformance.protocol.value_pieces import is_within, pieces

BASE = "https://chat-conformance.invalid/schemas/"
"""The start of the ``$id`` of the schemas; nothing is ever fetched from there."""

ANNOTATION = "x-requirement"
DOCUMENTS = ("completion", "chunk", "error", "parts", "request")

_KEYWORDS_OF: Mapping[type, Set[str]] = {
    dict: frozenset({"required", "properties", "additionalProperties", "minProperties", "if"}),
    list: frozenset({"items", "minItems", "maxItems"}),
}
"""The keywords with which our subschemas restrict an object, and those for an array."""

MAX_NODES = 20_000
"""Members and items: the errors of a larger value are collected for its beginning only."""

_BEGINNING = 100
"""How many items of each array belong to the beginning of a value."""

_EVALUATED = 2_000
"""Members and items that are evaluated at once: the result takes some kB for each."""

_PATHS = 1_000
"""Evaluation paths whose cause is remembered; a schema has a few hundred."""

Path: TypeAlias = list[str | int]


@dataclass(frozen=True, slots=True)
class Shape:
    """One schema document, compiled without the requirements that are switched off.

    ``is_valid`` is fast; call ``findings`` only for a value that is not valid. ``cause`` says what
    stands in the schema at an evaluation path.
    """

    name: str
    documents: Mapping[str, Json]
    validator: Any
    is_valid: Callable[[Json], bool]
    cause: Callable[[tuple[str | int, ...]], "Cause"]

    def findings(self, value: Json) -> Iterator[tuple[Path, Finding]]:
        """Yield the path and the finding of each violation in ``value``.

        The findings have no event and no pointer; the caller adds them. For a value that is too
        large (``is_large``) only the violations in its beginning are yielded or, if there are none,
        one violation: the validator would hold all errors in memory.
        """
        errors = list(self._errors(value))
        if len(errors) > 1:
            errors.sort(key=_place)
        for error in errors:
            row, keyword, wanted = self.cause(tuple(error.evaluation_path))
            yield error.instance_path, Finding(row, *describe_violation(keyword, wanted, error))

    def _errors(self, value: Json) -> Iterator[Any]:
        beginning = truncated(value) if is_large(value) else value
        if beginning is value or not (is_large(beginning) or self.is_valid(beginning)):
            yield from self.validator.iter_errors(beginning)
            return
        try:
            self.validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            yield error

    def exercised(self, value: Json) -> set[str]:
        """Return the requirements that ``value`` tests and satisfies in at least one place.

        A null, or a value of a type that a subschema does not restrict, tests nothing.
        """
        rows: set[str] = set()
        for part in pieces(_likeness().distinct(value), _EVALUATED):
            piece = truncated(part) if is_large(part) else part
            for unit in self.validator.evaluate(piece).list()["details"]:
                notes = unit.get("annotations")
                row = notes.get(ANNOTATION) if isinstance(notes, dict) else None
                if (
                    row is not None
                    and row not in rows
                    and _restricts(
                        self._at(unit["schemaLocation"]), resolved(piece, unit["instanceLocation"])
                    )
                ):
                    rows.add(row)
        return rows

    def _at(self, location: str) -> Json:
        """Return the subschema at an absolute location."""
        document, _, place = location.removeprefix(BASE).partition(".json#")
        return resolved(self.documents[document], place)


class Cause(NamedTuple):
    """What in a schema a value violates: the requirement, the keyword, and the keyword's value.

    The requirement is "" if the schema states none there.
    """

    requirement: str
    keyword: str
    wanted: Json


def _cause(documents: Mapping[str, Json], name: str, path: tuple[str | int, ...]) -> Cause:
    """Return the last requirement on an evaluation path of a document, and the keyword at its end.

    The path starts in the document ``name`` and leads through the others by ``$ref``.
    """
    document = name
    node: Json = documents[document]
    row = ""
    for step in path[:-1]:
        if step == "$ref":
            target, _, place = node["$ref"].partition("#")
            document = target.removesuffix(".json") or document
            node = resolved(documents[document], place)
        else:
            node = node[step]
        if isinstance(node, dict):
            row = node.get(ANNOTATION, row)
    return Cause(row, str(path[-1]), node[path[-1]])


def compiled(name: str, off: Collection[str]) -> Shape:
    """Compile the schema document ``name`` without the branches of the requirements in ``off``."""
    documents = {each: _without(document(each), off) for each in DOCUMENTS}
    registry = jsonschema_rs.Registry(
        [(BASE + f"{each}.json", document) for each, document in documents.items()],
        retriever=refuse,
    )
    validator = jsonschema_rs.Draft202012Validator(
        documents[name], registry=registry, retriever=refuse
    )
    cause = lru_cache(maxsize=_PATHS)(partial(_cause, documents, name))
    return Shape(name, documents, validator, validator.is_valid, cause)


@cache
def _likeness() -> Likeness:
    return likeness_of({name: document(name) for name in DOCUMENTS})


@cache
def rows() -> frozenset[str]:
    """Return the ids of the requirements that the schemas state."""
    return frozenset(row for name in DOCUMENTS for row in _annotations(document(name)))


def pointer(path: Path) -> str:
    """Return the JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


@cache
def document(name: str) -> Json:
    """Read the schema document ``name`` from schemas/."""
    return orjson.loads((data_folder("schemas") / f"{name}.json").read_bytes())


def _annotations(node: Json) -> Iterator[str]:
    return (each[ANNOTATION] for each in objects_in(node) if ANNOTATION in each)


def _without(node: Json, off: Collection[str]) -> Json:
    if isinstance(node, dict):
        return (
            True
            if node.get(ANNOTATION) in off
            else {key: _without(value, off) for key, value in node.items()}
        )
    return [_without(value, off) for value in node] if isinstance(node, list) else node


def _place(error: Any) -> tuple[Any, ...]:
    """Return a sort key: the place in the value, then in the schema.

    The order in which the validator lists its errors may differ from run to run.
    """
    return _sortable(error.instance_path), _sortable(error.evaluation_path), error.message


def _sortable(path: Path) -> list[tuple[int, int, str]]:
    """Return a path that can be compared: indices by number, before keys by name."""
    return [(0, step, "") if isinstance(step, int) else (1, 0, step) for step in path]


def _restricts(subschema: Mapping[str, Json], value: Json) -> bool:
    """Return whether a subschema restricts such a value.

    ``required``, for example, is satisfied by everything that is not an object.
    """
    types = tuple(each for each, keywords in _KEYWORDS_OF.items() if keywords & subschema.keys())
    return value is not None and (not types or isinstance(value, types))


def refuse(uri: str) -> NoReturn:
    """Raise ValueError: no schema is ever fetched. A registry calls it for unknown references."""
    raise ValueError(f"{uri} is not part of the suite and is never fetched")


def is_large(value: Json) -> bool:
    """Return whether a value has more than ``MAX_NODES`` members and items, at any depth."""
    return not (_is_short(value) or is_within(value, MAX_NODES))


def _is_short(value: Json) -> bool:
    """Return whether a value is not large, as each member and item takes two bytes of JSON text.

    This takes a small part of the time that it takes to count them.
    """
    try:
        return len(orjson.dumps(value)) <= 2 * MAX_NODES
    except orjson.JSONEncodeError:
        return False


def truncated(value: Json) -> Json:
    """Return the value with only the first items of each array and some members of each object.

    An object keeps the members that a schema names and the first of the others.
    """
    if isinstance(value, list):
        return [truncated(item) for item in value[:_BEGINNING]]
    if isinstance(value, dict):
        return {key: truncated(item) for key, item in _narrowed(value).items()}
    return value


def _narrowed(members: dict[str, Json]) -> dict[str, Json]:
    if len(members) <= _BEGINNING:
        return members
    named = _named()
    return {
        key: value
        for number, (key, value) in enumerate(members.items())
        if number < _BEGINNING or key in named
    }


@cache
def _named() -> frozenset[str]:
    """Return the names of all members that the schemas name."""
    return frozenset(
        name
        for each in DOCUMENTS
        for node in objects_in(document(each))
        for names in (node.get("properties"), node.get("required"))
        if isinstance(names, dict | list)
        for name in names
        if isinstance(name, str)
    )
