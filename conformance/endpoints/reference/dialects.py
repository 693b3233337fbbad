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

    ``base`` is the path of the base URL, ``example`` one that matches it. ``models`` tells the names that are served, ``listed`` some of them, the first
    of which is the default where ``needs_model`` is False. ``refuses_unknown`` says that a field nobody knows is an error and not ignored. ``options``
    are the known keys of ``extra_body.google``, empty where ``extra_body`` itself is unknown. ``thinking_in`` is the count that holds the tokens of
    thinking: ``details`` beside completion_tokens, ``total`` only, or ``completion``. ``thought_tag`` is the tag in which thoughts always stand.
    ``repeats`` says that each delta repeats role, call id and name, that finish_reason is absent until the end, and that usage always comes with it.
    ``parts`` are the known types of a content part; ``schemes`` are those of a URI, ``media`` the types that a data: URI may have as an image, and
    ``sounds`` the formats of a sound. ``context`` is counted in tokens.
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

_DIALECTS = (
    Dialect(
        "vertex-gemini",
        "google",
        compile(r"/v1(beta1)?/projects/[^/]+/locations/[^/]+/endpoints/openapi"),
        "/v1/projects/self-test/locations/global/endpoints/openapi",
        compile(r"google/(gemini|gemma)-[\w.-]+"),
        ("google/gemini-2.5-flash", "google/gemini-3-flash-preview"),
        "details",
        1_048_576,
        _PARTS,
        _WEB | {"gs"},
        compile(_TYPE),
        compile(rf"[a-z0-9]+|{_TYPE}"),
        options=frozenset(
            {
                "safety_settings",
                "cached_content",
                "thinking_config",
                "thought_tag_marker",
                "stream_function_call_arguments",
                "tools",
                "media_resolution",
            }
        ),
        repeats=True,
    ),
    Dialect(
        "gemini-api",
        "google",
        compile(r"/v1(beta)?/openai"),
        "/v1beta/openai",
        compile(r"(models/)?(gemini|gemma)-[\w.-]+"),
        ("gemini-2.5-flash", "gemini-3-flash-preview"),
        "total",
        1_048_576,
        _PARTS,
        _WEB,
        compile(_TYPE),
        compile(rf"[a-z0-9]+|{_TYPE}"),
        refuses_unknown=True,
        options=frozenset({"cached_content", "thinking_config"}),
        thought_tag="thought",
    ),
    Dialect(
        "vertex-vllm",
        "vllm",
        compile(r"/v1(beta1)?/projects/[^/]+/locations/[^/]+/endpoints/[^/]+"),
        "/v1/projects/self-test/locations/us-central1/endpoints/1234567890",
        compile(r"([\w.-]+/)?(gemma|llama|mi[sx]tral|qwen|phi|deepseek|gpt-oss)[\w.-]*", IGNORECASE),
        ("gemma-2-9b-it",),
        "completion",
        131_072,
        _PARTS | {"video_url"},
        _WEB,
        compile(r"image/[\w.+-]+"),
        compile(r"wav|mp3|flac|ogg|m4a|webm"),
        needs_model=False,
    ),
    Dialect(
        "openai",
        "openai",
        compile(r"/v1"),
        "/v1",
        compile(r"(gpt|o\d|chatgpt|ft:gpt)-[\w.:-]+|o\d"),
        ("gpt-4o", "gpt-5"),
        "completion",
        128_000,
        _PARTS | {"file"},
        _WEB,
        compile(r"image/(png|jpe?g|gif|webp)"),
        compile(r"wav|mp3"),
        refuses_unknown=True,
    ),
)

PROFILES = tuple(each.profile for each in _DIALECTS)
"""The profiles that can be served."""


def dialect_of(profile: str) -> Dialect:
    """The dialect of a profile. Raises LookupError for one that is not served."""
    found = next((each for each in _DIALECTS if each.profile == profile), None)
    if found is None:
        raise LookupError(f"the reference endpoint does not speak {profile!r}; it speaks {', '.join(PROFILES)}")
    return found


def generation(model: str) -> int:
    """The generation of a Gemini by its name, 0 for another model."""
    found = _GENERATION.search(model)
    return int(found[1]) if found else 0
