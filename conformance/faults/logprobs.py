"""LOG: faults of token log-probabilities."""

from itertools import count

from conformance.faults.kit.body_edits import Change, Object
from conformance.faults.kit.conditions import (
    asks,
    has_logprobs,
    has_no_calls,
    has_no_logprobs,
    has_text,
    is_answer,
    is_complete,
    knows_request,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices, map_choices, without
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import dict_items, get_path

_LOGGED = (is_answer, is_complete, has_logprobs, has_text)
_SPELT = (*_LOGGED, has_no_calls)
_PROBABLE = {
    "token": "Hello",
    "logprob": -0.1,
    "bytes": [72, 101, 108, 108, 111],
    "top_logprobs": [],
}


def _entries(choice: Object) -> list[Object]:
    """Return the log-probability entries of a choice."""
    return dict_items(get_path(choice, "logprobs", "content"))


def _relisted(choice: Object, entries: list[Object]) -> Object:
    """Replace the log-probability entries of a choice, if it has any."""
    return (
        choice | {"logprobs": choice["logprobs"] | {"content": entries}}
        if _entries(choice)
        else choice
    )


def _has_several_alternatives(exchange: Exchange) -> bool:
    """Return whether three or more tokens have alternatives."""
    return (
        sum(
            1
            for choice in choices(exchange)
            for entry in _entries(choice)
            if entry.get("top_logprobs")
        )
        > 2
    )


def _map_entries(exchange: Exchange, change: Change) -> Exchange | None:
    return map_choices(
        exchange, lambda choice: _relisted(choice, [change(entry) for entry in _entries(choice)])
    )


@fault("logprobs-null", "LOG-001", report="B086", applies=_LOGGED)
def logprobs_null(exchange: Exchange) -> Exchange | None:
    """The requested `logprobs` are null."""
    return map_choices(exchange, lambda choice: choice | {"logprobs": None})


@fault("logprobs-of-text-completions", "LOG-001", report="B087", applies=_LOGGED)
def logprobs_of_text_completions(exchange: Exchange) -> Exchange | None:
    """The log-probabilities have the format of the older text completions API."""

    def legacy(choice: Object) -> Object:
        entries = _entries(choice)
        tokens, values = (
            [entry["token"] for entry in entries],
            [entry["logprob"] for entry in entries],
        )
        top = [
            {token["token"]: token["logprob"] for token in entry.get("top_logprobs") or ()}
            for entry in entries
        ]
        return (
            choice
            | {
                "logprobs": {
                    "text_offset": [0] * len(tokens),
                    "token_logprobs": values,
                    "tokens": tokens,
                    "top_logprobs": top,
                }
            }
            if entries
            else choice
        )

    return map_choices(exchange, legacy)


@fault("no-logprobs", "LOG-001", report="B106", applies=_LOGGED)
def no_logprobs(exchange: Exchange) -> Exchange | None:
    """The choices lack the requested `logprobs`."""
    return map_choices(exchange, lambda choice: without(choice, "logprobs"))


@fault("tokens-without-bytes", "LOG-002", report="B168", applies=_LOGGED)
def tokens_without_bytes(exchange: Exchange) -> Exchange | None:
    """The log-probability entries have no `bytes`."""
    return _map_entries(exchange, lambda entry: without(entry, "bytes"))


@fault("token-as-a-number", "LOG-002", applies=_LOGGED)
def token_as_a_number(exchange: Exchange) -> Exchange | None:
    """The `token` of each log-probability entry is the number of the token."""
    return _map_entries(exchange, lambda entry: entry | {"token": 1234})


@fault("probability-above-1", "LOG-003", applies=_LOGGED)
def probability_above_1(exchange: Exchange) -> Exchange | None:
    """The `logprob` of each token is a probability instead of a logarithm."""
    return _map_entries(exchange, lambda entry: entry | {"logprob": 0.97})


@fault("logprob-below-the-least", "LOG-003", applies=_LOGGED)
def logprob_below_the_least(exchange: Exchange) -> Exchange | None:
    """The `logprob` of each token is close to the lowest 32-bit float."""
    return _map_entries(exchange, lambda entry: entry | {"logprob": -3.4e38})


@fault(
    "alternatives-of-two-tokens-in-one",
    "LOG-004",
    also=("LOG-005",),
    report="B174",
    applies=(*_LOGGED, asks("top_logprobs")),
)
def alternatives_of_two_tokens_in_one(exchange: Exchange) -> Exchange | None:
    """The first entry has the alternatives of two tokens, and the second entry is missing."""

    def merged(choice: Object) -> Object:
        first, second, *rest = [*_entries(choice), {}, {}][: max(2, len(_entries(choice)))]
        if not second:
            return choice
        return _relisted(
            choice,
            [first | {"top_logprobs": first["top_logprobs"] + second["top_logprobs"]}, *rest],
        )

    return map_choices(exchange, merged)


@fault("more-alternatives-than-asked", "LOG-004", applies=(*_LOGGED, asks("top_logprobs")))
def more_alternatives_than_asked(exchange: Exchange) -> Exchange | None:
    """The entries have more alternatives than `top_logprobs` asks for."""
    least = {"token": "x", "logprob": -99.0, "bytes": [120]}
    return _map_entries(
        exchange,
        lambda entry: entry | {"top_logprobs": [*entry["top_logprobs"], least, least, least]},
    )


@fault("alternatives-from-the-least", "LOG-004", applies=(*_LOGGED, asks("top_logprobs")))
def alternatives_from_the_least(exchange: Exchange) -> Exchange | None:
    """The alternatives are sorted from the least likely to the most likely."""
    return _map_entries(
        exchange, lambda entry: entry | {"top_logprobs": entry["top_logprobs"][::-1]}
    )


@fault("logprobs-of-the-reasoning", "LOG-005", report="B171", applies=_SPELT)
def logprobs_of_the_reasoning(exchange: Exchange) -> Exchange | None:
    """The log-probabilities start with those of the reasoning."""
    thought = [
        _PROBABLE | {"token": token, "bytes": list(token.encode())}
        for token in ("<think>", "x", "</think>")
    ]
    firsts = [thought]
    return map_choices(
        exchange,
        lambda choice: (
            _relisted(choice, [*firsts.pop(), *_entries(choice)])
            if firsts and _entries(choice)
            else choice
        ),
    )


@fault("only-the-last-logprobs", "LOG-005", report="B172", applies=_SPELT)
def only_the_last_logprobs(exchange: Exchange) -> Exchange | None:
    """Only the last token has log-probabilities."""
    last: dict[object, int] = {
        choice.get("index"): number
        for number, choice in enumerate(choices(exchange))
        if _entries(choice)
    }
    numbers = count()

    def left(choice: Object) -> Object:
        if next(numbers) == last.get(choice.get("index")):
            return _relisted(choice, _entries(choice)[-1:])
        return choice | {"logprobs": None} if _entries(choice) else choice

    return map_choices(exchange, left)


@fault(
    "logprobs-unasked",
    "LOG-006",
    applies=(
        is_answer,
        has_text,
        has_no_logprobs,
        knows_request,
        lambda exchange: not asks("logprobs")(exchange),
    ),
)
def logprobs_unasked(exchange: Exchange) -> Exchange | None:
    """The response has log-probabilities that the request does not ask for."""

    def logged(choice: Object) -> Object:
        words = (choice.get("message") or choice.get("delta") or {}).get("content")
        entry = (
            _PROBABLE | {"token": words, "bytes": list(words.encode())}
            if isinstance(words, str) and words
            else None
        )
        return choice | {"logprobs": {"content": [entry], "refusal": None}} if entry else choice

    return map_choices(exchange, logged)


@fault(
    "same-alternatives-for-all-tokens",
    "LOG-007",
    applies=(*_LOGGED, asks("top_logprobs"), _has_several_alternatives),
)
def same_alternatives_for_all_tokens(exchange: Exchange) -> Exchange | None:
    """Every token has the alternatives of the first token."""
    firsts: list[object] = []

    def repeated(entry: Object) -> Object:
        firsts.append(entry["top_logprobs"])
        return entry | {"top_logprobs": firsts[0]}

    return _map_entries(exchange, repeated)


FAULTS = (
    logprobs_null,
    logprobs_of_text_completions,
    no_logprobs,
    tokens_without_bytes,
    token_as_a_number,
    probability_above_1,
    logprob_below_the_least,
    alternatives_of_two_tokens_in_one,
    more_alternatives_than_asked,
    alternatives_from_the_least,
    logprobs_of_the_reasoning,
    only_the_last_logprobs,
    logprobs_unasked,
    same_alternatives_for_all_tokens,
)
