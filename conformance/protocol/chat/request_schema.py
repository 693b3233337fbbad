"""The schema of a request: whether one breaks it, and which of its documented parameters are
legal."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from conformance.protocol import schema
from conformance.protocol.exchange import Json


def breaks_schema(body: Json) -> bool:
    """Whether a request body breaks the request schema; one that was not recorded does not."""
    return body is not None and not _validator().is_valid(body)


def legal_parameters(body: Mapping[str, Json]) -> list[str]:
    """OpenAI's documented parameters that a request gives a legal value."""
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
