"""Edits of single fields: sampling, limits, log probabilities and streaming."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.cases.strategies.edits import Edit, Edits, one_of, option, with_values

_STOPS = ("END", "###", "\n\n", "five")


def _limit(key: str) -> SearchStrategy[Edit]:
    """Set a small token limit, or a larger one if the answer must be complete JSON.

    That is so for calls and for structured output.
    """

    def limit(body: Body, tokens: int) -> None:
        body[key] = (
            tokens * 4 if body.keys() & {"tools", "functions", "response_format"} else tokens
        )

    return one_of(limit, 16, 24, 32)


EDITS: Edits = {
    "max-tokens": _limit("max_tokens"),
    "max-completion-tokens": _limit("max_completion_tokens"),
    "one-token": option("max_tokens", 1),
    "temperature-zero": option("temperature", 0, 0.0),
    "temperature-most": option("temperature", 2, 2.0),
    "top-p": option("top_p", 1, 0.95, 0.5, 0.1),
    "seed": option("seed", 7, 0, 2**31 - 1),
    "frequency-penalty": option("frequency_penalty", 0.5, 2, -0.5, -2),
    "presence-penalty": option("presence_penalty", 0.5, 2, -0.5, -2),
    "n-several": option("n", 2, 3),
    "stop-string": option("stop", *_STOPS),
    "stop-list": with_values(
        lambda body, stops: body.update({"stop": stops}),
        st.lists(st.sampled_from(_STOPS), min_size=1, max_size=len(_STOPS), unique=True),
    ),
    "logprobs": option("logprobs", True),
    "top-logprobs": option("top_logprobs", 1, 2, 5, 20),
    "stream": option("stream", True),
    "include-usage": option("stream_options", {"include_usage": True}),
}
"""The values are the documented bounds of OpenAI and values between them."""
