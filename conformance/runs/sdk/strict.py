"""What the SDK's own types say of an answer when they are made to check: its clients never do, and
take what comes."""

from collections.abc import Iterable
from typing import Any

import pydantic
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from conformance.protocol.chat.facts import Facts


def strict(facts: Facts) -> str:
    """The errors of a strict validation on one line, with the first of them; "" where there is
    none, and for what is no completion and no stream."""
    if facts.kind == "stream":
        found = [error for chunk in facts.chunks for error in _errors(ChatCompletionChunk, chunk)]
    else:
        found = list(_errors(ChatCompletion, facts.body)) if facts.kind == "completion" else []
    return (
        f"{len(found)} error{'s' if len(found) > 1 else ''}, the first at {found[0]}"
        if found
        else ""
    )


def _errors(of: type[pydantic.BaseModel], value: Any) -> Iterable[str]:
    try:
        of.model_validate(value, strict=True)
    except pydantic.ValidationError as error:
        return [
            f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}"
            for each in error.errors(include_url=False)
        ]
    return []
