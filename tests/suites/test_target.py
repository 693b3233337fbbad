"""The target of a project is called as a case requires, or rejected in one line."""

from typing import Any

import httpx
import pytest

from conformance import Target
from conformance.cases import Case
from conformance.endpoints.endpoint import Unreachable
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.suites.target import IN_PROCESS, WrongTarget, given
from tests.endpoints.client.test_http_client import KEY, plain, serving
from tests.judging.conftest import completion

CASE = Case(
    "chat-plain",
    "a plain answer",
    "SEED",
    frozenset(),
    "/chat/completions",
    {"model": "{model}", "messages": [{"role": "user", "content": "é"}]},
)
ANSWER = completion().response
PLUGIN = ("-p", "conformance.plugin", "-p", "no:cacheprovider")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("KEY_OF_A_TEST", KEY)


def asked(value: object, chosen: str | None = None) -> Exchange:
    outcome = given(value, chosen).endpoint(CASE)
    assert isinstance(outcome, Exchange)
    return outcome


def test_a_base_url_is_asked_over_the_wire() -> None:
    with serving(plain(ANSWER.body or b"")) as server:
        target = given(server.url)
        outcome = target.endpoint(CASE)
    assert isinstance(outcome, Exchange)
    assert (outcome.response.body, outcome.request.body["model"]) == (ANSWER.body, "default")
    assert (target.profile, target.assumed, target.keyed) == ("openai-compatible", True, False)
    assert target.name.startswith("127.0.0.1-")


def test_a_target_says_what_to_ask_for_and_what_to_expect() -> None:
    with serving(plain(ANSWER.body or b"")) as server:
        target = given(
            Target(server.url, model="mine", profile="vertex-vllm", api_key_env="KEY_OF_A_TEST")
        )
        outcome = target.endpoint(CASE)
    assert isinstance(outcome, Exchange)
    assert (outcome.request.body["model"], outcome.meta["profile"]) == ("mine", "vertex-vllm")
    assert (target.profile, target.assumed, target.keyed) == ("vertex-vllm", False, True)
    assert f"authorization: bearer {KEY}".encode() in server.asked[0].lower()


def test_the_profile_of_the_command_line_goes_first() -> None:
    assert (
        given(Target("http://127.0.0.1:9/v1", profile="openai"), "gemini-api").profile
        == "gemini-api"
    )


def test_nothing_is_sent_before_it_is_asked() -> None:
    target = given("http://127.0.0.1:9/v1")
    assert isinstance(target.endpoint(CASE), Unreachable)


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, (("Content-Type", "application/json"),), ANSWER.body, fidelity="bytes"),
        httpx.Response(200, headers={"Content-Type": "application/json"}, content=ANSWER.body),
    ],
    ids=["ours", "httpx"],
)
def test_a_function_is_asked_in_process(answer: object) -> None:
    seen: list[Request] = []

    def mine(request: Request) -> object:
        seen.append(request)
        return answer

    exchange = asked(Target(mine, model="mine", profile="openai"))
    (request,) = seen
    assert (request.method, request.url, request.body["model"]) == (
        "POST",
        f"{IN_PROCESS}/chat/completions",
        "mine",
    )
    assert exchange.response.body == ANSWER.body
    assert dict(exchange.response.headers)["content-type"] == "application/json"
    assert exchange.meta == {"case": "chat-plain", "target": "in-process", "profile": "openai"}
    assert asked(mine).meta == {"case": "chat-plain", "target": "in-process"}


class WithMethod:
    def ask(self, _: Request) -> Response:
        return ANSWER


def test_a_bound_method_is_a_function_too() -> None:
    assert asked(WithMethod().ask).response.body == ANSWER.body


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (
            None,
            (
                "conformance_target returned None; it must return a base URL, a conformance.Target,"
                " or a function that answers a conformance.Request"
            ),
        ),
        (42, "conformance_target returned a value of type int; it must return *"),
        (Target, "conformance_target returned the class Target; it must return *"),
        (["http://127.0.0.1"], "conformance_target returned a value of type list; *"),
        (
            "",
            (
                "conformance_target: '': write http:// or https://, a host and the path before"
                " /chat/completions, without query and fragment"
            ),
        ),
        ("ftp://x/v1", "conformance_target: 'ftp://x/v1': write http:// or https://, *"),
        (
            "http://user:pass@x/v1",
            "conformance_target: 'http://*@x/v1': leave out user and password; *",
        ),
        (
            Target("http://x/v1", profile="opnai"),
            "conformance_target: unknown profile 'opnai' (did you mean openai?); there are *",
        ),
        (Target("http://x/v1", model=None), "conformance_target: model is None, not a string"),  # type: ignore[arg-type]
        (
            Target(5),  # type: ignore[arg-type]
            "conformance_target: at is a value of type int, neither a base URL nor a function",
        ),
        (
            Target("http://x/v1", api_key_env="NO_SUCH_KEY"),
            "conformance_target: the environment variable NO_SUCH_KEY for the API key is not set",
        ),
    ],
)
def test_the_wrong_thing_is_told_in_one_line(value: Any, said: str) -> None:
    from fnmatch import fnmatchcase

    with pytest.raises(WrongTarget) as caught:
        given(value)
    assert fnmatchcase(str(caught.value), said.replace("[", "[[]"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("answer", [None, {"choices": []}, b"{}"])
def test_a_function_that_answers_with_the_wrong_thing_is_told_in_one_line(answer: object) -> None:
    with pytest.raises(
        WrongTarget,
        match=(
            r"\Aconformance_target: its function returned [^\n]*; it must return a"
            r" conformance.Response or one of httpx\Z"
        ),
    ):
        asked(lambda _: answer)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "200"}, "status is a value of type str, not a number"),
        ({"status": True}, "status is a value of type bool, not a number"),
        ({"headers": {}}, "headers are not pairs of strings"),
        ({"headers": ("ab",)}, "headers are not pairs of strings"),
        ({"headers": (("content-length", 3),)}, "headers are not pairs of strings"),
        ({"body": "text"}, "body is a value of type str, not bytes"),
        ({"body": {}}, "body is a value of type dict, not bytes"),
    ],
)
def test_a_response_with_the_wrong_thing_in_it_is_told_in_one_line(
    fields: dict[str, Any], said: str
) -> None:
    response = Response(**{"status": 200, **fields})
    with pytest.raises(
        WrongTarget,
        match=(
            r"\Aconformance_target: its function returned a conformance\.Response whose"
            rf" {said}\Z"
        ),
    ):
        asked(lambda _: response)


def test_nothing_secret_of_an_answer_in_process_is_kept() -> None:
    leaking = completion("Take sk-0123456789abcdef.").response
    assert b"sk-0123456789abcdef" not in (asked(lambda _: leaking).response.body or b"")


def test_a_project_overrides_the_fixture(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
import pytest
from conformance import Response, Target

@pytest.fixture(scope="session")
def conformance_target():
    return Target(lambda request: Response(200), profile="openai")
""")
    pytester.makepyfile(
        "def test_it(conformance_given):\n    assert (conformance_given.name,"
        " conformance_given.profile) == ('in-process', 'openai')"
    )
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=1)


def test_a_project_that_overrides_nothing_gives_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(conformance_given):\n    assert conformance_given is None")
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=1)


def test_an_override_that_returns_the_wrong_thing_ends_the_session_with_one_line(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef conformance_target():\n   "
        " return 42"
    )
    pytester.makepyfile(
        "def test_it(conformance_given):\n    pass\n\ndef test_other(conformance_given):\n    pass"
    )
    result = pytester.runpytest_inprocess(*PLUGIN)
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        ["*conformance_target returned a value of type int; it must return a base URL, *"]
    )
    assert len([line for line in result.outlines if "conformance_target" in line]) == 1
    result.stdout.no_fnmatch_line("*Traceback*")


def test_in_several_processes_each_test_says_it(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    pytester.makeconftest(
        "import pytest\n\n@pytest.fixture(scope='session')\ndef conformance_target():\n   "
        " return 42"
    )
    pytester.makepyfile("def test_it(conformance_given):\n    pass")
    result = pytester.runpytest_subprocess(
        *PLUGIN, "-p", "no:hypothesispytest", "-p", "no:recording", "-n1"
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["conformance_target returned a value of type int; *"])
