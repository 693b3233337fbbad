"""Parameters whose effect an answer shows: stop strings, the token limit, the number of choices.

A seed is no such parameter: it makes answers repeatable at best, which no server promises.
"""

from conformance.comparison.measures.amounts import completion_tokens
from conformance.comparison.measures.answer import AskedAnswer

_MOST_STOPS = 100
"""How many stop strings are looked for. Servers document 4 or 5 as the most."""


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return which parameters of the request the answer honours.

    A refused request has no text before a stop string and no choices. The token limit holds for
    each choice; it has no value unless the answer counts its tokens.
    """
    request, choices = asked.facts.chat_request, asked.facts.choices
    values: dict[str, float] = {}
    stops = request.stop_strings[:_MOST_STOPS]
    if stops and not request.body.get("include_stop_str_in_output"):
        kept = not any(stop in choice.text for choice in choices for stop in stops)
        values["stop-honoured"] = float(bool(choices) and kept)
    tokens = completion_tokens(asked.facts)
    if request.token_limit is not None and tokens is not None:
        most = request.token_limit * request.choices_asked
        values["max-tokens-honoured"] = float(tokens <= most)
    if request.n is not None and request.n > 1:
        values["n-honoured"] = float(len(choices) == request.n)
    return values
