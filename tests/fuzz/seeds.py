"""Ordinary inputs: genuine exchanges, reference answers, and small files of each format."""

import base64
import gzip
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from conformance._files import data_folder
from conformance.cases import CORPUS, DOCUMENTED
from conformance.judging.profiles import profile_names
from conformance.protocol.exchange import Exchange
from conformance.traffic import read
from tests.fuzz.mutations import LONGEST
from tests.helpers.made_archives import archive
from tests.helpers.project import ROOT
from tests.reports import sample_reports

GOLDEN = ROOT / "conformance" / "faults" / "golden"
GOOGLE = ROOT / "tests" / "endpoints" / "reference" / "google"
URL = "https://host.example/v1/projects/some-project/chat/completions"

_FEW = 120


def spread(things: Sequence[Any], most: int = _FEW) -> list[Any]:
    """Return at most so many of the items, at equal distances."""
    return list(things[:: -(-len(things) // most)])


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Return reference answers, and genuine ones from the cassettes."""
    genuine = spread(sorted(data_folder("cassettes").glob("*/*.yaml")))
    return tuple(
        outcome
        for outcome in read([GOLDEN, *genuine])
        if isinstance(outcome, Exchange) and outcome.response.body
    )


def record(exchange: Exchange, **response: Any) -> bytes:
    """Return an exchange as a line of JSONL; ``response`` replaces members of the response."""
    request, answer = exchange.request, exchange.response
    members = {
        "status": answer.status,
        "headers": [list(pair) for pair in answer.headers],
        "body": (answer.body or b"").decode("utf-8", "replace"),
        "reads": [list(pair) for pair in answer.reads],
        "cut": answer.truncated,
    }
    return json.dumps(
        {
            "id": exchange.id,
            "request": {
                "method": request.method,
                "url": request.url or URL,
                "headers": [list(pair) for pair in request.headers],
                "body": request.body,
            },
            "response": {**members, **response},
            "meta": {**dict(exchange.meta), "fidelity": "text"},
        },
        default=str,
    ).encode()


@cache
def records() -> list[bytes]:
    """Return inputs with one exchange each."""
    return _short([record(exchange) for exchange in exchanges()])


@cache
def logs() -> list[bytes]:
    """Return inputs with several exchanges each, also a skipped call and a damaged line."""
    lines = spread(records(), 40)
    models = {"object": "list", "data": [{"id": "m", "object": "model", "created": 1}]}
    other = {
        "request": {"method": "GET", "url": "http://host/v1/models"},
        "response": {"status": 200, "body": json.dumps(models)},
    }
    extra = [json.dumps(other).encode(), b"", b"{", b'{"request": {}, "response": null}']
    return _short(
        [b"\n".join([*pair, *extra]) for pair in zip(lines[::2], lines[1::2], strict=False)]
    )


@cache
def pairs() -> list[bytes]:
    """Return inputs of two or three exchanges, some of them twins or turns of a conversation."""
    lines = records()
    neighbours = [b"\n".join(lines[at : at + 3]) for at in range(0, len(lines) - 3, 2)]
    same = [b"\n".join((line, _streamed(line), line)) for line in spread(lines, 60)]
    return _short([*neighbours, *same])


def _streamed(line: bytes) -> bytes:
    """Return the same exchange with the other value of ``stream``."""
    whole = json.loads(line)
    body = whole["request"]["body"]
    if isinstance(body, dict):
        body["stream"] = not body.get("stream")
    return json.dumps(whole).encode()


@cache
def hars() -> list[bytes]:
    lines = [json.loads(line) for line in spread(records(), 40)]
    return _short(
        [
            json.dumps({"log": {"version": "1.2", "entries": [_entry(a), _entry(b, encoded=True)]}})
            for a, b in zip(lines[::2], lines[1::2], strict=False)
        ]
    )


def _entry(whole: dict[str, Any], *, encoded: bool = False) -> dict[str, Any]:
    def pairs_of(headers: list[list[str]]) -> list[dict[str, str]]:
        return [{"name": name, "value": value} for name, value in headers]

    request, response = whole["request"], whole["response"]
    text = response["body"]
    content = (
        {"text": base64.b64encode(text.encode()).decode(), "encoding": "base64"}
        if encoded
        else {"text": text}
    )
    return {
        "request": {
            "method": request["method"],
            "url": request["url"],
            "headers": pairs_of(request["headers"]),
            "postData": {"mimeType": "application/json", "text": json.dumps(request["body"])},
        },
        "response": {
            "status": response["status"],
            "headers": pairs_of(response["headers"]),
            "content": {"mimeType": "application/json", **content},
        },
    }


@cache
def cassettes() -> list[bytes]:
    """Return cassettes of this suite, and one as vcrpy writes it whose interactions are JSON."""
    files = spread(sorted(data_folder("cassettes").glob("*/*.yaml")), 60)
    return _short([*(path.read_bytes() for path in files), *map(_as_yaml, spread(records(), 30))])


def _as_yaml(line: bytes) -> bytes:
    whole = json.loads(line)
    request, response = whole["request"], whole["response"]
    interaction = {
        "request": {
            "method": request["method"],
            "uri": request["url"],
            "headers": {name: [value] for name, value in request["headers"]},
            "body": json.dumps(request["body"]),
        },
        "response": {
            "status": {"code": response["status"], "message": "OK"},
            "headers": {name: [value] for name, value in response["headers"]},
            "body": {"string": response["body"]},
        },
    }
    block = {
        "version": 1,
        "provenance": "recorded",
        "recorded": "2026-11-22T15:00:00Z",
        "reads": [[[12.1, 300]]],
        "cut": [False],
        "case": "chat-plain",
    }
    lines = (
        f"conformance: {json.dumps(block)}",
        "interactions:",
        f"- {json.dumps(interaction)}",
        "version: 1",
        "",
    )
    return "\n".join(lines).encode()


@cache
def compressed() -> list[bytes]:
    """Return compressed files of every format, and records with a compressed body."""
    lines = spread(exchanges(), 30)
    inside = [
        record(
            exchange,
            body=None,
            headers=[["content-encoding", "gzip"], ["content-type", "application/json"]],
            body_base64=base64.b64encode(gzip.compress(exchange.response.body or b"")).decode(),
        )
        for exchange in lines
    ]
    files = [*spread(logs(), 10), *spread(hars(), 10), *spread(cassettes(), 10)]
    return [*(gzip.compress(data, 1, mtime=0) for data in (*files, *inside)), *inside]


@cache
def bodies() -> list[bytes]:
    """The bodies of answers."""
    return _short([exchange.response.body or b"" for exchange in exchanges()])


def streams() -> list[bytes]:
    return [body for body in bodies() if body.lstrip().startswith((b"data:", b":", b"event:"))]


def json_bodies() -> list[bytes]:
    return [body for body in bodies() if body.lstrip().startswith((b"{", b"["))]


@cache
def errors() -> list[bytes]:
    """Answers that are errors, those of Google among them."""
    golden = [record(each) for each in exchanges() if each.response.status >= 400]
    google = []
    for path in sorted(GOOGLE.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            request = {"url": URL, "body": {"model": "google/gemini-3.5-flash"}}
            response = {"status": row["status"], "body": row["body"]}
            google.append(json.dumps({"request": request, "response": response}).encode())
    return _short([*golden, *google])


@cache
def requests() -> list[bytes]:
    """Bodies of requests: those of the cases."""
    rows = [json.loads(line) for line in case_lines()]
    return _short([json.dumps(row["request"]["body"]).encode() for row in rows])


@cache
def case_lines() -> list[bytes]:
    lines = [*DOCUMENTED.read_bytes().splitlines(), *CORPUS.read_bytes().splitlines()]
    return spread(lines, 200)


def case_files() -> list[bytes]:
    lines = case_lines()
    return _short([b"\n".join(sorted(lines[at : at + 3])) for at in range(0, len(lines), 3)])


@cache
def reports() -> list[bytes]:
    """Reports of runs, as ``diff`` reads them."""
    outcomes = ("pass", "fail", "known", "accepted", "stale", "error")
    made = [
        sample_reports.document(
            *(sample_reports.verdict(outcome, case=case) for case in cases), **rest
        )
        for outcome in outcomes
        for cases in (("chat-plain",), ("chat-plain", "chat-stream"), ("chat-plain+chat-stream",))
        for rest in (
            {},
            {
                "not_asked": [sample_reports.absent("chat-other", "not supported")],
                "unanswered": [sample_reports.absent("chat-late", "the answer was truncated")],
            },
        )
    ]
    return [json.dumps(each).encode() for each in made]


def tables() -> list[bytes]:
    """Files named ``conformance.toml``."""
    google = 'profile = "vertex-gemini"\nproject = "p"\nlocation = "global"\nmodel = "google/m"\n'
    plain = 'base_url = "http://127.0.0.1:8080/v1"\nmodel = "m"\napi_key_env = "KEY"\n'
    return [
        text.encode()
        for text in (
            f"[live]\n{plain}",
            f"[live]\n{google}",
            f"[targets.one]\n{plain}\n[targets.two]\n{google}auth = 'google'\n",
            f'[targets."a b"]\n{google}endpoint = "42"\nproject_number = "1"\napi_version = "v1"\n',
            *(f'[live]\nprofile = "{name}"\n{plain}' for name in profile_names()),
        )
    ]


def archives() -> list[bytes]:
    """Archives of ``conformance collect``."""
    return [archive(), archive({}), archive(corpus="x")]


def _short(made: Sequence[bytes | str]) -> list[bytes]:
    """The inputs that leave room for changes."""
    inputs = (each.encode() if isinstance(each, str) else each for each in made)
    return [each for each in inputs if len(each) < LONGEST // 2]
