"""The traffic lint in projects that only depend on the suite."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from conformance.testing.assertions import lint_exchanges
from tests.endpoints.client.test_http_client import STREAM, Server, chunk, plain, serving
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import completion, stream

PLUGIN = ("-p", "conformance.plugin", "-p", "no:cacheprovider", "-p", "no:randomly")
LINT = (*PLUGIN, "--conformance-lint")

HTTPX = """
import asyncio
import {library} as library

ASKED = {{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}}
CALL = {{"url": "{url}/chat/completions", "headers": {{"authorization": "Bearer key-of-a-test-0123"}}, "json": ASKED}}
STREAMED = {{**CALL, "json": {{**ASKED, "stream": True}}}}

def test_plain():
    with library.Client(trust_env=False) as client:
        assert client.post(**CALL).json()["object"] == "chat.completion"

def test_streamed():
    with library.Client(trust_env=False) as client, client.stream("POST", **STREAMED) as response:
        assert list(response.iter_lines())[-2] == "data: [DONE]"

def test_async():
    async def ask():
        async with library.AsyncClient(trust_env=False) as client:
            return await client.post(**CALL)
    assert asyncio.run(ask()).json()["object"] == "chat.completion"

def test_async_streamed():
    async def ask():
        async with library.AsyncClient(trust_env=False) as client, client.stream("POST", **STREAMED) as response:
            return [line async for line in response.aiter_lines()]
    assert asyncio.run(ask())[-2] == "data: [DONE]"
"""
OPENAI = """
import asyncio
import openai

SETTINGS = {{"base_url": "{url}", "api_key": "key-of-a-test-0123", "max_retries": 0}}
CALL = {{"model": "m", "messages": [{{"role": "user", "content": "Hi"}}]}}

def test_plain():
    assert openai.OpenAI(**SETTINGS).chat.completions.create(**CALL).choices[0].message.content == "Hello!"

def test_streamed():
    chunks = openai.OpenAI(**SETTINGS).chat.completions.create(**CALL, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello!"

def test_async():
    async def ask():
        async with openai.AsyncOpenAI(**SETTINGS) as client:
            return await client.chat.completions.create(**CALL)
    assert asyncio.run(ask()).choices[0].message.content == "Hello!"

def test_async_streamed():
    async def ask():
        async with openai.AsyncOpenAI(**SETTINGS) as client:
            chunks = await client.chat.completions.create(**CALL, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])
    assert asyncio.run(ask()) == "Hello!"
"""
FORMS = ("plain", "streamed", "async", "async_streamed")

MOCKED = """
import httpx
import pytest

def ask(body=GOOD, path="/v1/chat/completions", status=200, server="a server"):
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, json=body, headers={"server": server}))) as client:
        return client.post("https://gateway.example" + path, json={"model": "m", "messages": [{"role": "user", "content": "Hi"}]})
"""
GOOD = json.loads(completion().response.body or b"")


def mocked(pytester: pytest.Pytester, tests: str) -> None:
    """A project whose tests have ``ask``, answered by GOOD, or by BAD, which breaks a must."""
    bad = {**GOOD, "created": -1}
    pytester.makepyfile(f"GOOD = {GOOD!r}\nBAD = {bad!r}\n" + MOCKED + tests)


@pytest.fixture(autouse=True, scope="module")
def imported_before() -> None:
    """Import first what a project run in this process would import and then remove.

    The rules of the suite register only once.
    """
    assert lint_exchanges([completion()], "auto").passes
    for name in ("httpcore", "httpcore2", "httpx", "httpx2"):
        if find_spec(name):
            import_module(name)


@pytest.fixture(autouse=True)
def no_options_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@contextmanager
def speaking(**envelope: Any) -> Iterator[Server]:
    """A server that answers plain and streamed requests."""
    whole = completion(model="m", **envelope).response.body or b""
    parts = stream(model="m", **envelope).response.body or b""

    def script(connection: Any) -> None:
        streamed = b'"stream":true' in server.asked[-1].replace(b" ", b"")
        connection.sendall(STREAM + chunk(parts) + chunk(b"") if streamed else plain(whole))

    with serving(script) as server:
        yield server


@pytest.fixture(params=["httpx", "httpx2", "openai"])
def project(request: pytest.FixtureRequest) -> str:
    """The tests of a project that uses one library, with a placeholder for the URL."""
    pytest.importorskip(request.param)
    return OPENAI if request.param == "openai" else HTTPX.replace("{library}", request.param)


def test_a_server_that_conforms_passes_whatever_asks_it(
    pytester: pytest.Pytester, project: str
) -> None:
    with speaking() as server:
        pytester.makepyfile(project.format(url=server.url))
        result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        [
            "*= conformance lint =*",
            "4 Chat Completions exchanges judged as openai-compatible: no findings",
            "Profile unknown for 4 exchanges: *",
        ]
    )


def test_one_that_does_not_fails_each_test_with_the_requirement(
    pytester: pytest.Pytester, project: str
) -> None:
    with speaking(created=-1) as server:
        pytester.makepyfile(project.format(url=server.url))
        result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(failed=4)
    for form, row in zip(FORMS, ("ENV-008", "SEQ-022") * 2, strict=True):
        result.stdout.fnmatch_lines(
            [
                f"*_ test_{form} _*",
                "not conformant: 1 must broken, judged as openai-compatible (*",
                f"{row}  must  *",
                f"  POST {server.url}/chat/completions *created",
                "  Actual:   -1",
                "  Source:   *",
            ]
        )
    result.stdout.fnmatch_lines(
        [
            "4 Chat Completions exchanges judged as openai-compatible: ENV-008 must (2), SEQ-022"
            " must (2)"
        ]
    )
    result.stdout.no_fnmatch_line("*traffic_lint.py*")  # no traceback
    result.stdout.no_fnmatch_line("*key-of-a-test*")


def test_without_the_option_nothing_is_judged(pytester: pytest.Pytester) -> None:
    mocked(pytester, "def test_it():\n    ask(BAD)")
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*conformance lint*")


def test_the_ini_file_asks_for_it_too_and_names_the_profile(pytester: pytest.Pytester) -> None:
    mocked(pytester, "def test_it():\n    ask(BAD)")
    pytester.makeini("[pytest]\nconformance_lint = true\nconformance_profile = openai\n")
    result = pytester.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "not conformant: 1 must broken, judged as openai",
            "1 Chat Completions exchange judged as openai: ENV-008 must (1)",
        ]
    )
    again = pytester.runpytest_inprocess(*PLUGIN, "--conformance-profile", "gemini-api")
    again.stdout.fnmatch_lines(["1 Chat Completions exchange judged as gemini-api: *"])


@pytest.mark.parametrize("setting", ["ini", "option"])
def test_an_unknown_profile_is_told_in_one_line(pytester: pytest.Pytester, setting: str) -> None:
    pytester.makeini(
        "[pytest]\nconformance_lint = true\n" + "conformance_profile = opnai" * (setting == "ini")
    )
    result = pytester.runpytest_inprocess(
        *PLUGIN, *(("--conformance-profile", "opnai") if setting == "option" else ())
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len([line for line in result.errlines if line.strip()]) == 1
    result.stderr.fnmatch_lines(
        ["ERROR: unknown profile 'opnai' (did you mean openai?); there are azure-openai, *"]
    )


def test_other_traffic_is_none_of_its_business(pytester: pytest.Pytester) -> None:
    mocked(pytester, "def test_it():\n    ask(BAD, '/v1/models')\n    ask(BAD, '/v1/responses')")
    result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["0 Chat Completions exchanges"])


def test_a_broken_should_is_a_warning_of_that_test(pytester: pytest.Pytester) -> None:
    mocked(pytester, "def test_it():\n    ask({**GOOD, 'id': 'x'})")
    result = pytester.runpytest_inprocess(
        *LINT, "--conformance-profile", "openai", "-rP", "-W", "default"
    )
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "*= warnings summary =*",
            "*.py::test_it",
            "*ConformanceWarning: ENV-007  should  *",
            "*Captured conformance lint call*",
            "ENV-007  should  *",
            "*openai: ENV-007 should (1)",
        ],
    )


def test_a_requirement_that_many_exchanges_break_is_told_once(pytester: pytest.Pytester) -> None:
    mocked(pytester, "def test_it():\n    for _ in range(3):\n        ask(BAD)")
    result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "not conformant: 1 must broken, *",
            "ENV-008 *",
            "  and in 2 other exchanges",
            "3 Chat Completions exchanges *: ENV-008 must (3)",
        ]
    )
    assert len([line for line in result.outlines if line.startswith("ENV-008")]) == 1


def test_a_project_may_take_the_warning_for_an_error_or_for_nothing(
    pytester: pytest.Pytester,
) -> None:
    mocked(pytester, "def test_it():\n    ask({**GOOD, 'id': 'x'})")
    strict = pytester.runpytest_inprocess(
        *LINT, "--conformance-profile", "openai", "-W", "error::conformance.ConformanceWarning"
    )
    strict.assert_outcomes(failed=1)
    strict.stdout.fnmatch_lines(["ENV-007  should  *"])
    strict.stdout.no_fnmatch_line("*traffic_lint.py*")
    lax = pytester.runpytest_inprocess(
        *LINT, "--conformance-profile", "openai", "-W", "ignore::conformance.ConformanceWarning"
    )
    lax.assert_outcomes(passed=1, warnings=0)


def test_what_is_known_is_only_told(pytester: pytest.Pytester) -> None:
    mocked(
        pytester,
        "def test_it():\n    ask({'error': {'code': 400, 'message': 'No.', 'type': 'x'}},"
        " status=400, server='llama.cpp')",
    )
    result = pytester.runpytest_inprocess(*LINT, "-rP", "-W", "error")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*[[]known: *",
            "1 Chat Completions exchange judged as openai-compatible: no findings, * known",
        ]
    )


def test_a_test_that_fails_by_itself_keeps_its_reason_and_shows_the_findings(
    pytester: pytest.Pytester,
) -> None:
    mocked(pytester, "def test_it():\n    ask(BAD)\n    assert 'theirs' == 'ours'")
    result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E * AssertionError: *theirs*",
            "*Captured conformance lint call*",
            "ENV-008  must *",
            "*: ENV-008 must (1)",
        ]
    )


def test_what_fixtures_ask(pytester: pytest.Pytester) -> None:
    mocked(
        pytester,
        """
@pytest.fixture
def before():
    ask(BAD)

@pytest.fixture
def after():
    yield
    ask(BAD)

@pytest.fixture
def broken():
    ask(BAD)
    raise KeyError("theirs")

def test_before(before):
    pass

def test_after(after):
    pass

def test_broken(broken):
    pass
""",
    )
    result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(failed=1, passed=1, errors=2)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_after*",
            "not conformant: *",
            "*ERROR at setup of test_broken*",
            "*KeyError: 'theirs'",
            "*Captured conformance lint setup*",
            "*_ test_before _*",
            "not conformant: *",
        ]
    )
    result.stdout.fnmatch_lines(["3 Chat Completions exchanges *: ENV-008 must (3)"])


def test_a_skipped_test_stays_skipped_and_an_expected_failure_is_one(
    pytester: pytest.Pytester,
) -> None:
    mocked(
        pytester,
        """
def test_skipped():
    ask(BAD)
    pytest.skip()

@pytest.mark.xfail(strict=True)
def test_expected():
    ask(BAD)
""",
    )
    pytester.runpytest_inprocess(*LINT).assert_outcomes(skipped=1, xfailed=1)


def test_a_test_may_be_exempt(pytester: pytest.Pytester) -> None:
    mocked(pytester, "@pytest.mark.no_conformance_lint\ndef test_it():\n    ask(BAD)")
    pytester.runpytest_inprocess(*LINT, "--strict-markers").assert_outcomes(passed=1)
    pytester.runpytest_inprocess(*PLUGIN, "--strict-markers").assert_outcomes(passed=1)


def test_tests_of_unittest(pytester: pytest.Pytester) -> None:
    mocked(
        pytester,
        "import unittest\n\nclass Tests(unittest.TestCase):\n    def test_it(self):\n       "
        " ask(BAD)\n    def test_good(self):\n        ask()",
    )
    pytester.runpytest_inprocess(*LINT).assert_outcomes(failed=1, passed=1)


def test_a_stream_that_a_test_leaves_open_is_judged_as_a_part(pytester: pytest.Pytester) -> None:
    with speaking(created=-1) as server:
        pytester.makepyfile(
            "import httpx\nclient = httpx.Client(trust_env=False)\n\ndef test_it():\n    request ="
            f" client.build_request('POST', '{server.url}/chat/completions', json={{'model': 'm',"
            " 'messages': [], 'stream': True})\n    global body\n    body = client.send(request,"
            " stream=True).iter_bytes()\n    next(body)"
        )
        result = pytester.runpytest_inprocess(*LINT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["SEQ-022  must  *"])


def test_the_fixture_gives_what_was_captured_without_the_option(pytester: pytest.Pytester) -> None:
    mocked(
        pytester,
        """
from conformance import Exchange, assert_conformant

def test_it(conformance_capture):
    assert conformance_capture == []
    ask()
    ask(BAD)
    good, bad = conformance_capture
    assert isinstance(good, Exchange)
    assert_conformant(good)
    with pytest.raises(AssertionError, match="ENV-008"):
        assert_conformant(bad)

def test_next(conformance_capture):
    assert conformance_capture == []
""",
    )
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=2)
    pytester.runpytest_inprocess(*LINT).assert_outcomes(failed=1, passed=1)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_a_cassette_that_pytest_recording_plays(pytester: pytest.Pytester, library: str) -> None:
    pytest.importorskip(library)
    pytest.importorskip("pytest_recording")
    exchange = completion(created=-1)
    shelve(pytester.path / "cassettes", exchange, target="test_played", case="test_it")
    pytester.makepyfile(
        test_played=f"""
import {library}
import pytest

@pytest.mark.vcr
@pytest.mark.block_network
def test_it():
    assert {library}.post("{exchange.request.url}", json={exchange.request.body!r}).json()["created"] == -1
"""
    )
    result = pytester.runpytest_subprocess(*LINT)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["ENV-008  must  *", "1 Chat Completions exchange judged as openai: ENV-008 must (1)"]
    )


def test_another_process_tells_this_one(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    mocked(
        pytester,
        "@pytest.mark.parametrize('n', range(4))\ndef test_it(n):\n    ask(BAD if n == 2 else"
        " GOOD)",
    )
    result = pytester.runpytest_subprocess(
        *LINT, "-p", "no:hypothesispytest", "-p", "no:recording", "-n1"
    )
    result.assert_outcomes(failed=1, passed=3)
    result.stdout.fnmatch_lines(
        ["4 Chat Completions exchanges judged as openai-compatible: ENV-008 must (1)"]
    )


def test_the_profile_that_a_server_names_judges_its_answers(pytester: pytest.Pytester) -> None:
    named = MOCKED.replace(
        '{"server": server}', '{"server": server, "x-conformance-profile": "gemini-api"}'
    )
    assert named != MOCKED
    pytester.makepyfile(f"GOOD = {GOOD!r}\n" + named + "def test_it():\n    ask()")
    result = pytester.runpytest_inprocess(*LINT)
    result.stdout.fnmatch_lines(["1 Chat Completions exchange judged as gemini-api*"])
    result.stdout.no_fnmatch_line("Profile unknown*")
