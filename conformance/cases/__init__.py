"""Load the test cases: requests, described as data, that can be sent to any target.

The cases are stored as one JSON object per line. A case never changes once it is in the corpus, so
responses to it stay comparable between runs and between targets.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from conformance._files import data_folder
from conformance.judging.requirements import Requirement, requirements
from conformance.protocol.chat.answer_check import AnswerCheck, CheckError, validate
from conformance.protocol.exchange import Json

DOCUMENTED = Path(__file__).parent / "documented.jsonl"
"""The cases that come from documentation, a specification or a bug report."""

ERROR_AREAS = ("error", "negative")
"""Id prefixes of the cases that must be rejected; some cases of other areas must be, too."""

CORPUS = Path(__file__).parent / "corpus.jsonl"
"""The generated cases, which cover every pair of features that can be combined; ``conformance
corpus`` maintains the file."""

DEEPEST = 100
"""The most levels of a case; what prints a request as code needs several calls for each."""

MODEL = "{model}"
"""The placeholder for the model name in a request body."""


class CaseError(ValueError):
    """A line is not a valid case; the message names file, line and field and fits on one line."""


@dataclass(frozen=True, slots=True)
class Violation:
    """The schema keyword that a request body violates, and where.

    ``pointer`` is a JSON pointer into the body, "" for the body itself. ``keyword`` is a keyword of
    the request schema.
    """

    pointer: str
    keyword: str


@dataclass(frozen=True, slots=True)
class Turn:
    """The next turn of a conversation, sent after the response to the previous one.

    The message of the response is sent back, ``without`` the named part, "" for unchanged.
    ``results`` are the function results by function name. ``user`` is the next user message, "" for
    none. ``tool_choice`` is the one of this turn, "" for none: the ``tool_choice`` of the request
    applies only to the first turn.
    """

    results: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    tool_choice: Literal["", "required"] = ""
    without: Literal["", "signature"] = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and what it tests.

    Attributes:
        id: The unique name.
        feature: What the request uses, for readers.
        source: Where that is documented.
        needs: The capabilities that a target needs to respond as documented.
        path: The path of the URL, which follows the base URL of the target.
        body: JSON in which ``MODEL`` stands for the model name, or text that is sent unchanged.
        auth: The credential to send; "basic" is the right one with a scheme other than Bearer.
        probes: The requirements that the request tests deliberately.
        method: The HTTP method.
        covers: The pairs of features, as ``a+b``, that this generated case was the first to cover.
        violates: What the body of a negative case violates.
        found: The requirements that a hunt found to be violated in the response to this request.
        sdk: The same request as arguments of the official SDK.
        then: The further turns of the conversation.
        wants_refusal: Whether the request must be answered with an error.
        tests_limit: Whether the case tests an answer that reaches the token limit.
        room: The tokens that were added to the limit, for the thoughts of a model.
        check: What the first choice of the answer must be, None if that is not checked.
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
    covers: tuple[str, ...] = ()
    violates: Violation | None = None
    found: tuple[str, ...] = ()
    sdk: Mapping[str, Json] | None = None
    then: tuple[Turn, ...] = ()
    wants_refusal: bool = False
    tests_limit: bool = False
    room: int = 0
    check: AnswerCheck | None = None

    def request_for(self, model: str) -> Json:
        """Return the body with the placeholder replaced by the model name.

        A body that is text or does not contain the placeholder as its model is returned unchanged.
        """
        if isinstance(self.body, dict) and self.body.get("model") == MODEL:
            return {**self.body, "model": model}
        return self.body


@cache
def cases() -> tuple[Case, ...]:
    """Return all cases, documented and generated, sorted by id.

    Raises:
        CaseError: a line of the files is not a valid case.
    """
    return tuple(sorted((*read_cases(DOCUMENTED), *read_cases(CORPUS)), key=lambda case: case.id))


def read_cases(path: Path, known: Mapping[str, Requirement] | None = None) -> Iterator[Case]:
    """Yield the cases of a file.

    ``known`` are the requirements by id, by default those that ship with the package; a case that
    tests one about errors wants to be refused.

    Raises:
        CaseError: a line is not a valid case, or its id is a duplicate or out of order. The cases
            before that line are yielded first.
    """
    before, name = "", path.name
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        case = case_of_line(f"{name}:{number}", line, known)
        if case.id <= before:
            raise CaseError(
                f"{name}:{number}: id: {case.id!r} follows {before!r}; ids must be in ascending"
                " order, without duplicates"
            )
        before = case.id
        yield case


def case_of_line(place: str, line: bytes, known: Mapping[str, Requirement] | None = None) -> Case:
    """Return the case of a line; ``place`` names it in messages, ``known`` as in ``read_cases``.

    Raises CaseError if it is not a valid case.
    """
    import orjson

    try:
        row = orjson.loads(line)
    except ValueError as why:
        raise CaseError(f"{place}: not JSON: {why}") from None
    if _is_too_deep(row):
        raise CaseError(f"{place}: nested too deeply, more than {DEEPEST} levels")
    if not _schema().is_valid(row):
        error = next(_schema().iter_errors(row))
        field = ".".join(map(str, error.instance_path)) or "row"
        raise CaseError(f"{place}: {field}: {error.message.splitlines()[0]}")
    try:
        return _from_row(row, requirements() if known is None else known)
    except CheckError as error:
        raise CaseError(f"{place}: check.{error.member}: {error}") from None


def _is_too_deep(value: Json) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        if not level:
            return False
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return True


@cache
def _schema() -> Any:
    import jsonschema_rs

    return jsonschema_rs.Draft202012Validator(
        (data_folder("schemas") / "case.json").read_text(encoding="utf-8")
    )


def _from_row(row: Mapping[str, Json], known: Mapping[str, Requirement]) -> Case:
    request = row["request"]
    check = AnswerCheck(row["check"]) if "check" in row else None
    if check:
        validate(check)
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
        covers=tuple(row.get("covers", ())),
        violates=Violation(**row["violates"]) if "violates" in row else None,
        found=tuple(row.get("found", ())),
        sdk=row.get("sdk"),
        then=tuple(Turn(**turn) for turn in row.get("then", ())),
        tests_limit=row.get("tests_limit", False),
        wants_refusal=_wants_refusal(row["id"], row.get("probes", ()), known),
        check=check,
    )


def _wants_refusal(case_id: str, probes: Iterable[str], known: Mapping[str, Requirement]) -> bool:
    """True for a case of an error area, or one that tests a requirement about errors."""
    return case_id.startswith(ERROR_AREAS) or any(
        known[probe].when.startswith("error") for probe in probes if probe in known
    )
