"""Probes: what an answer shows about the one requirement that its request tests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conformance._files import data_folder
from conformance.judging.requirements import requirements
from conformance.judging.rules.probes import PROBES
from conformance.protocol.exchange import Finding
from conformance.runs.results import JudgedCase
from conformance.runs.selection import Selection
from tests.helpers.made_cassettes import replay
from tests.judging.rules.probing import (
    IMAGE,
    Build,
    Outcomes,
    answer,
    asked,
    broken_off,
    heard_by,
    image,
    model,
    no_choice,
    other,
    page,
    remembered,
    replayed,
    schema_of_a_tree,
    spent,
    stream,
    told,
    told_in_a_stream,
    told_under_200,
)

ROWS = [row.id for row in requirements().values() if row.needs == "probe"]

ANSWERED = {"plain": answer(), "stream": stream(), "broken off": broken_off}
REFUSED = {status: told(status) for status in (400, 404, 422, 500)} | {
    302: other(302),
    204: other(204),
}
NO_ANSWER: dict[Any, Build] = REFUSED | {
    "error under 200": told_under_200,
    "error in a stream": told_in_a_stream,
    "no choice": no_choice,
}
VIOLATIONS = [
    {
        "@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"description": "Unknown name"}],
    }
]
UNSIGNED = [
    {
        "role": "assistant",
        "tool_calls": [
            {"id": "0", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ],
    }
]
FILTERED = (
    "content_filter",
    "content_filter: SAFETY",
    "function_call_filter: MALFORMED_FUNCTION_CALL",
)

ACCEPTED = [
    "TOOL-015",
    "TOOL-019",
    "TOOL-030",
    "TOOL-031",
    "TOOL-032",
    "TOOL-033",
    "TOOL-034",
    "SO-003",
    "SO-004",
    "MM-001",
    "MM-002",
    "MM-003",
    "MM-005",
    "MM-006",
    "MM-007",
    "MM-011",
    "MM-012",
    "MM-016",
    "THK-014",
    "THK-017",
    "THK-022",
    "ERR-011",
    "ERR-028",
    "ERR-030",
    "ERR-031",
]
"""The rows that only demand an answer."""

STATUSES = {
    "TOOL-018": {400},
    "MM-010": {400},
    "THK-008": {400},
    "ERR-008": {400},
    "ERR-009": {400, 422},
    "ERR-010": {400, 404},
    "ERR-013": {400, 422},
    "ERR-020": {400},
    "ERR-021": {404},
    "ERR-026": {400, 422},
    "AUTH-001": {400, 401, 403},
    "AUTH-002": {400, 401, 403},
    "AUTH-003": {400, 401, 403, 404},
    "AUTH-006": {400, 401, 403},
    "AUTH-007": {401, 403},
    "AUTH-008": {401},
}
"""The rows that only demand a status."""

CONFORMING: list[tuple[str, Build]] = [
    *((row, build) for row in ACCEPTED for build in ANSWERED.values()),
    *((row, told(status)) for row, statuses in STATUSES.items() for status in statuses),
    *(
        (row, build)
        for row in ("ERR-025", "ERR-029")
        for build in (told(400), told(413), told(500), told_under_200, broken_off)
    ),
    ("ERR-029", told(503)),
    ("CHO-008", answer(finish="length")),
    ("CHO-008", answer("a", "b", finish="length")),
    ("CHO-008", stream(finish="length")),
    ("CHO-017", answer(request={"stop": "5"})),
    ("CHO-017", stream(request={"stop": "5"})),
    *(
        ("CHO-011", answer({"content": content}, finish=finish))
        for content in ("Hel", None, ...)
        for finish in FILTERED
    ),
    ("CHO-011", answer({"refusal": "I cannot help with that."})),
    ("SO-005", told(400)),
    ("SO-005", schema_of_a_tree('{"leaves": [{"leaves": []}]}')),
    ("MM-009", image(IMAGE)),
    ("MM-009", image({"data": "iVBORw0KGgo=", "mime_type": "image/png"}, ...)),
    ("MM-008", model("google/gemini-2.5-flash", told(400))),
    ("MM-008", model("google/gemini-3-pro", answer())),
    ("THK-013", model("google/gemini-3-pro", answer())),
    *((row, replayed(answer(), None)) for row in ("TOOL-030", "THK-014", "MM-011")),
    ("THK-015", answer()),
    ("THK-015", told(400, status="INVALID_ARGUMENT", code=400)),
    (
        "THK-015",
        lambda make: make.error(
            400, [{"error": {"message": "No.", "status": "INVALID_ARGUMENT", "code": 400}}]
        ),
    ),
    ("ERR-012", told(400, details=VIOLATIONS)),
    (
        "ERR-012",
        lambda make: make.error(
            400, [{"error": {"message": "No.", "details": [{"@type": "Help"}, *VIOLATIONS]}}]
        ),
    ),
    ("ERR-024", told(400, code="context_length_exceeded")),
    ("AUTH-005", told(404)),
]

VIOLATING: list[tuple[str, Build]] = [
    *((row, build) for row in ACCEPTED for build in NO_ANSWER.values()),
    *(
        (row, build)
        for row in STATUSES
        for build in (answer(), answer({"content": ""}), stream(), other(302), told(500), told(501))
    ),
    *((row, told(413)) for row in STATUSES if row not in ("AUTH-003", "AUTH-006")),
    *(
        (row, build)
        for row in ("ERR-025", "ERR-029")
        for build in (answer("The upstream failed."), stream())
    ),
    ("AUTH-007", told(400)),
    ("AUTH-008", told(403)),
    ("ERR-010", told(403)),
    ("ERR-020", told(422)),
    ("ERR-021", told(400)),
    ("CHO-008", answer()),
    ("CHO-008", stream()),
    (
        "CHO-008",
        lambda make: make.raw(
            b'{"choices": [{"finish_reason": "length", "message": {}}, {"finish_reason": "stop",'
            b' "message": {}}]}'
        ),
    ),
    ("CHO-017", answer("1, 2, ", finish="stop_sequence", request={"stop": "5"})),
    ("CHO-017", spent(40, "1, 2, 3, 4, 5, 6")),
    ("CHO-017", spent(12, "1, 2, 3, 4, ")),
    ("CHO-017", spent(36, "1, 2, 3, 4, ")),
    *(
        ("CHO-011", build)
        for build in (
            answer(),
            answer({"content": ""}),
            stream(),
            answer(finish="length"),
            told(400),
            told(500),
            no_choice,
        )
    ),
    ("SO-005", schema_of_a_tree('{"leaves": [{"leaf": []}]}')),
    ("SO-005", schema_of_a_tree("A tree with one leaf.")),
    ("SO-005", told(500)),
    ("SO-005", other(302)),
    ("SO-005", other(201)),
    ("MM-009", image(None)),
    ("MM-009", image(IMAGE | {"data": "a red square"})),
    ("MM-009", image(IMAGE | {"extra_content": []})),
    ("MM-009", image(IMAGE, "Here it is.")),
    ("MM-008", model("google/gemini-2.5-flash", answer())),
    ("MM-008", model("google/gemini-2.5-flash", told(500))),
    ("MM-008", model("google/gemini-3-pro", told(400))),
    ("THK-013", model("google/gemini-3-pro", told(400))),
    *(
        (row, replayed(told(400), "c2ln", None))
        for row in ("TOOL-030", "TOOL-031", "TOOL-032", "THK-014", "MM-011", "MM-012")
    ),
    ("TOOL-030", replayed(told(400), None, said_after=True)),
    ("TOOL-030", replayed(told(500), None)),
    ("TOOL-030", replayed(told(400), None, model="google/gemini-2.5-flash")),
    ("TOOL-030", replayed(told(400), None, model="gpt-4o")),
    ("TOOL-030", remembered(told(400), 7)),
    ("TOOL-030", remembered(told(400), ["Hello."])),
    ("THK-015", told(400)),
    ("THK-015", told(500)),
    ("ERR-012", answer()),
    ("ERR-012", told(400)),
    ("ERR-012", told(400, details=[{"@type": "Help"}, "fieldViolations"])),
    ("ERR-012", told(422, details=VIOLATIONS)),
    ("ERR-024", answer()),
    ("ERR-024", told(400, code=400)),
    ("ERR-024", told(413, code="context_length_exceeded")),
    ("AUTH-005", page(404)),
    ("AUTH-005", page(200)),
    ("AUTH-005", told(405)),
]

NO_IMAGES = (
    "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"
)

NOT_EXERCISED: list[tuple[str, Build]] = [
    *(
        (row, told(status))
        for row in ROWS
        if row != "ERR-029"
        for status in (429, 502, 503, 504, 529)
    ),
    *(
        (row, told(500, "The server had an error while processing your request."))
        for row in ROWS
        if row != "ERR-029"
    ),
    *(
        (row, told(401))
        for row in ROWS
        if not row.startswith(("AUTH", "ERR-029", "CHO-008", "CHO-017", "MM-009"))
    ),
    *((row, build) for row in STATUSES for build in (told_under_200, told_in_a_stream)),
    *(
        (row, told(400, NO_IMAGES))
        for row in ("MM-001", "MM-002", "MM-003", "MM-005", "MM-010", "MM-011", "MM-016")
    ),
    *(
        ("MM-002", told(400, message))
        for message in (
            "Invalid content type. image_url is only supported by certain models.",
            "smollm2 is not a multimodal model",
            "At most 0 image(s) may be provided in one prompt.",
            "This model does not support images",
            "No endpoints found that support image input",
        )
    ),
    ("MM-007", told(500, "audio input is not supported")),
    ("MM-009", told(400)),
    (
        "MM-009",
        answer({"audio": {"data": "..."}}, meta={"elided": ["/choices/0/message/audio/data"]}),
    ),
    ("MM-008", model("meta/llama-4", answer())),
    ("THK-013", model("google/gemini-2.5-flash", told(400))),
    *(
        (row, replayed(told(400), None, "c2ln"))
        for row in ("TOOL-030", "TOOL-031", "TOOL-032", "THK-014", "MM-011", "MM-012")
    ),
    ("TOOL-030", replayed(told(400), "")),
    (
        "TOOL-030",
        remembered(
            told(400), [*UNSIGNED, {"role": "tool", "tool_call_id": "0", "content": "Sunny."}]
        ),
    ),
    ("CHO-008", told(400)),
    ("CHO-008", answer(finish=...)),
    ("CHO-017", spent(40, "Let me count")),
    ("CHO-017", spent(4, "", thought=36)),
    ("CHO-017", answer("Let me count", finish="length", usage=..., request={"stop": "5"})),
    (
        "CHO-017",
        answer(
            "",
            finish="length",
            usage={"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9},
            request={"stop": "5"},
        ),
    ),
    ("SO-005", schema_of_a_tree('{"leaves": [{"lea', finish="length")),
    ("AUTH-006", told(404)),
    ("AUTH-006", told(405)),
]


def numbered(table: list[tuple[str, Build]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("row", "build"), table, ids=[f"{number}-{row}" for number, (row, _) in enumerate(table)]
    )


def test_every_row_has_an_answer_that_conforms_and_one_that_does_not() -> None:
    assert (
        {row for row, _ in CONFORMING}
        == {row for row, _ in VIOLATING}
        == set(ROWS)
        == {probe.requirement for probe in PROBES}
    )


@numbered(CONFORMING)
def test_the_right_answer_passes(make: Any, outcomes: Outcomes, row: str, build: Build) -> None:
    assert outcomes(asked(build(make), row), heard_by(row))[row] == "pass"


@numbered(VIOLATING)
def test_the_wrong_answer_is_found(
    make: Any, findings: Callable[..., dict[str, Finding]], row: str, build: Build
) -> None:
    found = findings(asked(build(make), row), heard_by(row))[row]
    assert found.message
    assert found.expected or found.actual


@numbered(VIOLATING)
def test_what_nobody_asked_about_never_speaks(
    make: Any,
    findings: Callable[..., dict[str, Finding]],
    outcomes: Outcomes,
    row: str,
    build: Build,
) -> None:
    neighbour = next(each for each in ROWS if each != row)
    for exchange in (build(make), asked(build(make), neighbour), asked(build(make))):
        assert row not in findings(exchange, heard_by(row))
        assert outcomes(exchange, heard_by(row))[row] == "not exercised"


@numbered(NOT_EXERCISED)
def test_what_does_not_answer_the_probe_shows_nothing(
    make: Any, outcomes: Outcomes, row: str, build: Build
) -> None:
    assert outcomes(asked(build(make), row), heard_by(row))[row] == "not exercised"


@pytest.mark.parametrize("word", [None, 1, "ERR-028", {"ERR-028": 1}, [1, None], [[]]])
def test_a_word_of_a_recording_that_is_no_list_of_rows_asks_nothing(
    make: Any, outcomes: Outcomes, word: Any
) -> None:
    exchange = replace(make.error(400), meta={"probes": word})
    assert set(outcomes(exchange).values()) <= {"pass", "not exercised"}


def test_a_run_asks_what_the_case_of_a_cassette_was_made_to_show() -> None:
    (played,) = replay(data_folder("cassettes") / "llama.cpp" / "auth-none.yaml", Selection())
    assert isinstance(played, JudgedCase)
    verdicts = {verdict.requirement: verdict.verdict for verdict in played.verdicts}
    assert (verdicts["AUTH-001"], verdicts["AUTH-002"]) == ("pass", "not exercised")
