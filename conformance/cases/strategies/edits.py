"""Define edits of a request body, and access to the parts of a body that they edit."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.protocol.exchange import Json

Edit: TypeAlias = Callable[[Body], None]
"""Changes a body so that it has a feature. The features that this one implies are already there."""

Edits: TypeAlias = Mapping[str, SearchStrategy[Edit]]
"""Edits by feature, in the order in which they are applied."""

QUESTIONS = ("Hi", "Say hello.", "Name a colour.", "What is the capital of France?")
"""The questions of requests in which no feature needs its own."""


def always(edit: Edit) -> SearchStrategy[Edit]:
    """Always apply this edit."""
    return st.just(edit)


def with_values(
    edit: Callable[[Body, Any], None], values: SearchStrategy[Any]
) -> SearchStrategy[Edit]:
    """Apply an edit with a value drawn from ``values``."""
    return values.map(lambda value: lambda body: edit(body, value))


def one_of(edit: Callable[[Body, Any], None], *values: Any) -> SearchStrategy[Edit]:
    """Apply an edit with one of these values, the simplest first."""
    return with_values(edit, st.sampled_from(values))


def option(key: str, *values: Json) -> SearchStrategy[Edit]:
    """Set a field of the request to one of these values, the simplest first."""
    return one_of(lambda body, value: body.update({key: value}), *values)


def last_user_message(body: Body) -> dict[str, Any]:
    """Return the last user message."""
    message: dict[str, Any] = next(
        message for message in reversed(body["messages"]) if message["role"] == "user"
    )
    return message


def set_question(body: Body, question: str) -> None:
    """Set the question that a feature needs, unless another feature has already set one."""
    message = last_user_message(body)
    if message["content"] in QUESTIONS:
        message["content"] = question


def append_text(body: Body, text: str) -> None:
    """Append text to the last user message."""
    message = last_user_message(body)
    if isinstance(message["content"], str):
        message["content"] += text
        return
    last = [part for part in message["content"] if part["type"] == "text"][-1]
    last["text"] += text


def first_function(body: Body) -> dict[str, Any]:
    """Return the first declared function, from ``tools`` or from the deprecated ``functions``."""
    found: dict[str, Any] = (
        body["tools"][0]["function"] if "tools" in body else body["functions"][0]
    )
    return found


def google(body: Body) -> dict[str, Any]:
    """Return ``extra_body.google``, created if missing."""
    found: dict[str, Any] = body.setdefault("extra_body", {}).setdefault("google", {})
    return found


def thinking_config(body: Body) -> dict[str, Any]:
    """Return ``extra_body.google.thinking_config``, created if missing."""
    found: dict[str, Any] = google(body).setdefault("thinking_config", {})
    return found
