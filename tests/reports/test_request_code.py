"""The generated code is run; the request that arrives must be that of the case."""

import inspect
import json
import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

import httpx
import httpx2
import openai
import orjson
import pytest

from conformance.cases import DOCUMENTED, Case, read_cases
from conformance.endpoints.client.live_target import WRONG_KEY, LiveTarget
from conformance.endpoints.reference import answer
from conformance.protocol.exchange import Exchange, Json, Request
from conformance.reports.repeatable_request import (
    RepeatableRequest,
    key_variable_in,
    request_at,
    request_of_case,
    request_of_recording,
)
from conformance.reports.request_code import CREATE_FIELDS, curl, httpx_code, openai_code
from tests.helpers.loopback import reference

KEY = "key-of-a-test"
MODEL = "google/gemini-2.5-flash"
PATH = "/v1/projects/self-test/locations/global/endpoints/openapi"
URL = f"http://self.test{PATH}"
TARGET = LiveTarget("self.test", URL, MODEL, "vertex-gemini")
AZURE = LiveTarget("azure", URL, MODEL, "azure-openai", key_variable="KEY_OF_AZURE", auth="api-key")
CASES = {case.id: case for case in read_cases(DOCUMENTED)}
CREDENTIALS = {
    "right": f"Bearer {KEY}",
    "wrong": f"Bearer {WRONG_KEY}",
    "basic": f"Basic {KEY}",
    "none": None,
}

NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

NASTY = (
    'it\'s "quoted" $(id) `id` $API_KEY \\ \\n %s !! #\nJSON\n\tÄ 👋🏽 \u200d\u202e\u2028\x00\x7f'
    " {model} '''"
)
NASTY_CASE = Case(
    "nasty",
    "what needs quotes",
    "made",
    frozenset(),
    "/chat/completions",
    {"model": "{model}", "messages": [], "user": NASTY, NASTY: NASTY},
)
NASTY_TEXT = replace(NASTY_CASE, id="nasty-text", body=f"@{NASTY}".replace("\x00", ""))


class Arrived(NamedTuple):
    """A request that arrived."""

    url: str
    authorization: str | None
    content_type: str | None
    body: Json


Run: TypeAlias = Callable[[str], Arrived]


def read(content: bytes) -> Json:
    try:
        return orjson.loads(content)
    except ValueError:
        return content.decode()


def wanted(case: Case, base_url: str = URL) -> Arrived:
    return Arrived(
        base_url + case.path, CREDENTIALS[case.auth], "application/json", case.request_for(MODEL)
    )


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run(code)`` executes Python code and returns the request that arrives.

    The reference endpoint answers instead of a network.
    """
    arrived: list[Arrived] = []

    def answered(library: Any) -> Callable[[Any, Any], Any]:
        def handle(_: Any, request: Any) -> Any:
            body = read(request.read())
            headers = request.headers
            arrived.append(
                Arrived(
                    str(request.url),
                    headers.get("authorization"),
                    headers.get("content-type"),
                    body,
                )
            )
            response = answer(
                Request(request.method, str(request.url), tuple(headers.items()), body),
                "vertex-gemini",
                KEY,
            )
            return library.Response(
                response.status, headers=response.headers, content=response.body, request=request
            )

        return handle

    def execute(code: str) -> Arrived:
        try:
            exec(compile(code, "pasted", "exec"), {})
        except openai.APIStatusError as refusal:
            assert refusal.status_code in (400, 401, 404)
        (came,) = arrived
        arrived.clear()
        assert KEY not in code
        return came

    for library in (httpx, httpx2):
        monkeypatch.setattr(library.HTTPTransport, "handle_request", answered(library))
    monkeypatch.setattr(
        ssl, "create_default_context", lambda **_: NO_CERTIFICATES
    )  # to read those of the world takes longer than all the rest
    monkeypatch.setenv("API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return execute


each_case = pytest.mark.parametrize(
    "case", [*CASES.values(), NASTY_CASE, NASTY_TEXT], ids=lambda case: case.id
)


@each_case
def test_the_code_for_httpx_sends_the_case(case: Case, run: Run) -> None:
    assert run(httpx_code(request_of_case(case, TARGET))) == wanted(case)


@each_case
def test_the_code_for_the_sdk_sends_the_case(case: Case, run: Run) -> None:
    if (
        isinstance(case.body, str)
        and "content" not in inspect.signature(openai.OpenAI.post).parameters
    ):
        pytest.skip("this release of the SDK cannot send a body that is text")
    assert run(openai_code(request_of_case(case, TARGET))) == wanted(case)


@pytest.mark.parametrize(
    ("make", "name", "printed"),
    [
        (httpx_code, "chat-plain", "200 {"),
        (httpx_code, "stream-plain", "data: [DONE]"),
        (openai_code, "chat-plain", "ChatCompletion("),
        (openai_code, "stream-plain", "ChatCompletionChunk("),
    ],
)
def test_the_code_prints_what_came(
    run: Run, capsys: pytest.CaptureFixture[str], make: Callable[..., str], name: str, printed: str
) -> None:
    run(make(request_of_case(CASES[name], TARGET)))
    assert printed in capsys.readouterr().out


def test_the_sdk_has_an_argument_for_each_field_that_is_named() -> None:
    assert (
        set(inspect.signature(openai.OpenAI(api_key="unused").chat.completions.create).parameters)
        >= CREATE_FIELDS
    )


def test_what_the_sdk_has_no_argument_for_is_an_extra_body() -> None:
    code = openai_code(request_of_case(CASES["thinking-config-stream"], TARGET))
    assert "extra_body={'extra_body': {'google': {'thinking_config':" in code


TYPICAL = [
    "auth-basic",
    "auth-none",
    "auth-wrong",
    "chat-page",
    "chat-unicode-emoji",
    "chat-unicode-rtl",
    "chat-unicode-separators",
    "error-json-array",
    "error-not-json",
    "error-unknown-route",
    "image-data",
    "json-schema-nullable",
    "story-page-no-model",
    "thinking-config-stream",
    "tools-result-json",
]


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="it runs curl in bash"
)
def test_the_commands_for_curl_send_their_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    arrived: list[Arrived] = []

    def seen(exchange: Exchange) -> Exchange:
        asked = exchange.request
        headers = dict(asked.headers)
        arrived.append(
            Arrived(
                asked.url, headers.get("authorization"), headers.get("content-type"), asked.body
            )
        )
        return exchange

    chosen = [*(CASES[name] for name in TYPICAL), NASTY_CASE, NASTY_TEXT]
    with reference("vertex-gemini", KEY, seen) as host:
        url = f"http://{host}{PATH}"
        commands = "".join(
            curl(request_of_case(case, replace(TARGET, base_url=url))) + "echo\n" for case in chosen
        )
        assert KEY not in commands
        monkeypatch.setenv("API_KEY", KEY)
        monkeypatch.setenv("NO_PROXY", "*")
        done = subprocess.run(
            ["bash", "-eu"],
            input=commands,
            capture_output=True,
            encoding="utf-8",
            check=True,
            timeout=60,
        )
    assert arrived == [wanted(case, url) for case in chosen]
    assert done.stderr == ""
    assert "data: [DONE]" in done.stdout


@pytest.mark.parametrize("make", [curl, httpx_code, openai_code])
def test_the_variable_is_that_of_the_target(make: Callable[[RepeatableRequest], str]) -> None:
    code = make(request_of_case(CASES["chat-plain"], replace(TARGET, key_variable="MY_KEY")))
    assert "MY_KEY" in code
    assert "API_KEY" not in code


SENT_TO_AZURE = {
    "chat-plain": ("api-key", KEY),
    "auth-wrong": ("api-key", WRONG_KEY),
    "auth-basic": ("authorization", f"Basic {KEY}"),
    "auth-none": None,
}


@pytest.mark.parametrize("make", [httpx_code, openai_code])
@pytest.mark.parametrize("name", SENT_TO_AZURE)
def test_azure_takes_its_key_in_a_header_of_its_own(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[RepeatableRequest], str], name: str
) -> None:
    sent: list[dict[str, str]] = []

    def answered(library: Any) -> Callable[[Any, Any], Any]:
        def handle(_: Any, request: Any) -> Any:
            sent.append(dict(request.headers))
            return library.Response(200, json={"choices": []}, request=request)

        return handle

    for library in (httpx, httpx2):
        monkeypatch.setattr(library.HTTPTransport, "handle_request", answered(library))
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: NO_CERTIFICATES)
    monkeypatch.setenv("KEY_OF_AZURE", KEY)
    exec(compile(make(request_of_case(CASES[name], AZURE)), "pasted", "exec"), {})
    wanted_header = SENT_TO_AZURE[name]
    assert {
        key: value for key, value in sent[0].items() if key in ("api-key", "authorization")
    } == dict([wanted_header] if wanted_header else [])


def test_a_command_for_azure_has_that_header_too() -> None:
    headers = {
        name: [
            line
            for line in curl(request_of_case(CASES[name], AZURE)).splitlines()
            if line.startswith('  -H "')
        ]
        for name in SENT_TO_AZURE
    }
    assert headers == {
        "chat-plain": ['  -H "api-key: $KEY_OF_AZURE" \\'],
        "auth-wrong": [f'  -H "api-key: {WRONG_KEY}" \\'],
        "auth-basic": ['  -H "Authorization: Basic $KEY_OF_AZURE" \\'],
        "auth-none": [],
    }


def test_a_key_of_google_goes_into_its_header_too() -> None:
    asked = request_of_case(CASES["chat-plain"], replace(AZURE, auth="x-goog-api-key"))
    assert '  -H "x-goog-api-key: $KEY_OF_AZURE" \\' in curl(asked)
    assert "'x-goog-api-key': os.environ['KEY_OF_AZURE']" in httpx_code(asked)
    assert "'x-goog-api-key': os.environ['KEY_OF_AZURE']" in openai_code(asked)


def test_a_command_of_a_body_as_long_as_no_argument_may_be_is_no_argument() -> None:
    body = {"model": "{model}", "messages": [{"role": "user", "content": "long " * 100_000}]}
    command = curl(request_of_case(replace(NASTY_CASE, body=body), TARGET))
    head, _, rest = command.partition("<<'JSON'\n")
    assert len(head) < 1000
    assert json.loads(rest.removesuffix("JSON\n")) == {**body, "model": MODEL}


ELSEWHERE = "https://me.openai.azure.com/openai/deployments/d"


@pytest.mark.parametrize("make", [httpx_code, openai_code])
def test_a_recorded_request_goes_to_its_whole_url(make: Callable[..., str], run: Run) -> None:
    url = f"{ELSEWHERE}/chat/completions?api-version=2024-10-21"
    asked = request_at("POST", url, {"model": "m", "messages": []})
    assert run(make(asked)).url == url
    assert url in curl(asked)


@pytest.mark.parametrize("make", [httpx_code, openai_code])
def test_a_request_to_another_path_keeps_it(make: Callable[..., str], run: Run) -> None:
    asked = request_at("POST", f"{URL}/completions", {"model": "m", "prompt": "Hello"})
    assert run(make(asked)).url == f"{URL}/completions"


def test_the_headers_of_a_recording_say_how_the_key_is_sent() -> None:
    made = [
        request_of_recording(Request("POST", URL, (header,), {}))
        for header in (
            ("authorization", "Bearer REDACTED"),
            ("authorization", "Basic REDACTED"),
            ("api-key", "REDACTED"),
        )
    ]
    assert [(each.auth, each.key_header) for each in made if each] == [
        ("right", ""),
        ("basic", ""),
        ("right", "api-key"),
    ]
    assert request_of_recording(Request("POST", URL)) is None


@pytest.mark.parametrize(
    "url", ["https://[", "", "a\x1b b\n::error::x", "http://h/##[error]x\ud800"]
)
def test_a_malformed_url_still_gives_code(url: str) -> None:
    asked = request_at("no method", url, {})
    for make in (curl, httpx_code, openai_code):
        assert all(line.isprintable() for line in make(asked).splitlines())
        assert "##[" not in make(asked)


@pytest.mark.parametrize(
    ("command", "variable"),
    [
        ("conformance run URL --api-key-env MY_KEY --core", "MY_KEY"),
        ("conformance run --api-key-env=MY_KEY", "MY_KEY"),
        ("conformance run URL", "API_KEY"),
        ("conformance run --api-key-env 'a b'", "API_KEY"),
    ],
)
def test_the_command_names_the_variable_of_the_key(command: str, variable: str) -> None:
    assert key_variable_in(command) == variable


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("-oX/chat/completions", "-X POST --url -oX/chat/completions"),
        ("http://a/{b,c}/chat/completions", "-X POST -g 'http://a/{b,c}/chat/completions'"),
        ("http://a/v1/chat/completions", "-X POST http://a/v1/chat/completions"),
    ],
)
def test_curl_takes_a_url_neither_for_options_nor_for_a_pattern(url: str, arguments: str) -> None:
    base, _, _ = url.rpartition("/chat/completions")
    first = curl(RepeatableRequest("POST", base, "/chat/completions", {})).splitlines()[0]
    assert first.removesuffix(" \\").endswith(arguments)
