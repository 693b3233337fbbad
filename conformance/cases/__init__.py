"""The cases: requests that say what they exercise, as data, one JSON object a line, which any
target can be asked.

A corpus row is frozen: what a target answered to it stays comparable from run to run and from
target to target.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from conformance._files import data_folder
from conformance.judging.requirements import requirements
from conformance.protocol.exchange import Json

DOCUMENTED = Path(__file__).parent / "documented.jsonl"
"""The cases that a page of documentation, a specification or a report describes."""

ERROR_AREAS = ("error", "negative")
"""How the ids of the cases begin that are made to be refused; some of other areas are, too."""

CORPUS = Path(__file__).parent / "corpus.jsonl"
"""The cases that were minted, so that every pair of features that go together is asked for;
``conformance corpus`` keeps it."""

MODEL = "{model}"
"""What stands in a body for the name of the model."""


class CaseError(ValueError):
    """A row that is not a case; the message names file, line and field and fits on one line."""


@dataclass(frozen=True, slots=True)
class Violation:
    """The one keyword of the schema of requests that a body breaks, and where: a JSON pointer into
    the body."""

    pointer: str
    keyword: str


@dataclass(frozen=True, slots=True)
class Turn:
    """How a conversation goes on after an answer, whose message is sent back ``without`` what is
    named here, "" for verbatim.

    ``results`` are the results of the functions that were called, by name; ``user`` is what the
    user says next, "" for nothing. ``tool_choice`` is that of this turn, "" for none: only the
    first turn has that of the request.
    """

    results: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    tool_choice: Literal["", "required"] = ""
    without: Literal["", "signature"] = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One request and what it is for.

    ``needs`` are the capabilities a target must have to answer as documented; ``probes`` the
    requirements whose right answer the request was made to show. ``body`` is JSON in which
    ``MODEL`` stands for the model, or text that is sent as it is. ``auth`` says which credential is
    sent; ``basic`` is the right one under a scheme that is not Bearer. ``core`` marks the few that
    are asked of a target that costs money; ``covers`` the pairs of features, as ``one+other``, that
    a minted row was the first to show; ``violates`` the keyword that a negative row breaks;
    ``found`` the requirements that a hunt saw broken. ``sdk`` is how the official SDK says the
    same; ``then`` is how the conversation goes on, a turn each.
    """

    id: str
    feature: str
    source: str
    needs: frozenset[str]
    path: str
    body: Json
    auth: Literal["right", "none", "wrong", "basic"] = "right"
    probes: tuple[str, ...] = ()
    method: str = "POST"
    core: bool = False
    covers: tuple[str, ...] = ()
    violates: Violation | None = None
    found: tuple[str, ...] = ()
    sdk: Mapping[str, Json] | None = None
    then: tuple[Turn, ...] = ()

    def request_for(self, model: str) -> Json:
        """The body for one model: where the case names a model by the placeholder it is this one;
        everything else is as it stands."""
        if isinstance(self.body, dict) and self.body.get("model") == MODEL:
            return {**self.body, "model": model}
        return self.body


@cache
def cases() -> tuple[Case, ...]:
    """All cases, documented and minted, in the order of their ids. Raises CaseError."""
    return tuple(sorted((*read_cases(DOCUMENTED), *read_cases(CORPUS)), key=lambda case: case.id))


def probes_of(case_id: str) -> tuple[str, ...]:
    """The requirements whose right answer a case was made to show; empty where no such case is
    known."""
    return _probes().get(case_id, ())


@cache
def _probes() -> Mapping[str, tuple[str, ...]]:
    return {case.id: case.probes for case in cases()}


def wants_a_refusal(case_id: str) -> bool | None:
    """Whether a case was made to be refused, not answered; None where no such case is known."""
    return _refusals().get(case_id)


@cache
def _refusals() -> Mapping[str, bool]:
    return {
        case.id: (
            case.id.startswith(ERROR_AREAS)
            or any(requirements()[row].when.startswith("error") for row in case.probes)
        )
        for case in cases()
    }


def read_cases(path: Path) -> Iterator[Case]:
    """The cases of a corpus file. Raises CaseError at the first row that is none, whose id was met,
    or that is not in the order of the ids."""
    before, name = "", path.name
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        case = _case(f"{name}:{number}", line)
        if case.id <= before:
            raise CaseError(
                f"{name}:{number}: id: {case.id!r} comes after {before!r}; rows stand in the order"
                " of their ids, each once"
            )
        before = case.id
        yield case


def _case(place: str, line: bytes) -> Case:
    import orjson

    try:
        row = orjson.loads(line)
    except ValueError as why:
        raise CaseError(f"{place}: not JSON: {why}") from None
    if not _schema().is_valid(row):
        error = next(_schema().iter_errors(row))
        field = ".".join(map(str, error.instance_path)) or "row"
        raise CaseError(f"{place}: {field}: {error.message.splitlines()[0]}")
    return _from_row(row)


@cache
def _schema() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        (data_folder("schemas") / "case.json").read_text(encoding="utf-8")
    )


def _from_row(row: Mapping[str, Json]) -> Case:
    request = row["request"]
    return Case(
        id=row["id"],
        feature=row["feature"],
        source=row["source"],
        needs=frozenset(row["needs"]),
        path=request["path"],
        body=request["body"],
        auth=request.get("auth", "right"),
        probes=tuple(row.get("probes", ())),
        method=request["method"],
        core=row.get("core", False),
        covers=tuple(row.get("covers", ())),
        violates=Violation(**row["violates"]) if "violates" in row else None,
        found=tuple(row.get("found", ())),
        sdk=row.get("sdk"),
        then=tuple(Turn(**turn) for turn in row.get("then", ())),
    )
