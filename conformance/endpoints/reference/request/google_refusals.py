"""What Google refuses because the model cannot do it, although other models can.

Each row of the table belongs to a capability of the profile: a request that uses it is refused if
the model lacks it. The messages are Google's, from public reports.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect, generation
from conformance.endpoints.reference.dialects.refusal import Refused, unknown_field
from conformance.endpoints.reference.request.history import Turn
from conformance.judging.profiles import profile

CACHE = "self-test"
"""The only cache that exists: the last part of the name in ``cached_content``."""


@dataclass(frozen=True, slots=True)
class _Use:
    """What a request uses: its fields, its turns, and its ``extra_body.google``."""

    fields: Mapping[str, Any]
    turns: Sequence[Turn]
    options: Mapping[str, Any]


def check_support(
    fields: Mapping[str, Any],
    turns: Sequence[Turn],
    options: Mapping[str, Any],
    model: str,
    dialect: Dialect,
) -> None:
    """Raise Refused if a checked request to Google uses what the model lacks."""
    if not dialect.is_google:
        return
    use = _Use(fields, turns, options)
    if dialect.profile == "gemini-api":
        for name in _NOT_OF_THE_GEMINI_API:
            if fields.get(name):
                raise unknown_field(name, dialect)
    if "cached_content" in options and not options["cached_content"].endswith(f"/{CACHE}"):
        raise _no_cache(options["cached_content"], dialect)
    served = profile(dialect.profile)
    lacking = served.capabilities - served.capabilities_of(model)
    for capability, message in _REFUSALS:
        refused = capability in lacking and message(use)
        if refused and not (capability == "n" and ignores_n(model, dialect)):
            raise Refused(refused, bare=True)


def ignores_n(model: str, dialect: Dialect) -> bool:
    """Return whether the model gives one choice, whatever ``n`` is: those from Gemini 3.6 on."""
    return dialect.is_google and generation(model) >= 3.6


_NOT_OF_THE_GEMINI_API = ("frequency_penalty", "logprobs", "top_logprobs")
"""Fields of OpenAI that the Gemini API does not know."""


def _no_cache(name: str, dialect: Dialect) -> Refused:
    if dialect.profile == "vertex-gemini":
        number = name.rpartition("/")[2][:60]
        return Refused(f"Not found: cached content metadata for {number}.", status=404)
    return Refused("CachedContent not found (or permission denied)", status=403)


def _penalties(use: _Use) -> str:
    asked = use.fields.get("frequency_penalty") or use.fields.get("presence_penalty")
    return "Penalty is not enabled for this model" if asked else ""


def _several(use: _Use) -> str:
    several = use.fields.get("n", 1) > 1
    return "Multiple candidates is not enabled for this model" if several else ""


def _image_output(use: _Use) -> str:
    asked = "image" in use.fields.get("modalities", ())
    return "Multi-modal output is not supported." if asked else ""


def _gif(use: _Use) -> str:
    sources = [medium.source[:300].lower() for turn in use.turns for medium in turn.media]
    gif = any(
        source.startswith("data:image/gif") or source.partition("?")[0].endswith(".gif")
        for source in sources
    )
    return "Unsupported MIME type: image/gif" if gif else ""


def _integer_enum(use: _Use) -> str:
    functions = [tool.get("function") or {} for tool in use.fields.get("tools", ())]
    for number, function in enumerate(functions):
        for path, value in _enum_values(function.get("parameters"), "parameters"):
            if isinstance(value, int | float) and not isinstance(value, bool):
                place = f"tools[0].function_declarations[{number}].{path}"
                return f"Invalid value at '{place}' (TYPE_STRING), {value}"
    return ""


def _enum_values(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each value of an ``enum`` in a schema, with its path."""
    if isinstance(schema, list):
        for item in schema:
            yield from _enum_values(item, path)
    if not isinstance(schema, dict):
        return
    values = schema.get("enum")
    if isinstance(values, list):
        yield from ((f"{path}.enum[{place}]", value) for place, value in enumerate(values))
    for key in ("items", "anyOf"):
        yield from _enum_values(schema.get(key), f"{path}.{key}")
    properties = schema.get("properties")
    for place, part in enumerate(properties.values() if isinstance(properties, dict) else ()):
        yield from _enum_values(part, f"{path}.properties[{place}].value")


def _json_with_tools(use: _Use) -> str:
    kind = (use.fields.get("response_format") or {}).get("type", "text")
    both = use.fields.get("tools") and kind in ("json_object", "json_schema")
    return (
        "Function calling with a response mime type: 'application/json' is unsupported"
        if both
        else ""
    )


def _level(use: _Use) -> str:
    asked = "thinking_level" in use.options.get("thinking_config", {})
    return "Thinking level is not supported for this model." if asked else ""


def _prefill(use: _Use) -> str:
    ends = use.turns[-1].role == "assistant" and not use.turns[-1].calls
    return (
        "Please ensure that multiturn requests end with a user role or a function response."
        if ends
        else ""
    )


_REFUSALS: tuple[tuple[str, Callable[[_Use], str]], ...] = (
    ("penalties", _penalties),
    ("n", _several),
    ("image-output", _image_output),
    ("image-gif", _gif),
    ("integer-enum", _integer_enum),
    ("json-with-tools", _json_with_tools),
    ("thinking-level", _level),
    ("prefill", _prefill),
)
"""The capabilities, each with the message to a request that uses it, "" if it does not."""
