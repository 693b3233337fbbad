"""Features of single fields: sampling, limits, log probabilities and streaming."""

from collections.abc import Callable

from conformance.cases.features.feature import Body, Feature, words
from conformance.cases.features.request_access import in_range, is_number
from conformance.protocol.exchange import Json
from conformance.protocol.json_access import get_path


def _is(key: str, value: Json) -> Callable[[Body], bool]:
    return lambda body: is_number(body.get(key)) and body[key] == value


def _in_range(key: str, low: float, high: float = float("inf")) -> Callable[[Body], bool]:
    return lambda body: in_range(body.get(key), low, high)


def _penalises(key: str) -> Callable[[Body], bool]:
    return lambda body: is_number(body.get(key)) and body[key] != 0


def _stops_at_several(body: Body) -> bool:
    stops = body.get("stop")
    return isinstance(stops, list) and bool(stops) and all(isinstance(stop, str) for stop in stops)


def _wants_usage(body: Body) -> bool:
    return get_path(body, "stream_options", "include_usage") is True


FEATURES = (
    Feature(
        "max-tokens",
        "sampling",
        "max_tokens",
        "2, OA-SPEC",
        _in_range("max_tokens", 2),
        factor="limit",
    ),
    Feature(
        "max-completion-tokens",
        "sampling",
        "max_completion_tokens",
        "2, V-OV, OA-SPEC",
        _in_range("max_completion_tokens", 2),
        factor="limit",
    ),
    Feature(
        "one-token", "sampling", "max_tokens 1", "2, OA-SPEC", _is("max_tokens", 1), factor="limit"
    ),
    Feature(
        "temperature-zero",
        "sampling",
        "temperature 0",
        "2, OA-SPEC",
        _is("temperature", 0),
        factor="temperature",
    ),
    Feature(
        "temperature-most",
        "sampling",
        "temperature 2",
        "2, OA-SPEC",
        _is("temperature", 2),
        words("sampling"),
        "temperature",
    ),
    Feature(
        "top-p", "sampling", "top_p", "2, OA-SPEC", _in_range("top_p", 0.01, 1), words("sampling")
    ),
    Feature(
        "seed",
        "sampling",
        "seed",
        "2, V-OV, OA-SPEC",
        lambda body: is_number(body.get("seed")),
        words("seed"),
    ),
    Feature(
        "frequency-penalty",
        "sampling",
        "frequency_penalty",
        "2, OA-SPEC",
        _penalises("frequency_penalty"),
        words("penalties"),
    ),
    Feature(
        "presence-penalty",
        "sampling",
        "presence_penalty",
        "2, OA-SPEC",
        _penalises("presence_penalty"),
        words("penalties"),
    ),
    Feature(
        "n-several", "sampling", "several choices", "2, OA-SPEC", _in_range("n", 2), words("n")
    ),
    Feature(
        "stop-string",
        "sampling",
        "stop as a string",
        "2, OA-SPEC",
        lambda body: isinstance(body.get("stop"), str),
        words("stop"),
        "stop",
    ),
    Feature(
        "stop-list",
        "sampling",
        "stop as a list",
        "2, OA-SPEC",
        _stops_at_several,
        words("stop"),
        "stop",
    ),
    Feature(
        "logprobs",
        "logprobs",
        "logprobs",
        "2, OA-SPEC",
        lambda body: body.get("logprobs") is True,
        words("logprobs"),
    ),
    Feature(
        "top-logprobs",
        "logprobs",
        "top_logprobs",
        "2, OA-SPEC",
        _in_range("top_logprobs", 1),
        words("logprobs"),
        implies=(("logprobs",),),
    ),
    Feature(
        "stream",
        "streaming",
        "streamed",
        "6.1, OA-SPEC",
        lambda body: body.get("stream") is True,
        words("stream"),
    ),
    Feature(
        "include-usage",
        "streaming",
        "include_usage",
        "6.10, OA-SPEC",
        _wants_usage,
        words("include-usage stream"),
        implies=(("stream",),),
    ),
)
"""From simple to special. Temperature 0 needs no capability: a target without sampling always
behaves this way."""
