"""Compute the digest that identifies the request of a case.

The request is first brought into a canonical form, so that two spellings of the same request have
the same digest.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from conformance.cases import MODEL, Case
from conformance.protocol.exchange import Json

SHORT = 8
"""The hexadecimal digits of the digest in the id of a generated case."""


def digest(case: Case) -> str:
    """Return the digest of a case's request: 64 hexadecimal digits.

    It covers path, body, kind of credential and further turns. It does not depend on the target,
    the model name, the key, or the other fields of the case.
    """
    return hashlib.sha256(canonical(case).encode()).hexdigest()


def digest_of_all(some_cases: Iterable[Case]) -> str:
    """Return a digest of the ids and requests of cases: 16 hexadecimal digits."""
    return hashlib.sha256(
        "".join(f"{case.id} {digest(case)}\n" for case in some_cases).encode()
    ).hexdigest()[:16]


def canonical(case: Case) -> str:
    """Return the request of a case as canonical JSON text.

    Keys are sorted by code point, whole numbers have no fraction, there is no white space, and
    characters are not escaped.
    """
    request: dict[str, Json] = {
        "auth": case.auth,
        "body": _without_model(case.body),
        "path": case.path,
    }
    if case.then:
        request["then"] = [asdict(turn) for turn in case.then]
    return json.dumps(
        _plain(request), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def _without_model(body: Json) -> Json:
    """Return the body without the model placeholder.

    A body without a model gets the model null, because it is a different request.
    """
    if not isinstance(body, dict):
        return body
    if body.get("model") == MODEL:
        return {key: value for key, value in body.items() if key != "model"}
    return {"model": None} | body


def _plain(value: Any) -> Json:
    """Return the value with whole numbers as integers: 1.0 and 1e0 become 1."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
