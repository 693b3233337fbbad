"""Errors of Google, as public reports quote them: what they mean, and how to fix their causes."""

import json
from typing import Any

import pytest

from conformance.endpoints.client.diagnosis import diagnosed, is_no_route
from conformance.endpoints.client.google_errors import KNOWN_ERRORS, explained
from conformance.endpoints.client.live_target import LiveTarget
from conformance.protocol.exchange import Exchange, Json, Request, Response

GEMINI_API = "https://generativelanguage.googleapis.com/v1beta/openai"
VERTEX = "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/openapi"
DEPLOYED = (
    "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/42"
)
API = LiveTarget("t", GEMINI_API, "gemini-2.5-flash", "gemini-api", "KEY")
CLOUD = LiveTarget("t", VERTEX, "google/gemini-2.5-flash", "vertex-gemini", auth="google")
MODEL = LiveTarget("t", DEPLOYED, "gemma", "vertex-vllm", auth="google")
PUBLISHER_MODEL = "Publisher Model `projects/p/locations/us-central1/publishers/google/models/m`"
FREE_REQUESTS = "generativelanguage.googleapis.com/generate_content_free_tier_requests"


def error(
    target: LiveTarget, status: int, message: str, *details: Json, wrapped: bool = True
) -> Exchange:
    """An error of Google, in an array as it sends most of them, or as a bare object."""
    problem: dict[str, Json] = {"code": status, "message": message}
    if details:
        problem["details"] = list(details)
    body: Json = [{"error": problem}] if wrapped else {"error": problem}
    request = Request("POST", f"{target.base_url}/chat/completions", (), {"model": target.model})
    headers = (("content-type", "application/json; charset=UTF-8"),)
    return Exchange("1", request, Response(status, headers, json.dumps(body, indent=2).encode()))


def reason(name: str, **metadata: str) -> dict[str, Json]:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": name,
        "metadata": dict(metadata),
    }


def violations(*quotas: str) -> dict[str, Json]:
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaMetric": FREE_REQUESTS, "quotaId": quota} for quota in quotas],
    }


EXHAUSTED = (
    "You exceeded your current quota, please check your plan and billing details. For more"
    " information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
)
FREE_TIER = "PerProjectPerModel-FreeTier"
RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "47s"}

Quoted = tuple[LiveTarget, int, str, tuple[Any, ...], str, str]

QUOTED: dict[str, Quoted] = {
    "name without its publisher": (
        CLOUD,
        400,
        (
            "Malformed publisher model (`model`: 'gemini-3.5-flash') for the 'openapi' request"
            " endpoint ID; expected '<publisher>/<model>'."
        ),
        (),
        "the model name lacks its publisher",
        "--model google/gemini-3.5-flash",
    ),
    "retired, with its successor": (
        API,
        404,
        (
            "This model models/gemini-2.0-flash is no longer available. Please update your code to"
            " use models/gemini-3.6-flash for the latest features and improvements."
        ),
        (),
        "the model is retired",
        "choose the newer model, --model gemini-3.6-flash",
    ),
    "retired, without its successor": (
        API,
        404,
        (
            "This model models/gemini-2.5-pro is no longer available to new users. Please update"
            " your code to use a newer model for the latest features and improvements."
        ),
        (),
        "the model is retired",
        "choose a newer model, such as --model gemini-3.5-flash",
    ),
    "unknown to Vertex AI": (
        CLOUD,
        404,
        (
            f"{PUBLISHER_MODEL} was not found or your project does not have access to it. Please"
            " ensure you are using a valid model version. For more information, see:"
            " https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
        ),
        (),
        "the model is retired, not served at this location, or the project has no access to it",
        "--location: Gemini 3 models are at global, us and eu",
    ),
    "not in this region": (
        CLOUD,
        400,
        f"{PUBLISHER_MODEL} is not servable in region us-central1.",
        (),
        "the model is not served at this location",
        "--location: Gemini 3 models are at global, us and eu",
    ),
    "not enabled in Model Garden": (
        CLOUD,
        400,
        f"Project is not allowed to use {PUBLISHER_MODEL}",
        (),
        "the project may not use this model yet",
        "Model Garden",
    ),
    "unknown to the Gemini API": (
        API,
        404,
        "models/x is not found for API version v1main, or is not supported for generateContent.",
        (),
        "the Gemini API does not have this model",
        "GET /models lists the models",
    ),
    "not found": (
        API,
        404,
        "Requested entity was not found.",
        (),
        "the model, or the endpoint of a deployed model, does not exist",
        "correct --model, such as gemini-3.5-flash; for a model that you deployed correct",
    ),
    "endpoint not found": (
        MODEL,
        404,
        "Endpoint `projects/1/locations/us-central1/endpoints/42` not found.",
        (),
        "the endpoint of the deployed model does not exist",
        "gcloud ai endpoints list",
    ),
    "dedicated endpoint": (
        MODEL,
        400,
        (
            "This endpoint is a dedicated endpoint via CloudESF and cannot be accessed through the"
            " Vertex AI API. Please access the endpoint using its dedicated dns name"
            " '42.us-central1-1.prediction.vertexai.goog'"
        ),
        (),
        "the endpoint has a host of its own, 42.us-central1-1.prediction.vertexai.goog",
        "value(dedicatedEndpointDns)",
    ),
    "host of a multi-region": (
        CLOUD,
        400,
        "Invalid hostname: eu-aiplatform.googleapis.com",
        (),
        "the host name of the location eu is wrong",
        "use the host aiplatform.eu.rep.googleapis.com",
    ),
    "country": (
        API,
        400,
        "User location is not supported for the API use.",
        (),
        "Google does not offer this API in the country that the request came from",
        "use Vertex AI",
    ),
    "key as bearer token": (
        CLOUD,
        401,
        (
            "API keys are not supported by this API. Expected OAuth2 access token or other"
            " authentication credentials that assert a principal."
        ),
        (reason("CREDENTIALS_MISSING"),),
        "the credential is an API key, which is not accepted as a bearer token",
        "--auth x-goog-api-key --api-key-env VAR",
    ),
    "leaked key": (
        API,
        403,
        "Your API key was reported as leaked. Please use another API key.",
        (),
        "the API key is blocked, because it was published",
        "make a new key",
    ),
    "key of another API": (
        API,
        403,
        "Requests to this API generativelanguage.googleapis.com method google.ai.X are blocked.",
        (reason("API_KEY_SERVICE_BLOCKED"),),
        "the API key may not be used for this API",
        "allow this API for the key",
    ),
    "scope": (
        CLOUD,
        403,
        "Request had insufficient authentication scopes.",
        (reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT"),),
        "the token lacks the scope cloud-platform",
        "--scopes=https://www.googleapis.com/auth/cloud-platform",
    ),
    "API not enabled": (
        API,
        403,
        (
            "Generative Language API has not been used in project 1 before or it is disabled."
            " Enable it by visiting https://console.developers.google.com/ then retry."
        ),
        (reason("SERVICE_DISABLED", service="generativelanguage.googleapis.com"),),
        "the API is not enabled in the project",
        "gcloud services enable generativelanguage.googleapis.com",
    ),
    "API of Vertex AI not enabled": (
        CLOUD,
        403,
        "Vertex AI API has not been used in project 1 before or it is disabled.",
        (),
        "the API is not enabled in the project",
        "gcloud services enable aiplatform.googleapis.com",
    ),
    "quota project": (
        CLOUD,
        403,
        (
            "Your application is authenticating by using local Application Default Credentials."
            " The aiplatform.googleapis.com API requires a quota project, which is not set by"
            " default."
        ),
        (reason("SERVICE_DISABLED"),),
        "the login has no quota project",
        "gcloud auth application-default set-quota-project PROJECT",
    ),
    "billing": (
        CLOUD,
        403,
        "This API method requires billing to be enabled. Please enable billing on project #1.",
        (reason("BILLING_DISABLED"),),
        "billing is off in the project",
        "link a billing account",
    ),
    "permission": (
        CLOUD,
        403,
        (
            "Permission 'aiplatform.endpoints.predict' denied on resource"
            " '//aiplatform.googleapis.com/projects/p/locations/us-central1/endpoints/openapi' (or"
            " it may not exist)."
        ),
        (reason("IAM_PERMISSION_DENIED", permission="aiplatform.endpoints.predict"),),
        "the account lacks the permission aiplatform.endpoints.predict, or the project or the",
        "roles/aiplatform.user",
    ),
    "project": (
        CLOUD,
        403,
        "Permission denied on resource project nobody-1.",
        (reason("CONSUMER_INVALID"),),
        "the project does not exist, is suspended, or the account may not use it",
        "correct --project",
    ),
    "policy": (
        CLOUD,
        400,
        "Organization Policy constraint constraints/vertexai.allowedModels violated.",
        (),
        "a policy of the organization forbids this model",
        "ask its administrator",
    ),
    "key of another address": (
        API,
        403,
        "The provided API key has an IP address restriction.",
        (reason("API_KEY_IP_ADDRESS_BLOCKED"),),
        "the API key may not be used from here",
        "change the restrictions of the key",
    ),
    "no credential": (
        API,
        403,
        (
            "Method doesn't allow unregistered callers (callers without established identity)."
            " Please use API Key or other form of API consumer identity to call this API."
        ),
        (),
        "no credential arrived",
        "--api-key-env",
    ),
    "project of the quota": (
        CLOUD,
        403,
        "Caller does not have required permission to use project p.",
        (reason("USER_PROJECT_DENIED"),),
        "the account may not use the quota project",
        "roles/serviceusage.serviceUsageConsumer",
    ),
    "spending cap": (
        API,
        429,
        (
            "Your project has exceeded its monthly spending cap. Please go to AI Studio at"
            " https://ai.studio/spend to manage your project spend cap."
        ),
        (),
        "the spending cap of the project is reached",
        "https://ai.studio/spend",
    ),
    "prepaid credits": (
        API,
        429,
        "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/.",
        (),
        "the prepaid credits of the project are spent",
        "buy credits",
    ),
    "per day": (
        API,
        429,
        f"{EXHAUSTED} Please retry in 47.1s.",
        (violations(f"GenerateRequestsPerDay{FREE_TIER}"), RETRY),
        "the daily quota of gemini-2.5-flash is spent",
        "continue tomorrow with --resume",
    ),
    "per day, in words": (
        CLOUD,
        429,
        (
            "Quota exceeded for quota metric 'Gemini 2.5 Pro Requests' and limit 'Gemini 2.5 Pro"
            " Requests per day per user per tier' of service 'cloudcode-pa.googleapis.com'."
        ),
        (),
        "the daily quota of google/gemini-2.5-flash is spent",
        "continue tomorrow with --resume",
    ),
    "no free tier": (
        API,
        429,
        f"{EXHAUSTED}\n* Quota exceeded for metric: {FREE_REQUESTS}, limit: 0, model: m",
        (
            violations(
                f"GenerateRequestsPerDay{FREE_TIER}", f"GenerateRequestsPerMinute{FREE_TIER}"
            ),
            RETRY,
        ),
        "the free tier does not include gemini-2.5-flash",
        "turn on billing",
    ),
    "per minute": (
        API,
        429,
        f"{EXHAUSTED}\n* Quota exceeded for metric: {FREE_REQUESTS}, limit: 10",
        (violations(f"GenerateRequestsPerMinute{FREE_TIER}"), RETRY),
        "the quota per minute is used up",
        "--rate 0.15, and continue with --resume",
    ),
    "capacity": (
        CLOUD,
        429,
        "Resource exhausted. Please try again later.",
        (),
        "the capacity or the quota of the model is used up for now",
        "--location global",
    ),
    "overloaded": (
        API,
        503,
        "The model is overloaded. Please try again later.",
        (),
        "the model is overloaded",
        "try again later",
    ),
}


@pytest.mark.parametrize("wrapped", [True, False], ids=["array", "object"])
@pytest.mark.parametrize("name", QUOTED)
def test_an_error_of_google_is_explained_with_its_fix(name: str, wrapped: bool) -> None:
    target, status, message, details, meaning, fix = QUOTED[name]
    exchange = error(target, status, message, *details, wrapped=wrapped)
    found = explained(exchange, target.model)
    assert found is not None
    assert found.meaning.startswith(meaning)
    assert fix in found.fix
    check = diagnosed(exchange, target)
    assert check.said.startswith(f"{found.meaning} (status {status}): {message.split()[0]}")
    assert "{" not in f"{found}"
    assert not {"--resume", "--rate"} & {*check.fix.replace(",", " ").split()}
    assert not is_no_route(exchange)


def test_each_entry_of_the_table_explains_a_quoted_error() -> None:
    reached = set()
    for _, status, message, details, _, _ in QUOTED.values():
        text = json.dumps([message, *details])
        fitting = (each for each in KNOWN_ERRORS if not each.statuses or status in each.statuses)
        reached.add(next(each for each in fitting if each.pattern.search(text)).pattern)
    assert [each.meaning for each in KNOWN_ERRORS if each.pattern not in reached] == []


def test_only_quotas_that_come_back_tomorrow_or_for_money_end_a_run() -> None:
    ends = {
        name
        for name, (target, status, message, details, _, _) in QUOTED.items()
        if (found := explained(error(target, status, message, *details))) and found.ends_run
    }
    assert ends == {
        "spending cap",
        "prepaid credits",
        "per day",
        "per day, in words",
        "no free tier",
    }


def test_the_fix_of_a_bearer_key_names_the_variable_of_the_target() -> None:
    target, status, message, details, _, _ = QUOTED["key as bearer token"]
    keyed = LiveTarget("t", VERTEX, "google/m", "vertex-gemini", "MY_KEY", auth="google")
    fix = diagnosed(error(target, status, message, *details), keyed).fix
    assert "--auth x-goog-api-key --api-key-env MY_KEY;" in fix


def test_a_retired_model_of_vertex_is_replaced_by_one_with_its_publisher() -> None:
    message = QUOTED["retired, with its successor"][2]
    assert "--model google/gemini-3.6-flash" in diagnosed(error(CLOUD, 404, message), CLOUD).fix


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "Request contains an invalid argument."),
        (400, "Invalid value of n: should be between 1 and 8, got 10"),
        (404, "The model `m` does not exist."),
        (404, "Not Found"),
        (429, "Rate limit reached for requests"),
        (429, "You exceeded your current quota, please check your plan and billing details."),
        (401, "Incorrect API key provided."),
        (403, "Forbidden"),
        (500, "Internal error encountered."),
        (200, "The daily quota is no longer available."),
    ],
)
def test_other_errors_are_not_explained(status: int, message: str) -> None:
    assert explained(error(API, status, message)) is None


def test_an_error_that_a_gateway_put_into_a_string_or_a_page_is_explained() -> None:
    message = QUOTED["retired, with its successor"][2]
    inner = json.dumps({"error": {"message": message}})
    assert explained(error(API, 500, f"litellm.NotFoundError: {inner}"))
    page = Response(404, (("content-type", "text/html"),), f"<p>{message}</p>".encode())
    assert explained(Exchange("1", Request(), page))
    deep = Response(404, (), b"[" * 5000 + b'"is no longer available"' + b"]" * 5000)
    assert explained(Exchange("1", Request(), deep))


@pytest.mark.parametrize(
    "message",
    [
        "API key not valid. Please pass a valid API key.",
        "Please pass a valid API key",
        "API key expired. Please renew the API key.",
        "API Key not found. Please pass a valid API key.",
    ],
)
def test_a_wrong_key_of_the_gemini_api_is_recognised_under_status_400(message: str) -> None:
    check = diagnosed(error(API, 400, message), API)
    assert check.said.startswith("the credential is rejected (status 400)") or (
        "expired" in message and check.said.startswith("the credential has expired (status 400)")
    )
    assert check.fix == "set KEY to a valid key of this endpoint"
