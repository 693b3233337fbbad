"""What the error messages of Google's services mean, and how to fix their causes, as a table."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from conformance.protocol.chat.facts import fold
from conformance.protocol.exchange import Exchange, Json

_LONGEST = 20_000
"""The most characters of an error that are searched."""


@dataclass(frozen=True, slots=True)
class KnownError:
    """An error message of Google.

    ``pattern`` is searched in the message, the status and the details of an error. ``meaning`` and
    ``fix`` are texts in which ``{NAME}`` stands for the group of this name. ``{model}`` stands for
    the model, ``{service}`` for the API that the error names, and ``{publisher}`` for the
    publisher that the API wants before a name of Google's, such as "google/". ``ends_run`` is True
    if each further request would get the same answer until tomorrow or until somebody pays.
    ``statuses`` restricts the entry, () for any error status. ``single_fix`` is the fix for a
    command that only sends a request and has no run to resume, "" if it is ``fix``.
    """

    pattern: re.Pattern[str]
    meaning: str
    fix: str
    ends_run: bool = False
    statuses: tuple[int, ...] = ()
    single_fix: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error means, and how to fix its cause, each in one line; see ``KnownError``."""

    meaning: str
    fix: str
    single_fix: str
    ends_run: bool = False

    def __str__(self) -> str:
        return f"{self.meaning} - fix: {self.fix}"


def _error(
    pattern: str,
    meaning: str,
    fix: str,
    *,
    ends_run: bool = False,
    statuses: tuple[int, ...] = (),
    single_fix: str = "",
) -> KnownError:
    compiled = re.compile(pattern, re.IGNORECASE | re.S)
    return KnownError(compiled, meaning, fix, ends_run, statuses, single_fix)


_SERVICE = re.compile(r"\b(?:aiplatform|generativelanguage)\.googleapis\.com")
_QUOTA = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.FORBIDDEN)
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_PLACES = "choose another --location: Gemini 3 models are at global, us and eu"

KNOWN_ERRORS = (
    # The name of the model.
    _error(
        r"malformed publisher model",
        "the model name lacks its publisher",
        "write it as PUBLISHER/NAME, such as --model google/gemini-3.5-flash",
    ),
    _error(
        r"no longer available.{0,120}?\buse (?:models/)?(?P<successor>[a-z][\w.-]*\d[\w.-]*\w)",
        "the model is retired",
        "choose the newer model, --model {publisher}{successor}",
    ),
    _error(
        r"no longer available|(?:model|version)\b.{0,80}\b(?:is|has been|was)"
        r" (?:retired|discontinued|shut ?down|turned off)",
        "the model is retired",
        "choose a newer model, such as --model {publisher}gemini-3.5-flash",
    ),
    _error(
        r"publisher model.{0,200}not servable in region",
        "the model is not served at this location",
        _PLACES,
    ),
    _error(
        r"not allowed to use publisher model",
        "the project may not use this model yet",
        "enable the model for the project in Model Garden, or choose another --model",
    ),
    _error(
        r"allowed(?:Gen)?(?:AI)?Models|disallowed gen ai model",
        "a policy of the organization forbids this model",
        "ask its administrator to allow the model, or choose another --model",
    ),
    _error(
        r"publisher model.{0,200}(?:was not found|not found|does not have access)",
        "the model is retired, not served at this location, or the project has no access to it",
        f"correct --model, such as google/gemini-3.5-flash, or {_PLACES}",
    ),
    _error(
        r"is not found for API version|not supported for (?:generateContent|chat)",
        "the Gemini API does not have this model",
        "correct --model, such as gemini-3.5-flash; GET /models lists the models",
    ),
    # The place.
    _error(
        r"invalid hostname: (?P<region>us|eu)-aiplatform",
        "the host name of the location {region} is wrong",
        "use the host aiplatform.{region}.rep.googleapis.com, or give --project and --location"
        " {region} instead of --base-url",
    ),
    _error(
        r"dedicated endpoint.{0,200}dedicated dns name '?(?P<dns>[\w.<> -]{1,253}\.vertexai\.goog)",
        "the endpoint has a host of its own, {dns}",
        "read it with `gcloud ai endpoints describe ENDPOINT --project P --region R --format"
        " 'value(dedicatedEndpointDns)'` and give --base-url"
        " https://THAT/v1/projects/P/locations/R/endpoints/ENDPOINT",
    ),
    _error(
        r"user location is not supported|not available in your (?:country|region)",
        "Google does not offer this API in the country that the request came from",
        "send the request from a country that has it, or use Vertex AI",
        statuses=(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
    ),
    _error(
        r"requested entity was not found",
        "the model, or the endpoint of a deployed model, does not exist",
        "correct --model, such as {publisher}gemini-3.5-flash; for a model that you deployed"
        " correct --endpoint, --project and --location",
    ),
    _error(
        r"\bendpoint\b.{0,100}/endpoints/[\w-]+.{0,20}\bnot found",
        "the endpoint of the deployed model does not exist",
        "correct --endpoint, --project and --location; `gcloud ai endpoints list --region R` lists"
        " the endpoints",
        statuses=(HTTPStatus.NOT_FOUND,),
    ),
    # The credential.
    _error(
        r"API keys are not supported by this API",
        "the credential is an API key, which is not accepted as a bearer token",
        "send the key with --auth x-goog-api-key --api-key-env VAR; if that is refused too, use a"
        " token: leave out the key and run `gcloud auth application-default login`",
    ),
    _error(
        r"reported as leaked",
        "the API key is blocked, because it was published",
        "make a new key",
    ),
    _error(
        r"API_KEY_SERVICE_BLOCKED|requests to this API\b.{0,200}\bare blocked",
        "the API key may not be used for this API",
        "allow this API for the key in the Google Cloud console, or use another key",
    ),
    _error(
        r"API_KEY_\w{1,80}_BLOCKED",
        "the API key may not be used from here",
        "change the restrictions of the key in the Google Cloud console, or use another key",
    ),
    _error(
        r"ACCESS_TOKEN_SCOPE_INSUFFICIENT|insufficient authentication scopes",
        "the token lacks the scope cloud-platform",
        f"run `gcloud auth application-default login --scopes={_SCOPE}`",
    ),
    _error(
        r"unregistered callers",
        "no credential arrived",
        "name the variable that holds the key with --api-key-env VAR",
    ),
    # The project.
    _error(
        r"requires a quota project",
        "the login has no quota project",
        "run `gcloud auth application-default set-quota-project PROJECT`",
    ),
    _error(
        r"SERVICE_DISABLED|has not been used in project",
        "the API is not enabled in the project",
        "run `gcloud services enable {service} --project PROJECT` and wait a few minutes",
    ),
    _error(
        r"BILLING_DISABLED|requires billing|enable billing|billing (?:\w+ ){0,7}"
        r"(?:disabled|not enabled|not active|not open)",
        "billing is off in the project",
        "link a billing account to the project in the Google Cloud console and wait a few minutes",
        statuses=(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN),
    ),
    _error(
        r"spend(?:ing)? cap",
        "the spending cap of the project is reached",
        "raise the cap in AI Studio (https://ai.studio/spend), then continue with --resume",
        single_fix="raise the cap in AI Studio (https://ai.studio/spend), then try again",
        ends_run=True,
    ),
    _error(
        r"prepa(?:yment|id) (?:credits|balance)",
        "the prepaid credits of the project are spent",
        "buy credits in AI Studio, then continue with --resume",
        single_fix="buy credits in AI Studio, then try again",
        ends_run=True,
    ),
    _error(
        r"USER_PROJECT_DENIED|serviceusage\.services\.use",
        "the account may not use the quota project",
        "give it the role roles/serviceusage.serviceUsageConsumer in that project",
    ),
    _error(
        r"IAM_PERMISSION_DENIED|permission '?aiplatform\.|aiplatform\.endpoints\.predict",
        "the account lacks the permission aiplatform.endpoints.predict, or the project or the"
        " endpoint does not exist",
        "give the account the role roles/aiplatform.user in the project, and check --project,"
        " --location and --endpoint",
    ),
    _error(
        r"CONSUMER_INVALID|CONSUMER_SUSPENDED|permission denied on resource project"
        r"|project has been denied access",
        "the project does not exist, is suspended, or the account may not use it",
        "correct --project, or use an account of that project",
    ),
    # Pace.
    _error(
        r"free_tier\w{0,80}, limit: 0\b",
        "the free tier does not include {model}",
        "choose another --model, or turn on billing for the project",
        ends_run=True,
        statuses=_QUOTA,
    ),
    _error(
        r"PerDay|per_day|dailyLimitExceeded|daily (?:limit|quota)"
        r"|(?:quota|limit).{0,200}\bper[ -]day\b",
        "the daily quota of {model} is spent",
        "continue tomorrow with --resume, or turn on billing for a higher quota",
        single_fix="try again tomorrow, or turn on billing for a higher quota",
        ends_run=True,
        statuses=_QUOTA,
    ),
    _error(
        r"PerMinute|per[ _]minute|retry in [\d.]+ ?s",
        "the quota per minute is used up",
        "send fewer requests per second, such as --rate 0.15, and continue with --resume",
        single_fix="try again in a minute",
        statuses=_QUOTA,
    ),
    _error(
        r"RESOURCE_EXHAUSTED|resource (?:has been )?exhausted",
        "the capacity or the quota of the model is used up for now",
        "try again later, send fewer requests with --rate, or choose --location global",
        single_fix="try again later, or choose --location global",
        statuses=_QUOTA,
    ),
    _error(
        r"model is (?:currently )?overloaded|currently experiencing high demand",
        "the model is overloaded",
        "try again later, or choose another --model",
    ),
)
"""The messages, the first that matches wins. They are quoted in public bug reports and in the
documentation; many occur with several statuses."""


def explained(exchange: Exchange, model: str = "the model") -> Explanation | None:
    """Return what an error of Google means and its fix, None for any other answer.

    Google wraps errors in an array as well as in an object; a gateway may put them into a string.

    Args:
        exchange: The exchange; only a status of 400 or above is an error.
        model: How the explanation calls the model.
    """
    status = exchange.response.status
    if status < HTTPStatus.BAD_REQUEST:
        return None
    text = _text(exchange)
    for known in KNOWN_ERRORS:
        if known.statuses and status not in known.statuses:
            continue
        if match := known.pattern.search(text):
            service = _SERVICE.search(text)
            words = {
                "model": model,
                "service": service[0] if service else "aiplatform.googleapis.com",
                "publisher": "google/" if _wants_publisher(exchange) else "",
                **match.groupdict(),
            }
            return Explanation(
                known.meaning.format_map(words),
                known.fix.format_map(words),
                (known.single_fix or known.fix).format_map(words),
                known.ends_run,
            )
    return None


def _wants_publisher(exchange: Exchange) -> bool:
    """Return whether a request went to Vertex AI's own models, or names a publisher."""
    body = exchange.request.body
    model = body.get("model") if isinstance(body, dict) else None
    return "/endpoints/openapi/" in exchange.request.url or (
        isinstance(model, str) and model.startswith("google/")
    )


def _text(exchange: Exchange) -> str:
    """Return the strings of a JSON error one below the other, or the text of any other error."""
    body = fold(exchange).body
    if body is None:
        return (exchange.response.body or b"")[:_LONGEST].decode("utf-8", "replace")
    return "\n".join(_strings(body))[:_LONGEST]


def _strings(value: Json, depth: int = 0) -> Iterator[str]:
    """Yield all strings of a JSON value, in order, up to a depth of 12."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict) and depth < 12:
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item, depth + 1)
