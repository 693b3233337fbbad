"""All suites call the target of a project; a wrong target is a one-line error."""

from pathlib import Path

import pytest

from tests.helpers.project import ROOT

PLUGIN = ("-p", "conformance.plugin", "-p", "no:cacheprovider", "-W", "error")
ALL = "from conformance.suites.everything import *"
OWN = """
import pytest
from conformance import Target, Response
from conformance.endpoints.reference import TOKEN, answer
from dataclasses import replace

def reference(request):
    response = answer(replace(request, url="/v1" + request.url.partition("/v1")[2], headers=(("authorization", f"Bearer {TOKEN}"),)), "openai")
    return %s

@pytest.fixture(scope="session")
def conformance_target():
    return %s
"""
TARGET = "Target(reference, model='gpt-4o', profile='openai')"


CUT = f"""
import sys
import threading

import pytest

sys.path.insert(0, {str(ROOT)!r})

from tests.endpoints.client.test_http_client import STREAM, Server, chunk, says

@pytest.fixture(scope="session")
def conformance_target():
    server = Server(says(STREAM + chunk(b'data: {{"choices": []}}\\n\\n')))
    threading.Thread(target=server.run, daemon=True).start()
    return server.url
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(test_conformance=ALL)
    return pytester


def run(
    project: pytest.Pytester, target: str, *arguments: str, response: str = "response"
) -> pytest.RunResult:
    Path(project.path, "conftest.py").write_text(OWN % (response, target), encoding="utf-8")
    return project.runpytest_subprocess(*PLUGIN, *arguments)


def test_all_suites_ask_the_target_of_the_project(project: pytest.Pytester) -> None:
    result = run(project, TARGET, "-q", "-rN")
    outcomes = result.parseoutcomes()
    assert result.ret == pytest.ExitCode.OK
    assert outcomes["passed"] > 500
    assert outcomes["skipped"] > 100  # what openai lacks, and what needs a key
    result.stdout.fnmatch_lines(["PASS: in-process, 0 of * broken, * cases, judged as openai"])
    result.stdout.no_fnmatch_line("*self-test*")
    result.stdout.no_fnmatch_line("*llama.cpp*")
    result.stdout.no_fnmatch_line("no cassette*")


def test_a_conversation_and_twins_are_asked_too(project: pytest.Pytester) -> None:
    result = run(project, TARGET, "-k", "conversation-tools-parallel or twins", "-v")
    result.stdout.fnmatch_lines(
        [
            "*test_conversations[[]conformance_target/conversation-tools-parallel[]] PASSED*",
            "*test_twins[[]conformance_target[]] PASSED*",
        ]
    )


def test_what_the_target_breaks_fails(project: pytest.Pytester) -> None:
    spoilt = "replace(response, body=response.body.replace(b'\"created\":', b'\"kreated\":'))"
    result = run(project, TARGET, "-k", "chat-plain", response=spoilt)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["fail: ENV-008  must  *"])


def test_an_answer_that_is_cut_fails(project: pytest.Pytester) -> None:
    Path(project.path, "conftest.py").write_text(CUT, encoding="utf-8")
    result = project.runpytest_subprocess(*PLUGIN, "-k", "stream-plain and not sdk")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["127.0.0.1-*/stream-plain: the answer was truncated: RemoteProtocolError: *"]
    )


def test_a_target_that_does_not_answer_fails(project: pytest.Pytester) -> None:
    result = run(project, "'http://127.0.0.1:1/v1'", "-k", "chat-plain")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["127.0.0.1-1 did not answer chat-plain: *"])


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("7", "conformance_target returned a value of type int; *"),
        ("None", "conformance_target returned None; *"),
        ("'no url'", "conformance_target: 'no url': write http:// *"),
        ("lambda request: None", "conformance_target: its function returned None; *"),
        (
            "lambda request: Response(200, (), 'text')",
            "conformance_target: * whose body is a value of type str, not bytes*",
        ),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_line(
    project: pytest.Pytester, target: str, said: str
) -> None:
    result = run(project, target, "-k", "chat-plain", "-q")
    assert result.ret == 2
    result.stdout.fnmatch_lines([f"*Exit: {said}"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_variants_are_fresh_requests_for_each_feature(project: pytest.Pytester) -> None:
    result = run(
        project,
        TARGET,
        "-k",
        "variants and (seed or gs-image)",
        "--conformance-variants",
        "5",
        "-v",
    )
    result.stdout.fnmatch_lines(
        ["*test_variants[[]seed[]] PASSED*", "*test_variants[[]gs-image[]] SKIPPED*"]
    )


def test_a_variant_that_fails_shows_its_request_and_its_seed(project: pytest.Pytester) -> None:
    spoilt = (
        "replace(response, body=response.body.replace(b'\"object\":', b'\"objekt\":')) if 'seed' in"
        " request.body else response"
    )
    result = run(
        project, TARGET, "-k", "variants and seed", "--conformance-variants", "5", response=spoilt
    )
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["in-process, seed *: ENV-002  must  *", 'Request:  *"seed"*'])
    assert "Error" not in result.stdout.str()


def test_a_function_that_answers_variants_with_the_wrong_thing_is_told_in_one_line(
    project: pytest.Pytester,
) -> None:
    result = run(
        project,
        "lambda request: None",
        "-k",
        "variants and gs-image",
        "--conformance-profile",
        "vertex-gemini",
        "--conformance-variants",
        "5",
    )
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*Exit: conformance_target: its function returned None; *"])


@pytest.mark.parametrize("number", ["-1", "1.5", "many"])
def test_variants_are_a_number(project: pytest.Pytester, number: str) -> None:
    result = project.runpytest_subprocess(*PLUGIN, f"--conformance-variants={number}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"*--conformance-variants: expected a whole number, 0 or more, not '{number}'"]
    )


def test_variants_need_hypothesis_and_say_so(project: pytest.Pytester) -> None:
    project.makepyfile(
        hidden="import conformance.testing.plugin as plugin\nplugin.find_spec = lambda _: None"
    )
    result = run(
        project, TARGET, "-p", "hidden", "-p", "no:hypothesispytest", "--conformance-variants", "5"
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --variants needs Hypothesis: *"])
