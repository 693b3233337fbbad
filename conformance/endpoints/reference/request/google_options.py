"""Read Google's options in ``extra_body.google``, and the thinking that a request asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.endpoints.reference.dialects.dialect import THINKING_MODEL, Dialect, generation
from conformance.endpoints.reference.dialects.refusal import Refused, unknown_field

_PATH = "extra_body.google"
_TYPES = {
    "safety_settings": list,
    "cached_content": str,
    "thinking_config": dict,
    "thought_tag_marker": str,
    "stream_function_call_arguments": bool,
    "tools": list,
    "media_resolution": str,
}
_CONFIG = {"include_thoughts": bool, "thinking_budget": int, "thinking_level": str}
_CAMEL = {
    "safetySettings": "safety_settings",
    "cachedContent": "cached_content",
    "thinkingConfig": "thinking_config",
    "thoughtTagMarker": "thought_tag_marker",
    "streamFunctionCallArguments": "stream_function_call_arguments",
    "mediaResolution": "media_resolution",
    "includeThoughts": "include_thoughts",
    "thinkingBudget": "thinking_budget",
    "thinkingLevel": "thinking_level",
}
_BUDGETS = {
    "none": 0,
    "minimal": 1024,
    "low": 1024,
    "medium": 8192,
    "high": 24576,
    "xhigh": 24576,
    "max": 24576,
}
LEAST_THINKING = 128
"""The tokens to think at most by a model whose thinking is switched off, although it cannot be."""

_LEVELS = ("minimal", "low", "medium", "high")
_NAMES = {
    list: "an array",
    str: "a string",
    dict: "an object",
    bool: "a boolean",
    int: "an integer",
}


@dataclass(frozen=True, slots=True)
class Thinking:
    """How to think: at most ``budget`` tokens (0 for none), and whether the thoughts are shown.

    ``tag`` is the tag around shown thoughts, "" for none; ``tag_is_named`` is True if the request
    names it.
    """

    budget: int
    shown: bool
    tag: str
    tag_is_named: bool = False


def options_of(body: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Return the ``extra_body.google`` of a request, its keys in snake case.

    Raises:
        Refused: A value is malformed, or a key is unknown and the dialect rejects unknown keys.
    """
    extra = body.get("extra_body") if dialect.options else None
    given = {_CAMEL.get(key, key): value for key, value in (extra or {}).get("google", {}).items()}
    for key in given.keys() - dialect.options:
        if dialect.refuses_unknown:
            raise unknown_field(key, dialect, _PATH)
    options = {
        key: value for key, value in given.items() if key in dialect.options and value is not None
    }
    _check_types(options, _TYPES, _PATH)
    _check_contents(options)
    if "thinking_config" in options:
        options["thinking_config"] = _config(options["thinking_config"], body)
    return options


def _check_types(values: Mapping[str, Any], types: Mapping[str, type], path: str) -> None:
    for key, value in values.items():
        expected = types[key]
        if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            raise Refused(
                f"Invalid value at '{path}.{key}': expected {_NAMES[expected]}.",
                param=f"{path}.{key}",
            )


def _check_contents(options: Mapping[str, Any]) -> None:
    for number, setting in enumerate(options.get("safety_settings", ())):
        if not (
            isinstance(setting, dict)
            and all(isinstance(setting.get(key), str) for key in ("category", "threshold"))
        ):
            path = f"{_PATH}.safety_settings[{number}]"
            raise Refused(
                f"Invalid value at '{path}': expected an object with category and threshold.",
                param=path,
            )
    if "cachedContents/" not in options.get("cached_content", "cachedContents/"):
        path = f"{_PATH}.cached_content"
        raise Refused(
            f"Invalid value at '{path}': expected the name of a cache, which contains"
            " cachedContents/.",
            param=path,
        )
    if "thought_tag_marker" in options and not options["thought_tag_marker"].isidentifier():
        path = f"{_PATH}.thought_tag_marker"
        raise Refused(f"Invalid value at '{path}': expected the name of a tag.", param=path)


def _config(given: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    path = f"{_PATH}.thinking_config"
    config = {
        _CAMEL.get(key, key): value
        for key, value in given.items()
        if _CAMEL.get(key, key) in _CONFIG and value is not None
    }
    _check_types(config, _CONFIG, path)
    if "reasoning_effort" in body:
        raise Refused(
            "Only one of reasoning_effort and thinking_config may be given, as both say how much to"
            " think.",
            param=path,
        )
    if "thinking_budget" in config and "thinking_level" in config:
        raise Refused("Only one of thinking_budget and thinking_level may be given.", param=path)
    if config.get("thinking_budget", 0) < -1:
        raise Refused(
            f"Invalid value at '{path}.thinking_budget': expected -1 or more.",
            param=f"{path}.thinking_budget",
        )
    if config.get("thinking_level", "low").lower() not in _LEVELS:
        raise Refused(
            f"Invalid value at '{path}.thinking_level': expected one of {', '.join(_LEVELS)}.",
            param=f"{path}.thinking_level",
        )
    return config


def thinking_of(
    body: Mapping[str, Any], options: Mapping[str, Any], model: str, dialect: Dialect
) -> Thinking:
    """Return the thinking of a checked request.

    Thinking models think without being asked to, and those of Gemini 3 and 2.5 Pro at any rate.
    """
    config = options.get("thinking_config", {})
    thinks = bool(THINKING_MODEL.search(model)) or bool(config)
    budget = _BUDGETS["medium"] if thinks else 0
    if effort := body.get("reasoning_effort"):
        budget = _BUDGETS[effort]
    elif "thinking_level" in config:
        budget = _BUDGETS[config["thinking_level"].lower()]
    elif config.get("thinking_budget", -1) >= 0:
        budget = config["thinking_budget"]
    if not budget and thinks and _always_thinks(model):
        budget = LEAST_THINKING
    shown = config.get("include_thoughts", False) or (dialect.vendor == "vllm" and bool(effort))
    named = options.get("thought_tag_marker", "")
    return Thinking(
        budget,
        shown and budget > 0,
        dialect.thought_tag or named,
        not dialect.thought_tag and named,
    )


def _always_thinks(model: str) -> bool:
    return generation(model) >= 3 or "gemini-2.5-pro" in model
