"""Check requests against the schema of a request, as a whole and parameter by parameter."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from conformance.protocol import schema
from conformance.protocol.exchange import Json


def breaks_schema(body: Json) -> bool:
    """Return whether a request body violates the request schema; False if it was not recorded."""
    return body is not None and not _validator().is_valid(body)


def legal_parameters(body: Mapping[str, Json]) -> list[str]:
    """Return OpenAI's documented parameters that have a legal value in a request.

    ``messages``, ``model``, ``stream`` and parameters that are null are left out.
    """
    documented = _openai_parameters()
    return [
        name
        for name, value in body.items()
        if name in documented
        and value is not None
        and not breaks_schema({"messages": [_HELLO], name: value})
    ]


_HELLO = {"role": "user", "content": "Hello."}


@cache
def _validator() -> Any:
    return schema.compiled("request", ()).validator


@cache
def _openai_parameters() -> frozenset[str]:
    return frozenset(schema.document("request")["$defs"]["openai"]["properties"]) - {
        "messages",
        "model",
        "stream",
    }
