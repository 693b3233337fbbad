"""Parameters whose effect an answer shows: stop strings, the token limit, the number of choices.

A seed is no such parameter: it makes answers repeatable at best, which no server promises.
"""

from conformance.comparison.measures.amounts import completion_tokens
from conformance.comparison.measures.answer import AskedAnswer

_MOST_STOPS = 100
"""How many stop strings are looked for. Servers document 4 or 5 as the most."""


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return which parameters of the request the answer honours; none if it was refused.

    The token limit needs the tokens that the answer counts; it holds for each choice.
    """
    request, choices = asked.facts.chat_request, asked.facts.choices
    answered = bool(choices)
    values: dict[str, float] = {}
    stops = request.stop_strings[:_MOST_STOPS]
    if stops and not request.body.get("include_stop_str_in_output"):
        kept = not any(stop in choice.text for choice in choices for stop in stops)
        values["stop-honoured"] = float(answered and kept)
    tokens = completion_tokens(asked.facts)
    if request.token_limit is not None and (tokens is not None or not answered):
        most = request.token_limit * request.choices_asked
        values["max-tokens-honoured"] = float(tokens is not None and tokens <= most)
    if request.n is not None and request.n > 1:
        values["n-honoured"] = float(len(choices) == request.n)
    return values
