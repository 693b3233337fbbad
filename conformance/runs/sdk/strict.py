"""Validate answers strictly with the SDK's own types, which its clients never do."""

from collections.abc import Iterable
from typing import Any

import pydantic
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from conformance.protocol.chat.facts import Facts


def strict(facts: Facts) -> str:
    """Return the number of validation errors and the first of them, on one line.

    Returns "" if there are none, or if the answer is neither a completion nor a stream.
    """
    if facts.kind == "stream":
        errors = [error for chunk in facts.chunks for error in _errors(ChatCompletionChunk, chunk)]
    else:
        errors = list(_errors(ChatCompletion, facts.body)) if facts.kind == "completion" else []
    return (
        f"{len(errors)} error{'s' if len(errors) > 1 else ''}, the first at {errors[0]}"
        if errors
        else ""
    )


def _errors(of: type[pydantic.BaseModel], value: Any) -> Iterable[str]:
    try:
        of.model_validate(value, strict=True)
    except pydantic.ValidationError as error:
        return [
            f"{'.'.join(map(str, detail['loc'])) or 'the body'}: {detail['msg']}"
            for detail in error.errors(include_url=False)
        ]
    return []
