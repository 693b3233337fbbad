"""Texts that would command what shows them, and exchanges that hold such a text in each place."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import orjson

from conformance.protocol.exchange import Exchange, Json, Response
from tests.judging.conftest import completion, error, stream

INJECTIONS: Mapping[str, str] = {
    "workflow command": "::error file=a.py,line=1::owned",
    "workflow command on a line": "x\n::set-output name=a::owned\n  ::stop-commands::t\n",
    "workflow command after a wrap": f"{'word ' * 7}::error::owned {'word ' * 13}::error::owned",
    "old workflow command": "x ##[error]owned ##[add-path]x",
    "azure and teamcity": "##vso[task.setvariable variable=a]b ##teamcity[buildStop]",
    "markup": "[bold red]x[/bold red] [link=https://evil.test]y[/link] [/] :smile:",
    "terminal": "a\x1b[2J\x1b]0;owned\x07\x08\x00b",
    "C1 controls": "a\x9b2J\x90\x85\x9d0;owned\x9cb",
    "DEL": "a\x7fb",
    "bidirectional marks": "a\u202ebc\u202c\u2066d\u2069\u200e\u200f\u061cb",
    "line ends": "a\u2028b\u2029c\r\nd\x0be\x0cf",
    "HTML": "<script>owned()</script><img src=x onerror=owned()>",
    "Markdown": "](https://evil.test) | ![x](https://evil.test) `x`\n# Owned\n```\n",
    "shell": "'; touch owned; \"$(touch owned)`touch owned` $API_KEY\nJSON\ntouch owned\n",
    "Python": "''' + owned() + ''' \"\"\" \\' {0.__class__} %s\n    owned()\nimport owned\n",
    "path": "../../../../owned\\..\\owned",
}
"""What stands for a kind of command, by its name."""

_UNSAFE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_COMMAND = re.compile(r"^\s*::|##[A-Za-z]*\[", re.MULTILINE)


def commands(output: str) -> list[str]:
    """The lines of an output that command a terminal or a CI service."""
    return [line for line in output.split("\n") if _UNSAFE.search(line) or _COMMAND.search(line)]


def exchanges(text: str) -> Iterator[tuple[str, Exchange]]:
    """Yield exchanges with a text in one place each, with the name of that place.

    The places are each value and a new key of each object of the bodies, each event, each header,
    each text of the request, and the facts about the recording.
    """
    bases = {
        "plain": completion({"tool_calls": [_CALL]}, request={"tools": [_TOOL]}),
        "text": completion("Hello!"),
        "stream": stream("Hel", {"tool_calls": [{"index": 0, **_CALL}]}),
        "error": error(400),
    }
    for name, base in bases.items():
        response, request = base.response, base.request
        for place, body in _bodies(response.body or b"", text):
            yield f"{name} {place}", replace(base, response=replace(response, body=body))
        for place, asked in spoilt(request.body, text):
            yield f"{name} request{place}", replace(base, request=replace(request, body=asked))
        for place, headers in _headers(response, text):
            yield f"{name} {place}", replace(base, response=replace(response, headers=headers))
        yield f"{name} id", replace(base, id=text, origin="")
        yield f"{name} body", replace(base, response=replace(response, body=text.encode()))
        for fact in ("server", "server_version", "case", "target", "why_cut", "profile"):
            yield f"{name} meta {fact}", replace(base, meta={fact: text})
        cut = replace(response, body=(response.body or b"")[:-30], truncated=True)
        yield f"{name} cut", replace(base, id=text, response=cut, meta={"why_cut": text})


_CALL: Json = {
    "id": "call_AbCdEf0123456789AbCdEf01",
    "type": "function",
    "function": {"name": "get_weather", "arguments": '{"city": "Rome"}'},
}
_TOOL: Json = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


def _bodies(body: bytes, text: str) -> Iterator[tuple[str, bytes]]:
    """Yield a body, plain or a stream, with the text in each place."""
    if not body.startswith(b"data: "):
        for place, value in spoilt(orjson.loads(body), text):
            yield place, orjson.dumps(value)
        return
    events = body.split(b"\n\n")
    for number, event in enumerate(events):
        data = event.removeprefix(b"data: ")
        others = [(" data", text.encode()), (" field", text.encode() + b": x")]
        if data.startswith(b"{"):
            others += [
                (place, b"data: " + orjson.dumps(v))
                for place, v in spoilt(orjson.loads(data), text)
            ]
        for place, changed in others:
            yield (
                f"event {number}{place}",
                b"\n\n".join([*events[:number], changed, *events[number + 1 :]]),
            )


def spoilt(value: Json, text: str, place: str = "") -> Iterator[tuple[str, Json]]:
    """Yield a value with the text instead of each part, and as a key of each object."""
    yield place, text
    if isinstance(value, dict):
        yield f"{place}/{{}}", {**value, text: text}
        for key, member in value.items():
            for where, changed in spoilt(member, text, f"{place}/{key}"):
                yield where, {**value, key: changed}
    elif isinstance(value, list):
        for number, member in enumerate(value):
            for where, changed in spoilt(member, text, f"{place}/{number}"):
                yield where, [*value[:number], changed, *value[number + 1 :]]


def _headers(response: Response, text: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for name in ("content-type", "x-request-id", "x-conformance-profile", "retry-after", text):
        others = tuple((key, value) for key, value in response.headers if key != name)
        yield f"header {name}", (*others, (name, text))
