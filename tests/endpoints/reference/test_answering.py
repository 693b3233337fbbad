"""Routes, credentials, unknown fields, models and the dialects of errors; the same request has the
same answer."""

from collections.abc import Callable

import orjson
import pytest

from conformance.endpoints.reference import PROFILES, SERVER, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.profiles import PROFILE_HEADER
from conformance.judging.rules.errors import error_object
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Exchange, Json, Request, Response

Ask = Callable[..., Facts]
Send = Callable[..., Exchange]
HELLO = [{"role": "user", "content": "Say hello."}]


def error(response: Response) -> Json:
    body = orjson.loads(response.body or b"")
    return body[0]["error"] if isinstance(body, list) else body["error"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("stream", [False, True])
def test_the_same_request_has_the_same_answer(profile: str, stream: bool, exchange: Send) -> None:
    body = {"model": dialect_of(profile).listed[0], "messages": HELLO, "stream": stream}
    first, again = (
        exchange(body, profile).response,
        exchange(dict(reversed(body.items())), profile).response,
    )
    assert first == again
    assert first.status == 200
    assert dict(first.headers)["server"] == SERVER


def test_another_request_has_another_answer_and_id(ask: Ask) -> None:
    one, other = ask("openai", "Say hello."), ask("openai", "Say goodbye.")
    assert one.choices[0].text != other.choices[0].text
    assert one.body["id"] != other.body["id"]


def test_a_seed_changes_the_text_and_a_user_does_not(ask: Ask) -> None:
    plain, named, seeded = ask(), ask(user="tester"), ask(seed=7)
    assert plain.choices[0].text == named.choices[0].text != seeded.choices[0].text
    assert seeded.choices[0].text == ask(seed=7).choices[0].text


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "authorization", [None, "Bearer wrong", f"Basic {TOKEN}", "Bearer", "", f"bearer  {TOKEN}x"]
)
def test_no_other_credential_is_let_in(profile: str, authorization: str | None) -> None:
    headers = () if authorization is None else (("authorization", authorization),)
    response = answer(
        Request(
            url=dialect_of(profile).example + "/chat/completions",
            headers=headers,
            body={"messages": HELLO},
        ),
        profile,
    )
    assert response.status == 401
    assert dict(response.headers)["www-authenticate"] == "Bearer"


def test_the_token_can_be_another_one() -> None:
    request = Request(
        url="/v1/chat/completions",
        headers=(("authorization", "Bearer 123"),),
        body={"model": "gpt-4o", "messages": HELLO},
    )
    assert answer(request, "openai", "123").status == 200
    assert answer(request, "openai", "1234").status == 401


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("openai", {"type": "invalid_request_error", "param": None, "code": "invalid_api_key"}),
        ("vertex-vllm", {"type": "AuthenticationError", "param": None, "code": 401}),
    ],
)
def test_a_wrong_credential_in_the_dialects_of_an_object(
    profile: str, expected: Json, exchange: Send
) -> None:
    response = exchange({"messages": HELLO}, profile, token="wrong").response
    assert orjson.loads(response.body or b"") == {
        "error": {"message": "The credential of the request is not valid.", **expected}
    }


@pytest.mark.parametrize("profile", ["vertex-gemini", "gemini-api"])
def test_a_wrong_credential_in_googles_dialect(profile: str, exchange: Send) -> None:
    (body,) = orjson.loads(
        exchange({"messages": HELLO}, profile, token="wrong").response.body or b""
    )
    assert body["error"].items() >= {"code": 401, "status": "UNAUTHENTICATED"}.items()
    assert body["error"]["details"][0]["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"


@pytest.mark.parametrize(
    ("profile", "status"),
    [("vertex-gemini", 200), ("vertex-vllm", 200), ("gemini-api", 400), ("openai", 400)],
)
@pytest.mark.parametrize("name", ["no_such_field", "google"])
def test_an_unknown_field_is_ignored_or_refused_as_the_profile_says(
    profile: str, status: int, name: str, ask: Ask
) -> None:
    facts = ask(profile, **{name: {"thinking_config": {}}})
    assert facts.status == status
    assert name in error_object(facts)[0].get("message", name)


def test_the_gemini_api_names_an_unknown_field_as_google_does(ask: Ask) -> None:
    violation = {
        "description": 'Invalid JSON payload received. Unknown name "reasoning": Cannot find field.'
    }
    details = [
        {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
    ]
    assert error_object(ask("gemini-api", reasoning={}))[0]["details"] == details
    nested = error_object(ask("gemini-api", extra_body={"google": {"no_such_key": 1}}))[0][
        "details"
    ][0]["fieldViolations"][0]
    assert nested["field"] == "extra_body.google.no_such_key"


@pytest.mark.parametrize("profile", PROFILES)
def test_an_unknown_field_in_a_message_is_ignored(profile: str, ask: Ask) -> None:
    assert (
        ask(profile, messages=[{"role": "user", "content": "Hi", "no_such_field": 1}]).status == 200
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_an_unknown_model_is_not_found(profile: str, ask: Ask) -> None:
    facts = ask(profile, model="no-such-model")
    assert facts.status == 404
    assert "no-such-model" in error_object(facts)[0]["message"]


def test_only_vllm_has_a_model_of_its_own(exchange: Send) -> None:
    assert [exchange({"messages": HELLO}, profile).response.status for profile in PROFILES] == [
        400,
        400,
        200,
        400,
    ]


@pytest.mark.parametrize(
    ("profile", "path", "method", "status"),
    [
        ("openai", "/models", "GET", 200),
        ("gemini-api", "/models", "GET", 200),
        ("vertex-vllm", "/models", "GET", 200),
        ("vertex-gemini", "/models", "GET", 404),
        ("openai", "/models", "POST", 405),
        ("vertex-gemini", "/chat/completions", "GET", 405),
        ("openai", "/completions", "POST", 404),
        ("vertex-vllm", "/more/chat/completions", "POST", 404),
        ("openai", "/chat/completions/", "POST", 404),
        ("openai", "/chat/completions?key=1", "POST", 200),
    ],
)
def test_the_routes(profile: str, path: str, method: str, status: int, exchange: Send) -> None:
    body = {"model": dialect_of(profile).listed[0], "messages": HELLO} if method == "POST" else None
    assert exchange(body, profile, path=path, method=method).response.status == status


def test_a_route_that_does_not_exist_is_hidden_from_strangers(exchange: Send) -> None:
    assert exchange(None, "openai", path="/models", method="GET", token=None).response.status == 401


@pytest.mark.parametrize(
    ("base", "profile"),
    [
        (
            "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/p/locations/us-central1/endpoints/openapi",
            "vertex-gemini",
        ),
        (
            "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi",
            "vertex-gemini",
        ),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini-api"),
        (
            "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/77",
            "vertex-vllm",
        ),
        ("https://api.openai.com/v1", "openai"),
    ],
)
def test_the_documented_urls_are_served(base: str, profile: str) -> None:
    body = {"model": dialect_of(profile).listed[0], "messages": HELLO}
    assert (
        answer(
            Request(
                url=f"{base}/chat/completions",
                headers=(("authorization", f"Bearer {TOKEN}"),),
                body=body,
            ),
            profile,
        ).status
        == 200
    )


def test_a_profile_that_is_not_served_is_a_lookup_error() -> None:
    with pytest.raises(
        LookupError, match="does not serve profile 'azure-openai'; it serves vertex"
    ):
        answer(Request(), "azure-openai")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": 3}, "temperature"),
        ({"n": 0}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"messages": [{"role": "oracle", "content": "Hi"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"tool_choice": "perhaps"}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"response_format": {"type": "poem"}}, "response_format.type"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(
    profile: str, fields: Json, param: str, ask: Ask
) -> None:
    facts = ask(profile, **fields)
    assert facts.status == 400
    error, _ = error_object(facts)
    assert f"'{param}'" in error["message"]
    named = (
        error["param"] if "param" in error else error["details"][0]["fieldViolations"][0]["field"]
    )
    assert named == param


def test_an_error_repeats_nothing_of_the_request(ask: Ask) -> None:
    facts = ask(
        "openai",
        reasoning_effort="sk-very-secret",
        messages=[{"role": "sk-very-secret", "content": "x"}],
    )
    assert facts.status == 400
    assert b"secret" not in (facts.exchange.response.body or b"")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_prompt_longer_than_the_context_is_refused(profile: str, ask: Ask) -> None:
    facts = ask(profile, "word " * dialect_of(profile).context)
    assert facts.status == 400
    assert "maximum context length" in error_object(facts)[0]["message"]


@pytest.mark.parametrize(
    "body", ['{"model": ', "", [], None, 7, {"messages": "\ud800"}, {"messages": 2**70}]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_no_json_object_is_refused(profile: str, body: Json, exchange: Send) -> None:
    assert exchange(body, profile).response.status == 400


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("body", "token", "is_answered"),
    [
        ({"messages": HELLO}, TOKEN, True),
        ({"messages": HELLO, "stream": True}, TOKEN, True),
        ({"messages": HELLO, "stream": "yes"}, TOKEN, False),
        ({"messages": HELLO}, "wrong", False),
    ],
)
def test_each_answer_names_its_profile(
    profile: str, body: dict[str, Json], token: str, is_answered: bool, exchange: Send
) -> None:
    asked = {"model": dialect_of(profile).listed[0], **body}
    response = exchange(asked, profile, token=token).response
    assert (response.status == 200) is is_answered
    assert dict(response.headers)[PROFILE_HEADER] == profile
