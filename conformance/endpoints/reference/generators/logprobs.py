"""Log-probabilities: an entry for each token of a text, whose bytes spell it."""

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
    """The ``logprobs`` of tokens that stand from place ``first`` on in a text, with so many
    alternatives each, the token itself among them."""
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
    others = [each for each in _OTHERS[begin:] + _OTHERS[:begin] if each != token]
    alternatives = [
        (token, own),
        *(
            (each, own - 0.5 - place - dice.number(each, 1000) / 2_000)
            for place, each in enumerate(others)
        ),
    ]
    return _said(token, own) | {"top_logprobs": [_said(*each) for each in alternatives[:top]]}


def _said(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": round(logprob, 6), "bytes": list(token.encode())}
