"""``assert_conformant``: what it accepts, when it fails, and its messages."""

import re
import subprocess
import sys
import warnings
from typing import Any

import httpx
import pytest

from conformance import ConformanceWarning, assert_conformant
from conformance.endpoints.reference import TOKEN, answer
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.testing.assertions import failure, lint_exchanges
from tests.judging.conftest import completion, error, stream

URL = "https://gateway.example/v1/chat/completions"
SECRET = "key-of-a-test-0123"
LIBRARIES = ("httpx", "httpx2")


def response_of(library: Any, exchange: Exchange, method: str = "POST", url: str = URL) -> Any:
    """Return an exchange as a response object of the library."""
    request = library.Request(
        method, url, json=exchange.request.body, headers={"authorization": f"Bearer {SECRET}"}
    )
    told = exchange.response
    return library.Response(
        told.status, headers=dict(told.headers), content=told.body, request=request
    )


@pytest.fixture(params=LIBRARIES)
def library(request: pytest.FixtureRequest) -> Any:
    return pytest.importorskip(request.param)


@pytest.mark.parametrize(
    "exchange", [completion(), stream(), error()], ids=["completion", "stream", "error"]
)
def test_what_conforms_passes(library: Any, exchange: Exchange) -> None:
    assert_conformant(exchange)
    assert_conformant(response_of(library, exchange))


def test_a_broken_must_fails_with_a_block_that_says_everything(library: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conformant(response_of(library, completion(created=-1)), "openai")
    assert str(caught.value).splitlines() == [
        "not conformant: 1 must broken, judged as openai",
        "",
        (
            "ENV-008  must  `created` of the response is an integer and a plausible Unix time in"
            " seconds (not 0, not milliseconds)"
        ),
        f"  POST {URL} /created",
        "  the number is too small",
        "  Expected: 1000000000 or more",
        "  Actual:   -1",
        "  Source:   OpenAI's contract (conformance explain ENV-008)",
    ]


def test_a_should_that_is_broken_too_stands_behind_it() -> None:
    with pytest.raises(
        AssertionError, match=r"(?s)1 must broken.*\nENV-008  must .*\nENV-007  should "
    ):
        assert_conformant(completion(id="x", created=-1), "openai")


def test_a_broken_should_is_a_warning_where_it_was_asserted() -> None:
    with pytest.warns(ConformanceWarning, match=r"\AENV-007  should ") as told:
        assert_conformant(completion(id="x"), "openai")
    assert [each.filename for each in told] == [__file__]


def test_what_a_model_says_is_a_warning() -> None:
    silent = completion("", usage={"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9})
    with pytest.warns(ConformanceWarning, match=r"\AMSG-005  \w+ \(model\)"):
        assert_conformant(silent, "openai")


def test_a_known_deviation_passes_in_silence() -> None:
    llama = {"profile": "openai-compatible", "server": "llama.cpp"}
    no_param = {"error": {"message": "No.", "type": "x", "code": 400}}
    with pytest.raises(AssertionError, match="ERR-"):
        assert_conformant(error(400, no_param), "openai")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_conformant(error(400, no_param, meta=llama))


def test_the_profile_is_told_from_the_url(library: Any) -> None:
    url = "https://api.openai.com/v1/chat/completions"
    with pytest.warns(ConformanceWarning, match="ENV-007"):
        assert_conformant(response_of(library, completion(id="x"), url=url))
    with pytest.raises(
        AssertionError,
        match=re.escape(
            "judged as openai-compatible (profile unknown: openai-compatible is assumed)"
        ),
    ):
        assert_conformant(response_of(library, completion(created=-1)))


def test_a_rule_that_crashes_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    from conformance.judging.judge import Judge
    from conformance.judging.verdict import RuleCrash

    monkeypatch.setattr(Judge, "findings", lambda *_: iter([RuleCrash("SEQ-010", "KeyError: 'x'")]))
    with pytest.raises(
        AssertionError, match=r"the rule SEQ-010 crashed, please report it: KeyError: 'x'"
    ):
        assert_conformant(completion())


def test_nothing_secret_is_said(library: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conformant(
            response_of(library, completion(created=f"Bearer {SECRET}"), url=f"{URL}?key={SECRET}")
        )
    assert SECRET not in str(caught.value)
    assert "REDACTED" in str(caught.value)


def test_a_response_without_a_request_is_judged_without_it(library: Any) -> None:
    told = completion(created=-1).response
    with pytest.raises(AssertionError, match=r"\n  response /created\n"):
        assert_conformant(library.Response(200, headers=dict(told.headers), content=told.body))


def test_a_request_whose_body_was_streamed_is_not_known(library: Any) -> None:
    told = completion().response
    request = library.Request("POST", URL, content=iter([b"{}"]))
    assert_conformant(
        library.Response(200, headers=dict(told.headers), content=told.body, request=request)
    )


def test_raw_responses_of_the_official_sdk() -> None:
    openai = pytest.importorskip("openai")
    library = pytest.importorskip(
        "httpx2" if int(openai.__version__.partition(".")[0]) >= 3 else "httpx"
    )
    bodies = iter([completion().response.body, completion(created=-1).response.body])
    transport = library.MockTransport(
        lambda _: library.Response(
            200, headers={"content-type": "application/json"}, content=next(bodies)
        )
    )
    with openai.OpenAI(
        api_key=SECRET,
        base_url="https://gateway.example/v1",
        http_client=library.Client(transport=transport),
    ) as client:
        call = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
        assert_conformant(client.chat.completions.with_raw_response.create(**call))
        with client.chat.completions.with_streaming_response.create(**call) as response:
            response.read()
            with pytest.raises(AssertionError, match="ENV-008"):
                assert_conformant(response)


class Raw:
    """The return value of ``with_raw_response`` of the official SDK, as far as needed."""

    def __init__(self, response: Any) -> None:
        self.http_response = response


def test_a_raw_response_of_the_sdk_is_taken(library: Any) -> None:
    assert_conformant(Raw(response_of(library, completion())))
    with pytest.raises(AssertionError, match="ENV-008"):
        assert_conformant(Raw(response_of(library, completion(created=-1))))


@pytest.mark.parametrize(
    "wrong",
    [None, {"id": "x"}, b"{}", httpx.Response, Raw(5)],
    ids=lambda wrong: getattr(wrong, "__name__", type(wrong).__name__),
)
def test_another_kind_of_argument_is_told_in_one_line(wrong: object) -> None:
    with pytest.raises(TypeError) as caught:
        assert_conformant(wrong)
    assert re.fullmatch(
        r"assert_conformant takes an Exchange, a Response of httpx or httpx2, or what"
        r" with_raw_response .*, not [\w.]+",
        str(caught.value),
    )


def test_an_unknown_profile_is_told_in_one_line() -> None:
    with pytest.raises(
        ValueError,
        match=r"\Aunknown profile 'opnai' \(did you mean openai\?\); there are azure-openai, [^\n]*\Z",
    ):
        assert_conformant(completion(), "opnai")
    with pytest.raises(
        TypeError, match=r"\Aassert_conformant takes the name of a profile, not int\Z"
    ):
        assert_conformant(completion(), 5)  # type: ignore[arg-type]


def test_an_exchange_that_names_an_unknown_profile_does_not_pass() -> None:
    exchange = completion(created=-1, meta={"profile": "opnai"})
    with pytest.raises(ValueError, match=r"\A[^\n]*unknown profile 'opnai' \(did you mean openai"):
        assert_conformant(exchange)
    outcome = lint_exchanges([exchange], "auto")
    assert not outcome.passes
    assert "\n\nnot judged: " in failure(outcome)


def test_another_call_is_told_in_one_line(library: Any) -> None:
    with pytest.raises(ValueError, match=r"\Anot a Chat Completions call: GET /v1/models\Z"):
        assert_conformant(
            response_of(library, completion(), "GET", "https://gateway.example/v1/models")
        )


def test_a_body_that_was_not_kept_is_told_in_one_line(library: Any) -> None:
    class Body(library.SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Any:
            yield b"{}"

    response = library.Response(200, stream=Body(), request=library.Request("POST", URL, json={}))
    with pytest.raises(
        ValueError,
        match=(
            r"\Athe body of this streamed response was not read: call read\(\) first, or"
            r" [^\n]*conformance_capture\Z"
        ),
    ):
        assert_conformant(response)


def test_the_package_itself_stays_light() -> None:
    script = (
        "import sys; before = set(sys.modules); import conformance; print(*sorted(set(sys.modules)"
        " - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert [name for name in done.stdout.split() if name.startswith("conformance")] == [
        "conformance"
    ]


def test_every_public_name_is_there_and_typed() -> None:
    import ast
    from pathlib import Path

    import conformance

    tree = ast.parse(Path(conformance.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    typed = {
        alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert typed == conformance._PUBLIC.keys()  # type: ignore[attr-defined]
    assert all(getattr(conformance, name).__name__ == name for name in typed)
    with pytest.raises(AttributeError, match="no attribute 'assert_conform'"):
        conformance.assert_conform  # type: ignore[attr-defined]  # noqa: B018


def test_the_profile_that_the_reference_endpoint_names_judges_its_answer() -> None:
    body = {"model": "gemini-2.5-flash", "messages": [], "stream": "yes"}
    request = Request(
        url="http://127.0.0.1:8000/v1beta/openai/chat/completions",
        headers=(("authorization", f"Bearer {TOKEN}"),),
        body=body,
    )
    answered = response_of(
        httpx, Exchange("1", request, answer(request, "gemini-api")), url=request.url
    )
    assert_conformant(answered)
    with pytest.raises(AssertionError, match="judged as openai-compatible"):
        assert_conformant(answered, "openai-compatible")


def test_an_answer_with_too_many_parts_is_told_in_one_line(library: Any) -> None:
    body = b'{"choices":[' + b"{}," * 430_000 + b"{}]}"
    request = library.Request("POST", URL, json={"model": "m"})
    why = "the answer has more objects, arrays and lines than are judged"
    with pytest.raises(ValueError, match=why):
        assert_conformant(library.Response(200, content=body, request=request))
    with pytest.raises(ValueError, match=why):
        assert_conformant(Exchange("x", Request(), Response(200, (), body)))
