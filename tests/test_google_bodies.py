"""Genuine answers of Google's endpoints: each finding in them is a known deviation.

Some of the bodies are in the repository; the others are not part of it, and the tests that need
them are skipped without them.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Json, Request, Response
from conformance.runs.results import EMULATED
from conformance.traffic import read
from tests.helpers import shipped_cassettes
from tests.helpers.project import RECORDINGS, ROOT

GOOGLE = ("gemini-api", "vertex-gemini")
QUOTES = RECORDINGS.parent / "recordings-more" / "google-quotes.jsonl.gz"
BODIES = ROOT / "tests" / "endpoints" / "reference" / "google"
FILES = {"recordings": RECORDINGS, "quotes": QUOTES}

REQUESTS: dict[str, Json] = {
    "vertex-arguments-streamed": {
        "stream": True,
        "tools": [{"type": "function", "function": {"name": "get_current_weather"}}],
        "extra_body": {"google": {"stream_function_call_arguments": True}},
    }
}
"""What is known of the requests for the bodies in the repository."""

ELIDED = {"api-cached": ["/choices/0/index", "/choices/0/message"]}
"""What the author of a body left out."""

FAILED_STREAM = "ERR-015 ERR-018 SSE-003 SSE-009 SSE-012"
KNOWN = {
    "repository": {
        "gemini-api": "ERR-018 MSG-009 SEQ-004 SEQ-008 SEQ-009 TOOL-005 TOOL-007 USG-003",
        "vertex-gemini": f"ENV-005 {FAILED_STREAM} TOOL-008 TOOL-028",
    },
    "recordings": {
        "gemini-api": (
            "ENV-003 ENV-004 ENV-005 ERR-018 MSG-009 SEQ-004 SEQ-008 SEQ-009 SEQ-029 TOOL-005"
            " TOOL-007 USG-003"
        ),
        "vertex-gemini": "ENV-005 TOOL-008 TOOL-028",
    },
    "quotes": {
        "gemini-api": "ERR-018 MSG-009 SEQ-008 SEQ-009 TOOL-007 USG-003",
        "vertex-gemini": FAILED_STREAM,
    },
    "cassettes": {"gemini-api": "", "vertex-gemini": ""},
}
"""The requirements from which the bodies of each place deviate, by place and profile."""


@cache
def bodies(place: str) -> tuple[Exchange, ...]:
    """Return the genuine answers of Google in one place, without those of this suite's endpoint."""
    found = (
        [_quoted(name, line) for name in GOOGLE for line in _lines(BODIES / f"{name}.jsonl")]
        if place == "repository"
        else shipped_cassettes.exchanges()
        if place == "cassettes"
        else read([FILES[place]])
    )
    exchanges = [each for each in found if isinstance(each, Exchange)]
    return tuple(
        each
        for each in exchanges
        if _profile_of(each) in GOOGLE and each.meta.get("provenance") != EMULATED
    )


def _lines(path: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _quoted(name: str, line: dict[str, Json]) -> Exchange:
    """Return a body of the repository as an exchange whose request is mostly not known."""
    return Exchange(
        line["id"],
        Request(body=REQUESTS.get(line["id"])),
        Response(line["status"], (), line["body"].encode()),
        {
            "profile": name,
            "partial": line["partial"],
            "elided": ELIDED.get(line["id"], []),
        },
    )


def _profile_of(exchange: Exchange) -> str:
    return shipped_suite().choose_profile(exchange, None).profile.name


def findings(place: str) -> Iterator[tuple[Exchange, JudgedFinding]]:
    for exchange in bodies(place):
        judge = judge_for(profile(_profile_of(exchange)), shipped_suite())
        for found in judge.findings(exchange):
            assert isinstance(found, JudgedFinding), found
            yield exchange, found


def _param(place: str) -> Any:
    path = FILES.get(place)
    missing = path is not None and not path.exists()
    return pytest.param(place, marks=pytest.mark.skipif(missing, reason="the bodies are not here"))


PLACES = pytest.mark.parametrize("place", [_param(place) for place in KNOWN])


@PLACES
def test_a_genuine_answer_of_google_has_no_unexpected_finding(place: str) -> None:
    assert [
        (exchange.id, found.finding.requirement, found.level, found.finding.message)
        for exchange, found in findings(place)
        if not found.known
    ] == []


@PLACES
def test_each_deviation_that_google_shows_is_known(place: str) -> None:
    shown = {
        name: " ".join(
            sorted(
                {
                    found.finding.requirement
                    for exchange, found in findings(place)
                    if found.known and _profile_of(exchange) == name
                }
            )
        )
        for name in GOOGLE
    }
    assert shown == KNOWN[place]


def test_there_are_bodies_of_both_endpoints() -> None:
    assert {_profile_of(exchange) for exchange in bodies("repository")} == set(GOOGLE)
