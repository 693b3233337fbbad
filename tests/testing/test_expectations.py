"""Expectations in the pytest session of another project."""

import json
from pathlib import Path

import pytest

from tests.suites.test_given import ALL, OWN, TARGET
from tests.testing.test_traffic_lint import PLUGIN

SPOILT = "replace(response, body=response.body.replace(b'\"created\":', b'\"kreated\":'))"
ENTRY = """\
[[expectations]]
requirement = "ENV-008"
occurs = "always"
reason = "The gateway sends no time."
"""
CALLS = """
import httpx, pytest

ANSWER = {answer}

def call():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=ANSWER))
    with httpx.Client(transport=transport) as client:
        client.post(
            "https://api.openai.com/v1/chat/completions",
            json={{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}},
        )

def test_first():
    call()

@pytest.mark.parametrize("number", ["x"])
def test_second(number):
    call()
"""
BROKEN = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "choices": []}


@pytest.fixture
def feature_tests(pytester: pytest.Pytester) -> pytest.Pytester:
    """Make a project whose target breaks ENV-008."""
    pytester.makepyfile(test_conformance=ALL)
    Path(pytester.path, "conftest.py").write_text(OWN % (SPOILT, TARGET), encoding="utf-8")
    return pytester


@pytest.fixture
def traffic(pytester: pytest.Pytester) -> pytest.Pytester:
    """Make a project with two tests that get the same broken answer."""
    pytester.makepyfile(test_calls=CALLS.format(answer=json.dumps(BROKEN)))
    return pytester


def expect(project: pytest.Pytester, text: str) -> None:
    (project.path / "conformance-expectations.toml").write_text(text, encoding="utf-8")


def test_feature_tests_accept_what_the_file_of_the_root_folder_says(
    feature_tests: pytest.Pytester,
) -> None:
    one = ("-k", "chat-plain and not sdk")
    broken = feature_tests.runpytest_subprocess(*PLUGIN, *one)
    assert broken.ret == pytest.ExitCode.TESTS_FAILED
    before = broken.parseoutcomes()["failed"]
    expect(feature_tests, ENTRY)
    result = feature_tests.runpytest_subprocess(*PLUGIN, *one)
    assert result.parseoutcomes().get("failed", 0) < before
    result.stdout.fnmatch_lines(["*accepted: 1 requirement (ENV-008)*"])


def test_an_entry_that_is_out_of_date_fails_the_feature_tests(
    feature_tests: pytest.Pytester,
) -> None:
    Path(feature_tests.path, "conftest.py").write_text(OWN % ("response", TARGET), encoding="utf-8")
    feature_tests.makepyfile(
        test_conformance="from conformance.suites.test_chat import test_chat as test_chat"
    )
    expect(feature_tests, ENTRY)
    whole = feature_tests.runpytest_subprocess(*PLUGIN)
    assert whole.ret == pytest.ExitCode.TESTS_FAILED
    whole.stdout.fnmatch_lines(["conformance-expectations.toml:1: ENV-008 no longer fails: *"])
    narrow = feature_tests.runpytest_subprocess(*PLUGIN, "-k", "chat-plain")
    assert narrow.ret == pytest.ExitCode.OK
    expect(feature_tests, ENTRY + "until = 2026-01-31\n")
    expired = feature_tests.runpytest_subprocess(*PLUGIN, "-k", "chat-plain")
    assert expired.ret == pytest.ExitCode.TESTS_FAILED
    expired.stdout.fnmatch_lines(["*:1: ENV-008 was accepted until 2026-01-31: *"])


def test_a_wrong_file_ends_pytest_in_one_line(traffic: pytest.Pytester) -> None:
    expect(traffic, ENTRY.replace("ENV-008", "ENVV-008"))
    result = traffic.runpytest_subprocess(*PLUGIN, "--conformance-lint")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *.toml:2: requirement: unknown requirement 'ENVV-008'*"])
    missing = traffic.runpytest_subprocess(
        *PLUGIN, "--conformance-lint", "--conformance-expectations", "no.toml"
    )
    assert missing.ret == pytest.ExitCode.USAGE_ERROR
    missing.stderr.fnmatch_lines(["ERROR: no.toml: there is no such file; *"])


def test_the_lint_accepts_by_the_name_of_a_test(traffic: pytest.Pytester) -> None:
    lint = (*PLUGIN, "--conformance-lint", "-W", "ignore")
    result = traffic.runpytest_subprocess(*lint)
    result.assert_outcomes(failed=2)
    rows = sorted({line.split()[0] for line in result.outlines if "  must  " in line})
    assert rows
    accept = "".join(
        ENTRY.replace("ENV-008", row) + 'case = "test_calls.py::test_second[[]x]"\n' for row in rows
    )
    expect(traffic, accept.replace("[[]", "["))
    result = traffic.runpytest_subprocess(*lint)
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines([f"*{len(rows)} accepted*"])


def test_findings_can_be_reported_without_failing_a_test(traffic: pytest.Pytester) -> None:
    result = traffic.runpytest_subprocess(*PLUGIN, "--conformance-lint=report", "-W", "error")
    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["*judged as openai: *must (2)*", "*: first in test_calls.py::test_f*"]
    )


def test_the_next_argument_is_not_taken_for_the_value(traffic: pytest.Pytester) -> None:
    for option in ("--conformance-lint", "--conformance-lint=fail"):
        result = traffic.runpytest_subprocess(*PLUGIN, option, "test_calls.py", "-W", "ignore")
        result.assert_outcomes(failed=2)
