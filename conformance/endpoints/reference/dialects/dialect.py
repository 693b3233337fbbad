"""The four protocols that the reference endpoint speaks: what differs between them, as data."""

from dataclasses import dataclass
from re import IGNORECASE, Pattern, compile
from typing import Literal, TypeAlias

Vendor: TypeAlias = Literal["google", "openai", "vllm"]
"""Whose errors, ids and fields an answer has."""

THINKING_MODEL = compile(r"gemini-(2\.5|[3-9])|^(o\d|gpt-5)")
_GENERATION = compile(r"gemini-(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is particular to a profile.

    ``base`` is the path of the base URL, ``example`` one that matches it, ``routes`` what there is
    below it. ``models`` tells the names that are served, ``listed`` some of them, the first of
    which is the default where ``needs_model`` is False. ``context`` is counted in tokens.
    ``refuses_unknown`` says that a field nobody knows is an error and not ignored; ``options`` are
    the known keys of ``extra_body.google``, empty where ``extra_body`` itself is unknown.
    ``thinking_in`` is the count that holds the tokens of thinking: ``details`` beside
    completion_tokens, ``total`` only, or ``completion``. ``thought_tag`` is the tag in which
    thoughts always stand. ``repeats`` says that each delta repeats role, call id and name, that
    finish_reason is absent until the end, and that usage always comes with it. ``parts`` are the
    known types of a content part; ``schemes`` are those of a URI, ``media`` the types that a data:
    URI may have as an image, and ``sounds`` the formats of a sound.
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
    repeats: bool = False

    @property
    def is_google(self) -> bool:
        """Whether Google's extensions are understood."""
        return self.vendor == "google"


_TYPE = r"[\w.+-]+/[\w.+-]+"
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
        models=compile(r"google/(gemini|gemma)-[\w.-]+"),
        listed=("google/gemini-2.5-flash", "google/gemini-3-flash-preview"),
        context=1_048_576,
        options=frozenset({"cached_content", "thinking_config"}) | _LATER_OPTIONS,
        thinking_in="details",
        repeats=True,
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
        models=compile(r"(models/)?(gemini|gemma)-[\w.-]+"),
        listed=("gemini-2.5-flash", "gemini-3-flash-preview"),
        context=1_048_576,
        refuses_unknown=True,
        options=frozenset({"cached_content", "thinking_config"}),
        thinking_in="total",
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

PROFILES = tuple(each.profile for each in _DIALECTS)
"""The profiles that can be served."""


def dialect_of(profile: str) -> Dialect:
    """The dialect of a profile. Raises LookupError for one that is not served."""
    found = next((each for each in _DIALECTS if each.profile == profile), None)
    if found is None:
        raise LookupError(
            f"the reference endpoint does not speak {profile!r}; it speaks {', '.join(PROFILES)}"
        )
    return found


def generation(model: str) -> int:
    """The generation of a Gemini by its name, 0 for another model."""
    found = _GENERATION.search(model)
    return int(found[1]) if found else 0
