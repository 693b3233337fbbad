"""List the ways in which negative requests violate the request schema.

Each violates one keyword, and names the requirement that says how a target must respond.
"""

from dataclasses import dataclass

from conformance.cases import Violation


@dataclass(frozen=True, slots=True)
class Breach:
    """One way to violate schemas/request.json.

    ``phrase`` describes it for readers. ``needs`` are the capabilities of a target that supports
    the field. ``probes`` are the requirements that define the right response; if there are none,
    the response must only not be a 5xx (ERR-022). ``source`` is where the rule is documented.
    """

    name: str
    phrase: str
    violation: Violation
    needs: frozenset[str]
    probes: tuple[str, ...]
    source: str


def _breach(
    name: str,
    phrase: str,
    pointer: str,
    keyword: str,
    needs: str = "",
    probes: str = "",
    source: str = "OA-SPEC",
) -> Breach:
    return Breach(
        name,
        phrase,
        Violation(pointer, keyword),
        frozenset(needs.split()),
        tuple(probes.split()),
        source,
    )


def _wrong_type(name: str, phrase: str, pointer: str, needs: str = "") -> Breach:
    """A top-level field of the wrong type, which every target must reject."""
    return _breach(name, phrase, pointer, "type", needs, "ERR-013")


_FIRST = "/messages/0"
_PART = f"{_FIRST}/content/1"
_FUNCTION = "/tools/0/function"

BREACHES: dict[str, Breach] = {
    breach.name: breach
    for breach in (
        _wrong_type("messages-type", "messages as an object", "/messages"),
        _wrong_type("model-type", "model as a list", "/model"),
        _wrong_type("max-tokens-type", "max_tokens as an object", "/max_tokens"),
        _wrong_type("temperature-type", "temperature as a list", "/temperature"),
        _wrong_type("top-p-type", "top_p as an object", "/top_p"),
        _wrong_type("stream-type", "stream as a list", "/stream", "stream"),
        _wrong_type("stop-type", "stop as an object", "/stop", "stop"),
        _wrong_type("n-type", "n as a list", "/n", "n"),
        _wrong_type("tools-type", "tools as an object", "/tools", "tools"),
        _wrong_type(
            "response-format-type", "response_format as a list", "/response_format", "json-object"
        ),
        _breach(
            "messages-missing",
            "a prompt instead of messages",
            "",
            "required",
            "",
            "ERR-009 ERR-020",
        ),
        _breach(
            "messages-empty",
            "an empty list of messages, streamed",
            "/messages",
            "minItems",
            "stream",
            "ERR-009 ERR-020",
        ),
        _breach("n-zero", "n 0 in a stream", "/n", "minimum", "n stream", "ERR-026", "2, OA-SPEC"),
        _breach("message-type", "a message that is a string", _FIRST, "type"),
        _breach(
            "role-unknown",
            "another role that does not exist",
            f"{_FIRST}/role",
            "enum",
            "",
            "",
            "3.1, OA-SPEC",
        ),
        _breach(
            "content-missing",
            "a user message without content",
            _FIRST,
            "required",
            "",
            "",
            "3.2, OA-SPEC",
        ),
        _breach(
            "content-null",
            "a user message with content null",
            f"{_FIRST}/content",
            "not",
            "",
            "",
            "3.2, OA-SPEC",
        ),
        _breach("content-type", "content as a number", f"{_FIRST}/content", "type"),
        _breach("part-text-missing", "a text part without a text", _PART, "required"),
        _breach(
            "image-url-missing",
            "an image_url without a url",
            f"{_PART}/image_url",
            "required",
            "image",
        ),
        _breach(
            "audio-data-missing",
            "an input_audio without data",
            f"{_PART}/input_audio",
            "required",
            "audio",
        ),
        _breach(
            "call-id-missing",
            "a tool message that names no call",
            "/messages/2",
            "required",
            "tools",
            "",
            "3.2, OA-SPEC",
        ),
        _breach("stop-item-type", "a number in stop", "/stop/1", "type", "stop"),
        _breach("max-tokens-zero", "max_tokens 0", "/max_tokens", "minimum"),
        _breach(
            "temperature-low",
            "a temperature below 0",
            "/temperature",
            "minimum",
            "",
            "",
            "2, OA-SPEC",
        ),
        _breach(
            "temperature-high",
            "a temperature above 2",
            "/temperature",
            "maximum",
            "",
            "",
            "2, OA-SPEC",
        ),
        _breach("top-p-high", "a top_p above 1", "/top_p", "maximum", "", "", "2, OA-SPEC"),
        _breach(
            "frequency-penalty-high",
            "a frequency_penalty above 2",
            "/frequency_penalty",
            "maximum",
            "penalties",
            "",
            "2, OA-SPEC",
        ),
        _breach(
            "presence-penalty-low",
            "a presence_penalty below -2",
            "/presence_penalty",
            "minimum",
            "penalties",
            "",
            "2, OA-SPEC",
        ),
        _breach("n-high", "n 129", "/n", "maximum", "n", "", "2, OA-SPEC"),
        _breach(
            "top-logprobs-high",
            "top_logprobs 21",
            "/top_logprobs",
            "maximum",
            "logprobs",
            "",
            "2, OA-SPEC",
        ),
        _breach(
            "top-logprobs-low",
            "top_logprobs -1",
            "/top_logprobs",
            "minimum",
            "logprobs",
            "",
            "2, OA-SPEC",
        ),
        _breach(
            "effort-unknown",
            "a reasoning_effort that does not exist",
            "/reasoning_effort",
            "enum",
            "reasoning-effort",
            "",
            "2, OA-SPEC",
        ),
        _breach(
            "choice-unknown",
            "another tool_choice that does not exist",
            "/tool_choice",
            "enum",
            "tools",
            "",
            "2, OA-SPEC",
        ),
        _breach("function-missing", "a tool without its function", "/tools/0", "required", "tools"),
        _breach(
            "function-name-missing", "a function without a name", _FUNCTION, "required", "tools"
        ),
        _breach(
            "function-name-empty",
            "a function with an empty name",
            f"{_FUNCTION}/name",
            "minLength",
            "tools",
        ),
        _breach(
            "functions-empty",
            "no function in functions",
            "/functions",
            "minItems",
            "legacy-functions",
        ),
        _breach(
            "schema-missing",
            "a json_schema format without json_schema",
            "/response_format",
            "required",
            "json-schema",
        ),
        _breach(
            "schema-name-missing",
            "a json_schema without a name",
            "/response_format/json_schema",
            "required",
            "json-schema",
        ),
    )
}
"""The violations by name, each of another keyword or at another place. Values of a wrong type are
ones that no target could interpret: an object for a number, not a numeral."""
