"""One sample as one line of JSON, without secrets, and back.

The line is also a record of the exchange that ``conformance lint`` reads, with what makes it a
sample under ``sample``.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Mapping

import orjson

from conformance._text import safe_json
from conformance.cases import Case
from conformance.comparison.sample import Sample
from conformance.protocol.exchange import Exchange, Headers, Json, Request, Response
from conformance.traffic.redaction.patterns import BY_LOOK, OF_ACCOUNTS, scrub
from conformance.traffic.redaction.redact import redact


class SampleError(ValueError):
    """A line that is no sample; the message says why."""


def line_of(sample: Sample) -> bytes:
    """Return the line of a sample, with its line end; the exchange is redacted."""
    about = {
        "question": sample.question,
        "case": sample.case,
        "side": sample.side,
        "number": sample.number,
        "position": sample.position,
        "why": scrub(sample.why, (*BY_LOOK, *OF_ACCOUNTS))[0],
    }
    record: dict[str, Json] = {"sample": about}
    if sample.exchange:
        record |= _record(redact(sample.exchange))
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return safe_json(text.encode("utf-8", "backslashreplace")) + b"\n"


def sample_of(line: bytes, cases: Mapping[str, Case]) -> Sample:
    """Return the sample in a line; ``cases`` are those that were asked, by id.

    Raises SampleError.
    """
    record = _parsed(line)
    try:
        about = record["sample"]
        side, number, position = about["side"], about["number"], about["position"]
        if side not in ("old", "new") or type(number) is not int:
            raise SampleError("it has no valid side and number")
        if not (position is None or type(position) is int):
            raise SampleError("its position is no number")
        case = str(about["case"])
        exchange = _exchange(record) if "response" in record else None
        return Sample(
            str(about["question"]),
            case,
            side,
            number,
            position,
            exchange,
            str(about.get("why") or ""),
            cases.get(case),
        )
    except (KeyError, TypeError, AttributeError, IndexError):
        raise SampleError("a member of a sample is missing or has another type") from None
    except (ValueError, Error) as error:
        raise SampleError(str(error)) from None


def _parsed(line: bytes) -> Json:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(line)  # half a surrogate pair, which a request may test
    except (ValueError, RecursionError):
        raise SampleError("not JSON, as after a crash or a full disk") from None


def _record(exchange: Exchange) -> dict[str, Json]:
    request, response = exchange.request, exchange.response
    return {
        "id": exchange.id,
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": _fields(request.headers),
            "body": request.body,
        },
        "response": {
            "status": response.status,
            "headers": _fields(response.headers),
            **_body(response.body),
            "reads": [list(read) for read in response.reads],
            "cut": response.truncated,
        },
        "meta": {**exchange.meta, "fidelity": response.fidelity},
    }


def _body(body: bytes | None) -> dict[str, Json]:
    if body is None:
        return {}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": b64encode(body).decode()}


def _exchange(record: Mapping[str, Json]) -> Exchange:
    request, response, meta = record["request"], record["response"], dict(record["meta"])
    fidelity = meta.pop("fidelity", "text")
    if fidelity not in ("bytes", "text", "values") or type(response["status"]) is not int:
        raise SampleError("the answer has no valid status or fidelity")
    body: bytes | None = None
    if "body" in response:
        body = response["body"].encode("utf-8", "replace")
    elif "body_base64" in response:
        body = b64decode(response["body_base64"], validate=True)
    return Exchange(
        str(record["id"]),
        Request(
            str(request["method"]),
            str(request["url"]),
            _headers(request["headers"]),
            request["body"],
        ),
        Response(
            response["status"],
            _headers(response["headers"]),
            body,
            tuple((float(offset), int(size)) for offset, size in response["reads"]),
            bool(response["cut"]),
            fidelity,
        ),
        meta,
    )


def _fields(headers: Headers) -> list[list[str]]:
    return [[name, value] for name, value in headers]


def _headers(fields: Json) -> Headers:
    return tuple((str(name), str(value)) for name, value in fields)
