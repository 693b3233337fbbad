"""What the strategies of all areas are made of: edits of a request body, and the parts of a body
that they edit."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.protocol.exchange import Json

Edit: TypeAlias = Callable[[Body], None]
"""Changes a body so that it shows a feature; what the feature implies is there already."""

Edits: TypeAlias = Mapping[str, SearchStrategy[Edit]]
"""By feature, in the order in which they are applied."""

QUESTIONS = ("Hi", "Say hello.", "Name a colour.", "What is the capital of France?")
"""What is asked where no feature asks something of its own."""


def always(edit: Edit) -> SearchStrategy[Edit]:
    """An edit that leaves nothing to choose."""
    return st.just(edit)


def each(edit: Callable[[Body, Any], None], values: SearchStrategy[Any]) -> SearchStrategy[Edit]:
    """An edit with one of some values."""
    return values.map(lambda value: lambda body: edit(body, value))


def one_of(edit: Callable[[Body, Any], None], *values: Any) -> SearchStrategy[Edit]:
    """An edit with one of these values, the plainest first."""
    return each(edit, st.sampled_from(values))


def option(key: str, *values: Json) -> SearchStrategy[Edit]:
    """An edit that gives a field of the request one of these values, the plainest first."""
    return one_of(lambda body, value: body.update({key: value}), *values)


def asked(body: Body) -> dict[str, Any]:
    """The last user message."""
    message: dict[str, Any] = next(
        message for message in reversed(body["messages"]) if message["role"] == "user"
    )
    return message


def ask(body: Body, question: str) -> None:
    """Ask something of the feature's own, unless another feature did: the question that stands is
    kept."""
    message = asked(body)
    if message["content"] in QUESTIONS:
        message["content"] = question


def say(body: Body, text: str) -> None:
    """Say something more at the end of the last user message."""
    message = asked(body)
    if isinstance(message["content"], str):
        message["content"] += text
        return
    last = [part for part in message["content"] if part["type"] == "text"][-1]
    last["text"] += text


def function(body: Body) -> dict[str, Any]:
    """The first function that is declared, as a tool or deprecatedly."""
    found: dict[str, Any] = (
        body["tools"][0]["function"] if "tools" in body else body["functions"][0]
    )
    return found


def google(body: Body) -> dict[str, Any]:
    """What stands in ``extra_body.google``, made where there is nothing."""
    found: dict[str, Any] = body.setdefault("extra_body", {}).setdefault("google", {})
    return found


def thinking_config(body: Body) -> dict[str, Any]:
    """What stands in ``extra_body.google.thinking_config``, made where there is nothing."""
    found: dict[str, Any] = google(body).setdefault("thinking_config", {})
    return found
