"""Parameters whose effect an answer shows: stop strings, the token limit, the number of choices."""

from conformance.comparison.measures.answer import AskedAnswer
from conformance.comparison.measures.usage import tokens_out

_MOST_STOPS = 16


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return which parameters of the request the answer honours."""
    request, choices = asked.facts.chat_request, asked.facts.choices
    values: dict[str, float] = {}
    if stops := request.stop_strings[:_MOST_STOPS]:
        values["stop-honoured"] = float(
            not any(stop in choice.text for choice in choices for stop in stops)
        )
    tokens = tokens_out(asked)
    if request.token_limit is not None and tokens is not None:
        most = request.token_limit * max(1, len(choices))
        values["limit-honoured"] = float(tokens <= most)
    if request.n is not None and request.n > 1:
        values["choices-honoured"] = float(len(choices) == request.n)
    return values
