"""Generate the log-probabilities of the tokens of a text."""

from collections.abc import Sequence
from typing import Any

from conformance.endpoints.reference.generators.dice import Dice

_OTHERS = (
    " the",
    " a",
    " one",
    ".",
    " and",
    " of",
    ",",
    " river",
    " slow",
    "s",
    " in",
    " his",
    " by",
    " old",
    "!",
    " is",
    " to",
    " at",
    "n",
    " so",
    " on",
)


def logprobs_of(tokens: Sequence[str], first: int, top: int, dice: Dice) -> dict[str, Any]:
    """Return the ``logprobs`` of some tokens of a text.

    Args:
        tokens: The tokens.
        first: The position of the first of them in the text.
        top: The number of ``top_logprobs`` of each token, the token itself included.
        dice: The source of random numbers.
    """
    return {
        "content": [
            _entry(token, top, dice.under(f"token {first + number}"))
            for number, token in enumerate(tokens)
        ],
        "refusal": None,
    }


def _entry(token: str, top: int, dice: Dice) -> dict[str, Any]:
    own = -dice.number("own", 4000) / 10_000
    begin = dice.number("others", len(_OTHERS))
    others = [other for other in _OTHERS[begin:] + _OTHERS[:begin] if other != token]
    alternatives = [
        (token, own),
        *(
            (other, own - 0.5 - place - dice.number(other, 1000) / 2_000)
            for place, other in enumerate(others)
        ),
    ]
    return _logprob(token, own) | {
        "top_logprobs": [_logprob(*alternative) for alternative in alternatives[:top]]
    }


def _logprob(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": round(logprob, 6), "bytes": list(token.encode())}
