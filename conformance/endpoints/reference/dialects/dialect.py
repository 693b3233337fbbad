"""The four dialects of the reference endpoint: what differs between them, as data."""

from dataclasses import dataclass
from re import IGNORECASE, Pattern, compile
from typing import Literal, TypeAlias

Vendor: TypeAlias = Literal["google", "openai", "vllm"]
"""The vendor whose errors, ids and extra fields an answer has."""

THINKING_MODEL = compile(r"gemini-(2\.5|[3-9])|^(o\d|gpt-5)")
_GENERATION = compile(r"gemini-(\d{1,2}(\.\d)?)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the server of one profile reads requests and writes answers.

    Attributes:
        profile: The name of the profile.
        vendor: The vendor whose errors, ids and extra fields an answer has.
        base: Matches the path of the base URL.
        example: A path that ``base`` matches.
        models: Matches the names of the models that are served.
        retired: Matches the names of models that were served once.
        listed: The models that GET /models lists; the first is the default model.
        thinking_in: Where the thinking tokens are counted: in ``completion_tokens`` ("completion"),
            in a count of their own beside it ("details"), or only in ``total_tokens`` ("total").
        context: The largest prompt, in tokens.
        parts: The accepted types of a content part.
        schemes: The accepted schemes of a URI.
        media: Matches the accepted media types of an image in a data: URI.
        sounds: Matches the accepted formats of a sound.
        routes: The routes below the base URL.
        needs_model: Whether a request must name a model.
        refuses_unknown: Whether an unknown field is an error; otherwise it is ignored.
        options: The accepted keys of ``extra_body.google``, empty if ``extra_body`` is unknown.
        thought_tag: The tag that always surrounds thoughts, "" for none.
        streamed_usage: Where a stream has its usage: in a chunk of its own if the request asks for
            it ("own chunk"), in the last chunk with choices if it does ("last if asked"), or always
            there ("last").
    """

    profile: str
    vendor: Vendor
    base: Pattern[str]
    example: str
    models: Pattern[str]
    listed: tuple[str, ...]
    thinking_in: Literal["details", "total", "completion"]
    context: int
    parts: frozenset[str]
    schemes: frozenset[str]
    media: Pattern[str]
    sounds: Pattern[str]
    routes: tuple[str, ...] = ("/chat/completions", "/models")
    needs_model: bool = True
    refuses_unknown: bool = False
    options: frozenset[str] = frozenset()
    thought_tag: str = ""
    streamed_usage: Literal["own chunk", "last", "last if asked"] = "own chunk"
    retired: Pattern[str] = compile(r"(?!)")

    @property
    def is_google(self) -> bool:
        """Whether Google's extensions are supported."""
        return self.vendor == "google"


_TYPE = r"[\w.+-]+/[\w.+-]+"
_GEMINI = r"gemini-(2\.5|3|3\.[15678])-(pro|flash)(-lite|-image|-preview|-\d+)*"
_RETIRED = r"gemini-(1\.\d|2\.0)-[\w.-]+"
_PARTNERS = r"(xai|meta|mistralai|deepseek-ai|qwen|zai-org|moonshotai|minimaxai|openai)"
_PARTS = frozenset({"text", "refusal", "image_url", "input_audio"})
_WEB = frozenset({"data", "https", "http"})
_LATER_OPTIONS = frozenset(
    {
        "safety_settings",
        "thought_tag_marker",
        "stream_function_call_arguments",
        "tools",
        "media_resolution",
    }
)

_DIALECTS = (
    Dialect(
        profile="vertex-gemini",
        vendor="google",
        base=compile(r"/v1(beta1)?/projects/[^/]+/locations/[^/]+/endpoints/openapi"),
        example="/v1/projects/self-test/locations/global/endpoints/openapi",
        routes=("/chat/completions",),
        models=compile(rf"google/({_GEMINI}|gemma-[\w.-]+)|{_PARTNERS}/[\w.-]+"),
        retired=compile(rf"google/{_RETIRED}"),
        listed=(
            "google/gemini-3.5-flash",
            "google/gemini-2.5-flash",
            "google/gemini-3-pro-image-preview",
        ),
        context=1_048_576,
        options=frozenset({"cached_content", "thinking_config"}) | _LATER_OPTIONS,
        thinking_in="details",
        streamed_usage="last",
        parts=_PARTS,
        schemes=_WEB | {"gs"},
        media=compile(_TYPE),
        sounds=compile(rf"[a-z0-9]+|{_TYPE}"),
    ),
    Dialect(
        profile="gemini-api",
        vendor="google",
        base=compile(r"/v1(beta)?/openai"),
        example="/v1beta/openai",
        models=compile(rf"(models/)?({_GEMINI}|gemma-[\w.-]+)"),
        retired=compile(rf"(models/)?{_RETIRED}"),
        listed=("gemini-3.5-flash", "gemini-2.5-flash"),
        context=1_048_576,
        refuses_unknown=True,
        options=frozenset({"cached_content", "thinking_config"}),
        thinking_in="total",
        streamed_usage="last if asked",
        thought_tag="thought",
        parts=_PARTS,
        schemes=_WEB,
        media=compile(_TYPE),
        sounds=compile(rf"[a-z0-9]+|{_TYPE}"),
    ),
    Dialect(
        profile="vertex-vllm",
        vendor="vllm",
        base=compile(r"/v1(beta1)?/projects/[^/]+/locations/[^/]+/endpoints/[^/]+"),
        example="/v1/projects/self-test/locations/us-central1/endpoints/1234567890",
        models=compile(
            r"([\w.-]+/)?(gemma|llama|mi[sx]tral|qwen|phi|deepseek|gpt-oss)[\w.-]*", IGNORECASE
        ),
        listed=("gemma-2-9b-it",),
        needs_model=False,
        context=131_072,
        thinking_in="completion",
        parts=_PARTS | {"video_url"},
        schemes=_WEB,
        media=compile(r"image/[\w.+-]+"),
        sounds=compile(r"wav|mp3|flac|ogg|m4a|webm"),
    ),
    Dialect(
        profile="openai",
        vendor="openai",
        base=compile(r"/v1"),
        example="/v1",
        models=compile(r"(gpt|o\d|chatgpt|ft:gpt)-[\w.:-]+|o\d"),
        listed=("gpt-4o", "gpt-5"),
        context=128_000,
        refuses_unknown=True,
        thinking_in="completion",
        parts=_PARTS | {"file"},
        schemes=_WEB,
        media=compile(r"image/(png|jpe?g|gif|webp)"),
        sounds=compile(r"wav|mp3"),
    ),
)

PROFILES = tuple(dialect.profile for dialect in _DIALECTS)
"""The profiles that can be served."""


def dialect_of(profile: str) -> Dialect:
    """Return the dialect of a profile. Raises LookupError if it is not served."""
    served = next((dialect for dialect in _DIALECTS if dialect.profile == profile), None)
    if served is None:
        raise LookupError(
            f"the reference endpoint does not serve profile {profile!r}; it serves"
            f" {', '.join(PROFILES)}"
        )
    return served


def is_partners(model: str) -> bool:
    """Return whether a model on Vertex AI is of another publisher than Google."""
    publisher, slash, _ = model.partition("/")
    return bool(slash) and publisher not in ("google", "models")


def generation(model: str) -> float:
    """Return the generation in the name of a Gemini model, such as 2.5; 0 for any other model."""
    match = _GENERATION.search(model)
    return float(match[1]) if match else 0
