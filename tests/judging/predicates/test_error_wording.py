"""Error messages of real servers and what they mean."""

import pytest

from conformance.judging.predicates.error_wording import (
    gives_no_reason,
    refused_as_unknown,
    tells_of_outage,
    without_echo,
    without_links,
)
from tests.helpers.hang_guard import hang_guard

CALLED_UNKNOWN = [
    ("logprobs", 'Invalid JSON payload received. Unknown name "logprobs": Cannot find field.'),
    (
        "frequency_penalty",
        (
            'Invalid JSON payload received. Unknown name "frequency_penalty" at'
            " 'generation_config': Cannot find field."
        ),
    ),
    (
        "seed",
        (
            "[{'type': 'extra_forbidden', 'loc': ('body', 'seed'), 'msg': 'Extra inputs are not"
            " permitted', 'input': 1}]"
        ),
    ),
    ("seed", "[{'type': 'extra_forbidden', 'loc': ['body', 'seed'], 'input': 1}]"),
    (
        "n",
        (
            "body -> seed\n  Extra inputs are not permitted (type=extra_forbidden)\nbody -> n\n "
            " Extra inputs are not permitted (type=extra_forbidden)"
        ),
    ),
    (
        "seed",
        (
            "1 validation error for ChatCompletionRequest\nseed\n  Extra inputs are not permitted"
            " [type=extra_forbidden, input_value=1]"
        ),
    ),
    ("seed", "seed: Extra inputs are not permitted"),
    ("seed", "Extra inputs are not permitted, field: 'seed', value: 1"),
    ("logprobs", "Unrecognized request argument supplied: logprobs"),
    ("top_logprobs", "Unrecognized request arguments supplied: logprobs, top_logprobs"),
    ("logprobs", "Unknown parameter: 'logprobs'."),
    ("seed", 'json: unknown field "seed"'),
    ("seed", "unknown field `seed`, expected one of `model`, `stop`"),
    ("seed", "Additional properties are not allowed ('seed' was unexpected)"),
    ("user", "Additional properties are not allowed ('seed', 'user' were unexpected)"),
    ("seed", "create() got an unexpected keyword argument 'seed'"),
    ("seed", "'seed' is an unknown parameter"),
    ("seed", "Parameter seed is not recognized"),
]

NOT_CALLED_UNKNOWN = [
    (
        "tools",
        (
            'Invalid JSON payload received. Unknown name "$schema" at'
            " 'tools[0].function_declarations[0].parameters': Cannot find field."
        ),
    ),
    (
        "metadata",
        (
            "Invalid JSON payload received. Unknown name \"metadata\" at 'messages[0]': Cannot find"
            " field."
        ),
    ),
    ("stop", "unknown field `seed`, expected one of `model`, `stop`"),
    (
        "user",
        (
            "[{'type': 'extra_forbidden', 'loc': ('body', 'messages', 0, 'user', 'name'), 'msg':"
            " 'Extra inputs are not permitted', 'input': None}]"
        ),
    ),
    ("tools", "Unknown parameter: 'tools[0].function.strict'."),
    ("user", "Unknown parameter: 'messages[0].user'."),
    ("user", "Unknown field 'colour' in the user message"),
    ("n", "Unknown parameter: 'colour'. n must be 1"),
    (
        "max_tokens",
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
            " 'max_completion_tokens' instead."
        ),
    ),
    ("stream", "Unknown error in stream"),
    ("stop", "Unexpected stop of the worker"),
    ("user", "The user is unknown"),
]


@pytest.mark.parametrize(("parameter", "message"), CALLED_UNKNOWN)
def test_a_parameter_is_called_unknown(parameter: str, message: str) -> None:
    assert refused_as_unknown(parameter, message)


@pytest.mark.parametrize(("parameter", "message"), NOT_CALLED_UNKNOWN)
def test_a_parameter_is_not_called_unknown(parameter: str, message: str) -> None:
    assert not refused_as_unknown(parameter, message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Request contains an invalid argument.",
        "400 Bad Request",
        "Invalid request",
        "invalid_request_error",
        "Provider returned error",
        "Unknown error",
        "Internal Server Error",
        "{}",
    ],
)
def test_no_reason_is_given(message: str) -> None:
    assert gives_no_reason(message)


@pytest.mark.parametrize(
    "message",
    [
        "Invalid image",
        "Request contains an invalid argument: n",
        "n must be 1",
        "Error while downloading",
        "Ungültig",
    ],
)
def test_a_reason_is_given(message: str) -> None:
    assert not gives_no_reason(message)


@pytest.mark.parametrize(
    "message",
    [
        "The model is overloaded. Please try again later.",
        "Service unavailable",
        "upstream connect error or disconnect/reset before headers",
        "Gateway Timeout",
        "The server had an error while processing your request. Sorry about that!",
        "Rate limit reached",
    ],
)
def test_an_outage_is_told(message: str) -> None:
    assert tells_of_outage(message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Internal server error",
        "failed to parse request: missing field `tool_call_id`",
        "unsupported content part",
    ],
)
def test_no_outage_is_told(message: str) -> None:
    assert not tells_of_outage(message)


def test_links_and_echoes_are_left_out() -> None:
    assert (
        without_links("See https://example.invalid/image?a=1, or (http://b.invalid) too")
        == "See  or () too"
    )
    assert (
        without_echo("[{'loc': ('body',), 'msg': 'Field required', 'input': {'image_url': 1}}]")
        == "[{'loc': ('body',), 'msg': 'Field required', "
    )


@pytest.mark.parametrize(
    "piece",
    [
        "invalid request error ",
        "body ",
        "seed, a",
        "unknown parameter a, ",
        "a, ",
        "extra_forbidden body ",
        "https://",
    ],
)
def test_no_message_takes_long(piece: str) -> None:
    message = piece * 20_000 + "x"
    with hang_guard():
        gives_no_reason(message)
        tells_of_outage(message)
        refused_as_unknown("seed", without_links(without_echo(message)))
