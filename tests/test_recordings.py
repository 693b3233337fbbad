"""Real recordings that other people published: what OpenAI answers conforms by definition, and what
Google and Azure are known for is reported as known.

The recordings are no part of the repository.
"""

from collections import Counter
from functools import cache

import pytest

from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import FALLBACK, profile, profile_for_url
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange
from conformance.traffic import read
from tests.helpers.project import RECORDINGS

FOLDER = RECORDINGS

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared/recordings is not there")

PROFILE_OF = {
    "openai": "openai",
    "other:azure-openai": "azure-openai",
    "gemini-api": "gemini-api",
    "vertex-gemini": "vertex-gemini",
    "other:vertex-maas": "vertex-gemini",
}
"""The profile by what the recording says answered; of any other service nothing is known."""

EDITED: dict[str, tuple[set[str], str]] = {
    "openllmetry-00e1b325f1": (
        {"ERR-023"},
        "Azure: status 200 stands over a body that says status 400",
    ),
}
"""Recordings that are not what a server sent, with the requirements they break and what is wrong
with them. None is OpenAI's."""

KNOWN: dict[str, set[str]] = {
    "openai": set(),
    "azure-openai": {
        "SEQ-001",
        "SEQ-003",
        "SEQ-004",
        "SEQ-006",
        "SEQ-022",
        "SEQ-023",
        "MSG-004",
        "HDR-001",
        "ERR-007",
    },
    "gemini-api": {
        "ENV-003",
        "ENV-004",
        "ENV-005",
        "MSG-009",
        "USG-003",
        "SEQ-004",
        "SEQ-008",
        "SEQ-009",
        "SEQ-029",
        "TOOL-005",
        "TOOL-007",
        "ERR-018",
    },
    "vertex-gemini": {"ENV-005", "TOOL-008", "TOOL-028"},
}
"""What the recordings show of the known deviations, read off them by hand.

Gemini's ``stop`` after tool calls is there too, but without its request, which could have named the
tool (TOOL-012).
"""


@cache
def exchanges() -> tuple[Exchange, ...]:
    outcomes = list(read([FOLDER]))
    assert all(isinstance(each, Exchange) for each in outcomes)
    return tuple(each for each in outcomes if isinstance(each, Exchange))


def name_of(exchange: Exchange) -> str:
    return PROFILE_OF.get(exchange.meta["target"], FALLBACK)


@cache
def results(name: str) -> tuple[tuple[Exchange, JudgedFinding | RuleCrash], ...]:
    """All that is found under a profile, in the recordings that it is the profile of."""
    judge = judge_for(profile(name), shipped_suite())
    return tuple(
        (exchange, each)
        for exchange in exchanges()
        if name_of(exchange) == name
        for each in judge.findings(exchange)
    )


def must(name: str) -> list[tuple[str, str, str]]:
    """The must findings under a profile that no deviation explains, but for those of edited
    recordings: exchange, requirement, message."""
    return [
        (exchange.id, each.finding.requirement, each.finding.message)
        for exchange, each in results(name)
        if isinstance(each, JudgedFinding)
        and each.level == "must"
        and not each.known
        and each.finding.requirement not in EDITED.get(exchange.id, (set(), ""))[0]
    ]


def test_there_are_recordings_of_each_kind() -> None:
    openai = [each for each in exchanges() if each.meta["target"] == "openai"]
    kinds = Counter((fold(each).kind, each.meta["fidelity"] == "raw") for each in openai)
    assert len(exchanges()) > 600
    assert kinds["completion", True] > 90
    assert kinds["completion", False] > 80
    assert kinds["stream", True] > 70
    assert kinds["error", True] > 1
    assert kinds["error", False] > 5


def test_the_url_proves_what_a_recording_says_of_its_target() -> None:
    for exchange in exchanges():
        if exchange.meta["target"] in PROFILE_OF:
            assert profile_for_url(exchange.request.url.partition("#")[0]) == name_of(exchange)


@pytest.mark.parametrize("name", sorted({*PROFILE_OF.values(), FALLBACK}))
def test_no_rule_crashes(name: str) -> None:
    assert [
        (exchange.id, each) for exchange, each in results(name) if isinstance(each, RuleCrash)
    ] == []


@pytest.mark.parametrize("name", sorted(set(PROFILE_OF.values())))
def test_a_genuine_answer_breaks_no_must_that_is_not_known(name: str) -> None:
    assert must(name) == []


def test_no_answer_of_openai_breaks_anything() -> None:
    """Raw and serialised anew, completions, streams and errors."""
    assert [(exchange.id, each) for exchange, each in results("openai")] == []


@pytest.mark.parametrize("identifier", EDITED)
def test_an_edited_recording_breaks_what_it_is_listed_for(identifier: str) -> None:
    exchange = next(each for each in exchanges() if each.id == identifier)
    found = {
        each.finding.requirement
        for each in judge_for(profile(name_of(exchange)), shipped_suite()).findings(exchange)
        if isinstance(each, JudgedFinding) and not each.known
    }
    assert found == EDITED[identifier][0]


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_deviation_that_a_recording_shows_is_reported_as_known(name: str) -> None:
    assert {
        each.finding.requirement
        for _, each in results(name)
        if isinstance(each, JudgedFinding) and each.known
    } == KNOWN[name]


@pytest.mark.parametrize("name", ["gemini-api", "vertex-gemini", "azure-openai"])
def test_nothing_else_is_found_where_deviations_are_known(name: str) -> None:
    unknown = {
        (exchange.id, each.finding.requirement)
        for exchange, each in results(name)
        if isinstance(each, JudgedFinding) and not each.known
    }
    assert unknown == {
        (identifier, row)
        for identifier, (rows, _) in EDITED.items()
        for row in rows
        if name == "azure-openai"
    }


def test_what_the_recordings_put_to_the_test(capsys: pytest.CaptureFixture[str]) -> None:
    verdicts = [
        (verdict.requirement, verdict.outcome)
        for exchange in exchanges()
        for verdict in judge_for(profile(name_of(exchange)), shipped_suite()).verdicts(exchange)
        if verdict.outcome != "not exercised"
    ]
    outcomes = Counter(outcome for _, outcome in verdicts)
    exercised = {row for row, _ in verdicts}
    rows = [row.id for row in requirements().values() if row.needs == "exchange"]
    with capsys.disabled():
        print(
            f"\n{len(exchanges())} recordings judged, {len(exercised)} of {len(rows)} requirements"
            f" exercised, verdicts: {dict(outcomes)}"
        )
        print(f"not exercised: {' '.join(row for row in rows if row not in exercised)}")
    assert outcomes["error"] == 0
    assert outcomes["stale"] == 0
    assert len(exercised) > 100
