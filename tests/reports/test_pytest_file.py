"""Written tests fail for a broken answer, pass for a good one, and contain no code of texts."""

import ast
from pathlib import Path

import pytest

from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from conformance.reports.pytest_file import FailingExchange, PytestFile, alone, pytest_file
from conformance.runs.broken import Broken, broken_in
from conformance.testing.regression import assert_requirement, recorded
from tests.helpers.injections import INJECTIONS, commands, exchanges
from tests.judging.conftest import completion, edited, stream
from tests.reports.formats.html.pages import reported
from tests.reports.formats.sample import failing, report

NO_DONE = edited(stream("Hello!", request={"model": "m"}), "data: [DONE]\n\n", "")


def made(exchange: Exchange, case: str = "chat-plain") -> PytestFile:
    single, left_out = alone(broken_in(reported({case: exchange})))
    found = [FailingExchange(each, exchange, "openai") for each in single]
    return pytest_file("test_it.py", found, shipped_suite(), left_out, "MY_KEY")


def written(file: PytestFile, folder: Path) -> Path:
    for name, content in file.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder / "test_it_cassettes"


def test_each_broken_requirement_has_a_test_and_a_cassette(tmp_path: Path) -> None:
    file = made(NO_DONE, "stream-plain")
    assert [*file.files] == ["test_it.py", "test_it_cassettes/SSE-003-stream-plain.yaml"]
    text = file.files["test_it.py"].decode()
    assert '("SSE-003", "SSE-003-stream-plain.yaml", "openai"),' in text
    assert "    # the stream does not end with [DONE]\n" in text
    assert "MY_KEY=... python test_it.py" in text
    cassette = written(file, tmp_path) / "SSE-003-stream-plain.yaml"
    with pytest.raises(AssertionError, match=r"^SSE-003  must  `\[DONE\]` occurs"):
        assert_requirement(cassette, "SSE-003", "openai")


def test_the_cassette_has_the_smallest_evidence_and_the_whole_request(tmp_path: Path) -> None:
    long = edited(stream(*["word "] * 99, request={"model": "m"}), "data: [DONE]\n\n", "")
    (cassette,) = written(made(long), tmp_path).iterdir()
    kept = recorded(cassette)
    assert len(kept.response.body or b"") < 1000 < 5000 < len(long.response.body or b"")
    assert kept.request.body == long.request.body


def test_no_secret_is_written() -> None:
    headers = (("authorization", "Bearer sk-abcdefgh12345678"),)
    request = NO_DONE.request.__class__("POST", "https://h/v1", headers, NO_DONE.request.body)
    secret = Exchange("a", request, NO_DONE.response)
    file = made(secret)
    assert len(file.files) == 2
    assert all(b"abcdefgh12345678" not in content for content in file.files.values())


def test_a_request_that_was_not_recorded_has_no_test() -> None:
    without = Exchange("a", NO_DONE.request.__class__("POST", "https://h/v1"), NO_DONE.response)
    file = made(without)
    assert [*file.files] == ["test_it.py"]
    assert "SSE-003 has no test, because its request was not recorded" in file.left_out


def test_what_several_answers_show_has_no_test(tmp_path: Path) -> None:
    several = report(tmp_path, failing("META-001", "a+b"), failing("ENV-008"))
    single, left_out = alone(broken_in(several))
    assert [each.entry.id for each in single] == ["ENV-008"]
    assert left_out == ["META-001 has no test, because it takes several answers to judge"]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("a/b/traffic.jsonl:12", "traffic-12"),
        ("cassettes/x.yaml#2", "x-2"),
        ("../../etc/passwd", "passwd"),
        ("case#2", "case-2"),
        ("\x1b[2J::error", "2J-error"),
        ("...", "answer"),
        ("x" * 200, "x" * 60),
    ],
)
def test_the_name_of_a_cassette_is_plain(place: str, name: str, tmp_path: Path) -> None:
    (broken,) = broken_in(report(tmp_path, failing("SSE-003", place)))
    found = [FailingExchange(broken, NO_DONE, "openai")]
    file = pytest_file("test_it.py", found, shipped_suite())
    assert [*file.files][1] == f"test_it_cassettes/SSE-003-{name}.yaml"


@pytest.mark.parametrize("kind", INJECTIONS)
def test_text_of_the_traffic_is_never_code(kind: str) -> None:
    names = {type(node) for node in ast.walk(ast.parse(made(NO_DONE).files["test_it.py"]))}
    some = [*exchanges(INJECTIONS[kind])][len(kind) % 25 :: 25]
    assert some
    for place, exchange in some:
        text = made(exchange).files["test_it.py"].decode()
        assert {type(node) for node in ast.walk(ast.parse(text))} <= names, place
        assert commands(text) == [], place


def test_broken_requirements_of_a_good_answer_are_none() -> None:
    none: list[Broken] = []
    assert alone(broken_in(reported({"chat-plain": completion("Hello!")}))) == (none, [])
