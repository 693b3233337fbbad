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
    if profile == "gemini-api":
        assert response.status == 400
    else:
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


@pytest.mark.parametrize(
    ("token", "reason", "words"),
    [
        (None, "CREDENTIALS_MISSING", "missing required authentication credential"),
        ("wrong", "ACCESS_TOKEN_TYPE_UNSUPPORTED", "invalid authentication credentials"),
    ],
)
def test_vertex_answers_a_wrong_token_with_an_object(
    token: str | None, reason: str, words: str, exchange: Send
) -> None:
    response = exchange({"messages": HELLO}, "vertex-gemini", token=token).response
    body = orjson.loads(response.body or b"")
    assert response.status == body["error"]["code"] == 401
    assert body["error"]["status"] == "UNAUTHENTICATED"
    assert words in body["error"]["message"]
    assert body["error"]["details"][0]["reason"] == reason


@pytest.mark.parametrize(
    ("token", "message", "reasons"),
    [
        (None, "Missing or invalid Authorization header.", []),
        ("wrong", "API key not valid. Please pass a valid API key.", ["API_KEY_INVALID", None]),
    ],
)
def test_the_gemini_api_answers_a_wrong_key_with_400(
    token: str | None, message: str, reasons: list[str | None], exchange: Send
) -> None:
    response = exchange({"messages": HELLO}, "gemini-api", token=token).response
    (body,) = orjson.loads(response.body or b"")
    assert response.status == body["error"]["code"] == 400
    assert (body["error"]["message"], body["error"]["status"]) == (message, "INVALID_ARGUMENT")
    details = body["error"].get("details", [])
    assert [detail.get("reason") for detail in details] == reasons


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
    name = "google/no-such-model" if profile == "vertex-gemini" else "no-such-model"
    facts = ask(profile, model=name)
    assert facts.status == 404
    assert "no-such-model" in error_object(facts)[0]["message"]


@pytest.mark.parametrize(
    ("profile", "model", "status", "words"),
    [
        ("vertex-gemini", "gemini-3.5-flash", 400, "Malformed publisher model (`model`: 'gemini"),
        ("vertex-gemini", "google/gemini-1.5-pro", 404, "/models/gemini-1.5-pro` was not found or"),
        ("gemini-api", "gemini-9-flash", 404, "models/gemini-9-flash is not found for API version"),
        ("gemini-api", "gemini-2.0-flash", 404, "models/gemini-2.0-flash is no longer available"),
    ],
)
def test_google_says_in_its_own_words_that_there_is_no_such_model(
    profile: str, model: str, status: int, words: str, ask: Ask
) -> None:
    facts = ask(profile, model=model)
    assert facts.status == status
    assert words in error_object(facts)[0]["message"]


@pytest.mark.parametrize(
    "model", ["gemini-3.5-flash", "gemini-3.1-flash-lite", "gemini-3.8-flash", "gemini-2.5-pro"]
)
def test_each_model_of_google_is_served(model: str, ask: Ask) -> None:
    assert ask("gemini-api", model=model).status == 200
    assert ask("gemini-api", model=f"models/{model}").status == 200
    assert ask("vertex-gemini", model=f"google/{model}").status == 200


def test_vertex_answers_an_unknown_route_with_a_page(exchange: Send) -> None:
    response = exchange(None, "vertex-gemini", path="/models", method="GET").response
    assert response.status == 404
    assert dict(response.headers)["content-type"].startswith("text/html")
    assert (response.body or b"").startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("profile", "model", "found"),
    [
        ("openai", "gpt-4o", "gpt-4o"),
        ("gemini-api", "gemini-3.5-flash", "models/gemini-3.5-flash"),
        ("gemini-api", "models/gemini-3.5-flash", "models/gemini-3.5-flash"),
        ("vertex-vllm", "gemma-2-9b-it", "gemma-2-9b-it"),
        ("openai", "no-such-model", None),
        ("gemini-api", "no-such-model", None),
        ("vertex-vllm", "no-such-model", None),
    ],
)
def test_a_model_can_be_looked_up(
    profile: str, model: str, found: str | None, exchange: Send
) -> None:
    response = exchange(None, profile, path=f"/models/{model}", method="GET").response
    body = orjson.loads(response.body or b"")
    if found is None:
        assert response.status == 404
        assert "no-such-model" in error(response)["message"]
    else:
        assert (response.status, body["id"], body["object"]) == (200, found, "model")


def test_the_newest_fields_of_openai_are_known(ask: Ask) -> None:
    moderation = {"model": "omni-moderation-latest", "policy": {"input": {"mode": "score"}}}
    facts = ask("openai", moderation=moderation, prompt_cache_options={"mode": "explicit"})
    assert facts.status == 200


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


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("tier", "named"), [("flex", "flex"), ("priority", "priority"), ("default", None), (None, None)]
)
def test_the_gemini_api_names_the_tier_that_served_in_a_header(
    tier: str | None, named: str | None, stream: bool, ask: Ask
) -> None:
    response = ask("gemini-api", service_tier=tier, stream=stream).exchange.response
    assert dict(response.headers).get("x-gemini-service-tier") == named


@pytest.mark.parametrize(
    ("tier", "traffic"),
    [("priority", "ON_DEMAND_PRIORITY"), ("flex", "ON_DEMAND_FLEX"), ("unknown", "ON_DEMAND")],
)
def test_vertex_names_the_tier_that_served_in_the_usage(tier: str, traffic: str) -> None:
    headers = (
        ("authorization", f"Bearer {TOKEN}"),
        ("x-vertex-ai-llm-shared-request-type", tier),
    )
    dialect = dialect_of("vertex-gemini")
    body = {"model": dialect.listed[0], "messages": HELLO}
    request = Request(url=f"{dialect.example}/chat/completions", headers=headers, body=body)
    usage = orjson.loads(answer(request, "vertex-gemini").body or b"")["usage"]
    assert usage["extra_properties"] == {"google": {"traffic_type": traffic}}
