"""Generate negative requests: valid ones that are made invalid in one place."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from conformance.cases import Violation
from conformance.cases.features import Body, completed
from conformance.cases.schema_violations import BREACHES
from conformance.cases.strategies import exactly
from conformance.protocol.exchange import Json

_LIMIT = 8  # tokens, in case the target answers anyway


@dataclass(frozen=True, slots=True)
class Damage:
    """How to make a valid request invalid.

    The value at ``pointer`` is replaced by one of ``values``, or removed if there are none.
    ``features`` are the features that the request must have for that.
    """

    pointer: str
    values: tuple[Json, ...] = ()
    features: tuple[str, ...] = ()


_CONTENT = "/messages/0/content"

DAMAGES: dict[str, Damage] = {
    "messages-type": Damage("/messages", ({"role": "user", "content": "Hi"}, {})),
    "model-type": Damage("/model", ([], {})),
    "max-tokens-type": Damage("/max_tokens", ({}, [])),
    "temperature-type": Damage("/temperature", ([], {})),
    "top-p-type": Damage("/top_p", ({}, [])),
    "stream-type": Damage("/stream", ([], {})),
    "stop-type": Damage("/stop", ({}, {"sequence": "END"})),
    "n-type": Damage("/n", ([], {})),
    "tools-type": Damage("/tools", ({}, {"type": "function"})),
    "response-format-type": Damage("/response_format", (["json_object"], [])),
    "messages-missing": Damage("/messages"),
    "messages-empty": Damage("/messages", ([],), ("stream",)),
    "n-zero": Damage("/n", (0,), ("stream",)),
    "message-type": Damage("/messages/0", ("Hi",)),
    "role-unknown": Damage("/messages/0/role", ("narrator", "bot")),
    "content-missing": Damage(_CONTENT),
    "content-null": Damage(_CONTENT, (None,)),
    "content-type": Damage(_CONTENT, (42, {})),
    "part-text-missing": Damage(f"{_CONTENT}/1/text", (), ("text-parts",)),
    "image-url-missing": Damage(f"{_CONTENT}/1/image_url/url", (), ("png",)),
    "audio-data-missing": Damage(f"{_CONTENT}/1/input_audio/data", (), ("wav",)),
    "call-id-missing": Damage("/messages/2/tool_call_id", (), ("call-result",)),
    "stop-item-type": Damage("/stop", (["END", 7], ["END", {}])),
    "max-tokens-zero": Damage("/max_tokens", (0,)),
    "temperature-low": Damage("/temperature", (-1, -0.1)),
    "temperature-high": Damage("/temperature", (2.5, 100)),
    "top-p-high": Damage("/top_p", (1.5, 100)),
    "frequency-penalty-high": Damage("/frequency_penalty", (2.5, 3)),
    "presence-penalty-low": Damage("/presence_penalty", (-2.5, -3)),
    "n-high": Damage("/n", (129,)),
    "top-logprobs-high": Damage("/top_logprobs", (21,), ("logprobs",)),
    "top-logprobs-low": Damage("/top_logprobs", (-1,), ("logprobs",)),
    "effort-unknown": Damage("/reasoning_effort", ("maximal", "")),
    "choice-unknown": Damage("/tool_choice", ("always",), ("one-tool",)),
    "function-missing": Damage("/tools/0/function", (), ("one-tool",)),
    "function-name-missing": Damage("/tools/0/function/name", (), ("one-tool",)),
    "function-name-empty": Damage("/tools/0/function/name", ("",), ("one-tool",)),
    "functions-empty": Damage("/functions", ([],)),
    "schema-missing": Damage("/response_format", ({"type": "json_schema"},)),
    "schema-name-missing": Damage("/response_format/json_schema/name", (), ("json-schema",)),
}
"""The damages, by the name of the violation."""


def negative(name: str) -> SearchStrategy[tuple[Body, Violation]]:
    """Generate bodies that have the named violation and no other, each with that violation.

    Raises:
        LookupError: the name is unknown.
    """
    damage, violation = DAMAGES[name], BREACHES[name].violation
    features = completed(damage.features)
    assert features is not None
    values = st.sampled_from(damage.values) if damage.values else st.none()
    return st.tuples(exactly(features), values).map(
        lambda drawn: (_damaged(drawn[0], damage, drawn[1]), violation)
    )


def _damaged(body: Body, damage: Damage, value: Json) -> Body:
    damaged = body | {"max_tokens": _LIMIT}
    if damage.pointer == "/messages" and not damage.values:
        damaged["prompt"] = "Hi"
    *steps, last = (
        int(step) if step.isdecimal() else step for step in damage.pointer.split("/")[1:]
    )
    place: Any = damaged
    for step in steps:
        place = place[step]
    if damage.values:
        place[last] = value
    else:
        del place[last]
    return damaged
