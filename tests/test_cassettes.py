"""The shipped cassettes are what was asked and what came back, hold nothing secret, and play in
plain pytest-recording."""

import base64
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest

from conformance.cases import cases
from conformance.protocol.exchange import Exchange
from conformance.runs.selection import Selection
from conformance.runs.summary import exit_code, report_of
from conformance.traffic.cassette_writer import cassette
from conformance.traffic.folder_contents import EXPECTED_TO_FAIL
from conformance.traffic.redaction.redact import redact
from tests import reference_cassettes
from tests.helpers.every import fails
from tests.helpers.shipped_cassettes import FOLDER, exchanges, gathered

FILES = sorted(FOLDER.rglob("*.yaml"))
KEY = "sk-test-key"
"""The key that the servers were started with."""
SECRETS = (
    r"Bearer (?!REDACTED)",
    r"\bsk-[A-Za-z0-9]",
    r"ya29\.",
    r"AIza",
    r"(?i)cookie",
    r"(?i)x-goog-signature|[?&]sig=|[?&]key=",
    r"gserviceaccount",
    r"BEGIN [A-Z ]*PRIVATE KEY",
    r"(?i)openai-(?:organization|project): \[(?!REDACTED)",
    r"projects/(?!PROJECT)",
    r"/(?:home|root|tmp|Users)/",
    *(re.escape(form) for form in (KEY, quote(KEY), base64.b64encode(KEY.encode()).decode()[:-3])),
)


LARGEST = 32 << 10
"""Bytes of a cassette; answers that make a larger one are not shipped."""


@cache
def by_path() -> dict[str, tuple[Exchange, ...]]:
    """The exchanges of each cassette."""
    found: dict[str, list[Exchange]] = {}
    for exchange in exchanges():
        found.setdefault(exchange.origin.rpartition("#")[0], []).append(exchange)
    return {path: tuple(turns) for path, turns in found.items()}


def turns(path: Path) -> tuple[Exchange, ...]:
    return by_path()[str(path)]


def recorded(path: Path) -> Exchange:
    return turns(path)[0]


@cache
def by_target() -> dict[str, list[Exchange]]:
    return {
        folder.name: [recorded(path) for path in FILES if path.parent == folder]
        for folder in FOLDER.iterdir()
        if folder.is_dir()
    }


CASES = {case.id: case for case in cases()}
OUR_OWN = [path for path in FILES if path.parent == reference_cassettes.FOLDER]
TARGETS = sorted({path.parent.name for path in FILES})
each_target = pytest.mark.parametrize("target", TARGETS)


def failing(check: Callable[[Path], None], target: str) -> list[str]:
    """The cassettes of a target that a check does not hold of, with the reasons."""
    return fails(
        check, (path for path in FILES if path.parent.name == target), lambda path: path.stem
    )


def test_every_cassette_belongs_to_a_target() -> None:
    assert {path.parent.parent for path in FILES} == {FOLDER}
    assert by_path().keys() == set(map(str, FILES))


@each_target
def test_a_cassette_is_the_answer_to_its_case(target: str) -> None:
    assert failing(is_the_answer_to_its_case, target) == []


def is_the_answer_to_its_case(path: Path) -> None:
    exchange = recorded(path)
    case = CASES[path.stem]
    assert (exchange.meta["case"], exchange.meta["target"]) == (path.stem, path.parent.name)
    assert exchange.meta["provenance"] == ("emulated" if path in OUR_OWN else "recorded")
    assert str(exchange.meta.get("server")).startswith("chat-conformance-reference/") == (
        path in OUR_OWN
    )
    asked = exchange.request.body
    assert asked == case.request_for(asked.get("model", "") if isinstance(asked, dict) else "")
    assert exchange.request.url.endswith(case.path)
    assert ("authorization" in dict(exchange.request.headers)) == (case.auth != "none")
    assert len(turns(path)) <= 1 + len(case.then)
    for before, after in pairwise(turns(path)):
        said = before.request.body["messages"]
        assert after.request.body["model"] == before.request.body["model"]
        assert after.request.body["messages"][: len(said)] == said


@each_target
def test_a_cassette_has_all_its_bytes(target: str) -> None:
    assert failing(has_all_its_bytes, target) == []


def has_all_its_bytes(path: Path) -> None:
    assert all(
        turn.evidence >= {"request", "headers", "text", "bytes", "end"} for turn in turns(path)
    )


@pytest.mark.parametrize(
    "target", [target for target in TARGETS if target != reference_cassettes.FOLDER.name]
)
def test_a_recorded_cassette_tells_when_its_bytes_came(target: str) -> None:
    assert failing(tells_when_its_bytes_came, target) == []


def tells_when_its_bytes_came(path: Path) -> None:
    for turn in turns(path):
        assert "timing" in turn.evidence
        assert sum(size for _, size in turn.response.reads) == len(turn.response.body or b"")
        offsets = [offset for offset, _ in turn.response.reads]
        assert offsets == sorted(offsets)


@each_target
def test_a_cassette_holds_nothing_secret(target: str) -> None:
    assert failing(holds_nothing_secret, target) == []


def holds_nothing_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [pattern for pattern in SECRETS if re.search(pattern, text)] == []
    assert tuple(map(redact, turns(path))) == turns(path)


@each_target
def test_a_cassette_is_written_as_the_recorder_writes_it_now(target: str) -> None:
    assert failing(is_written_as_the_recorder_writes_it_now, target) == []


def is_written_as_the_recorder_writes_it_now(path: Path) -> None:
    assert cassette(*turns(path)) == path.read_text(encoding="utf-8")


def test_the_cassettes_of_the_reference_endpoint_are_what_it_answers_now() -> None:
    assert {
        path.stem: path.read_text(encoding="utf-8") for path in OUR_OWN
    } == reference_cassettes.texts()
    assert len(OUR_OWN) <= 12


def test_the_cassettes_of_the_reference_endpoint_are_all_told_of() -> None:
    told = (reference_cassettes.FOLDER / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[([\w-]+)\]\(\1\.yaml\) \| ([\w-]+) \|", told, re.MULTILINE) == [
        (path.stem, recorded(path).meta["profile"]) for path in OUR_OWN
    ]


def test_no_cassette_of_the_reference_endpoint_gives_a_time_or_a_date() -> None:
    assert [
        path.stem
        for path in OUR_OWN
        if "timing" in recorded(path).evidence or "recorded" in recorded(path).meta
    ] == []


def test_cassettes_are_small() -> None:
    assert [path for path in FILES if path.stat().st_size > LARGEST] == []
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 6 << 20


def test_llama_cpp_was_asked_for_every_kind_of_feature() -> None:
    exchanges = by_target()["llama.cpp"]
    features = {CASES[exchange.meta["case"]].feature for exchange in exchanges}
    assert len(features) >= 350
    assert {exchange.response.status for exchange in exchanges} == {200, 400, 401, 404, 500}
    needs = frozenset().union(*(CASES[exchange.meta["case"]].needs for exchange in exchanges))
    assert needs >= {
        "stream",
        "include-usage",
        "n",
        "stop",
        "seed",
        "sampling",
        "penalties",
        "logprobs",
        "json-object",
        "json-schema",
        "tools",
        "parallel-tools",
    }
    assert needs >= {
        "tool-choice-required",
        "tool-choice-named",
        "legacy-functions",
        "reasoning-effort",
        "image",
        "audio",
    }
    assert (
        sum(
            "text/event-stream" in dict(exchange.response.headers)["content-type"]
            for exchange in exchanges
        )
        >= 20
    )


@pytest.mark.parametrize(
    "target", sorted(path.parent.name for path in FOLDER.glob(f"*/{EXPECTED_TO_FAIL}"))
)
def test_a_target_that_is_expected_to_fail_does_what_its_readme_reports(target: str) -> None:
    chosen = Selection(targets=(target,))
    report = report_of(gathered(chosen).judged_cases, chosen)
    assert exit_code(report) == 1
    told = (
        (FOLDER / target / "README.md")
        .read_text(encoding="utf-8")
        .partition("## What could be reported")[2]
    )
    failed: dict[str, set[str]] = {}
    for verdict in report.targets[0].verdicts:
        if verdict.verdict == "fail":
            failed.setdefault(verdict.requirement, set()).update(re.split(r"[+#]", verdict.case))
    for finding in told.split("\n- ")[1:]:
        cassettes = set(re.findall(r"\]\(([\w-]+)\.yaml\)", finding))
        assert [
            row
            for row in re.findall(r"[A-Z]{2,4}-\d{3}", finding)
            if not cassettes & failed.get(row, set())
        ] == []


PLAYED = """
import httpx
import pytest

@pytest.mark.vcr({path!r})
def test_it():
    with httpx.Client(timeout=5) as client, client.stream("POST", {url!r}, json={{}}) as answer:
        assert answer.status_code == {status}
        assert answer.headers["content-type"] == {content_type!r}
        assert answer.read() == {body!r}
"""


@pytest.mark.parametrize("name", ["chat-plain", "stream-unicode-emoji"])
def test_a_cassette_plays_in_plain_pytest_recording(pytester: pytest.Pytester, name: str) -> None:
    path = FOLDER / "llama.cpp" / f"{name}.yaml"
    exchange = recorded(path)
    content_type = dict(exchange.response.headers)["content-type"]
    text = PLAYED.format(
        path=str(path),
        url=exchange.request.url,
        status=exchange.response.status,
        content_type=content_type,
        body=exchange.response.body,
    )
    pytester.makepyfile(text)
    pytester.runpytest_subprocess(
        "--block-network", "--record-mode=none", "-p", "no:cacheprovider"
    ).assert_outcomes(passed=1)


def test_without_its_cassette_the_same_test_fails(pytester: pytest.Pytester) -> None:
    exchange = recorded(FOLDER / "llama.cpp" / "chat-plain.yaml")
    pytester.makepyfile(
        PLAYED.format(
            path="none.yaml", url=exchange.request.url, status=200, content_type="", body=b""
        )
    )
    pytester.runpytest_subprocess(
        "--block-network", "--record-mode=none", "-p", "no:cacheprovider"
    ).assert_outcomes(failed=1)
