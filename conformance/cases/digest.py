"""The digest by which a case is known: of the request in one canonical form, so that two ways to
write the same have the same."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from typing import Any

from conformance.cases import MODEL, Case, cases
from conformance.protocol.exchange import Json

SHORT = 8
"""Hexadecimal digits of a digest that stand in the id of a minted case."""


def digest(case: Case) -> str:
    """The digest of what a case asks: 64 hexadecimal digits.

    Where a target is, what its model is called and which key it takes are no part of it, nor is
    what else a row says of its request.
    """
    return hashlib.sha256(canonical(case).encode()).hexdigest()


def digest_of_all(those: Iterable[Case]) -> str:
    """The digest of what cases ask and how they are called: 16 hexadecimal digits."""
    return hashlib.sha256(
        "".join(f"{case.id} {digest(case)}\n" for case in those).encode()
    ).hexdigest()[:16]


@cache
def corpus() -> str:
    """The digest of all cases there are."""
    return digest_of_all(cases())


def canonical(case: Case) -> str:
    """What a case asks as one text: keys in the order of their code points, numbers that are whole
    without a fraction, text as it is, no white space."""
    asked: dict[str, Json] = {
        "auth": case.auth,
        "body": _without_model(case.body),
        "path": case.path,
    }
    if case.then:
        asked["then"] = [asdict(turn) for turn in case.then]
    return json.dumps(
        _plain(asked), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _without_model(body: Json) -> Json:
    """The body without the placeholder of the model; one without a model has null there, as that is
    something to ask."""
    if not isinstance(body, dict):
        return body
    if body.get("model") == MODEL:
        return {key: value for key, value in body.items() if key != "model"}
    return {"model": None} | body


def _plain(value: Any) -> Json:
    """The value with each number in the one form it has: 1.0 and 1e0 are 1."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
