"""Check that redacting twice changes nothing, and that no documented form of a secret survives."""

import re
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from conformance.reports.json.lint import lines
from conformance.runs.lint import AUTO, Tally, lint
from conformance.traffic.redaction.redact import redact, without_own_secrets
from tests.fuzz.reading import exchanges
from tests.fuzz.target import ensure
from tests.helpers.echo_forms import SECRET, Looker, forms, joined_strings, splits

_STRING = re.compile(rb'"(?:[^"\\\x00-\x1f]|\\.)*+"(?!\s*+:)')
_CONTENT = re.compile(rb'(?:(?<="content":")|(?<="content": "))(?:[^"\\]|\\.)*+(?=")')
_FORMS = [*forms().values()]
_SPLITS = [*splits(SECRET)]


def redact_exchange(data: bytes) -> None:
    for exchange in exchanges(data)[:1]:
        clean = redact(exchange)
        ensure(redact(clean) == clean, "nothing to redact in what was redacted")
        body, reads = exchange.response.body or b"", exchange.response.reads
        if sum(size for _, size in reads) == len(body):
            sizes = sum(size for _, size in clean.response.reads)
            ensure(sizes == len(clean.response.body or b""), "reads that sum up to the body")
        _check_echo(exchange, Random(data))


def _check_echo(exchange: Exchange, random: Random) -> None:
    body = exchange.response.body or b""
    echoed = _echoed(body, random)
    if echoed == body:
        return
    request = replace(exchange.request, headers=(("authorization", f"Bearer {SECRET}"),))
    made = replace(exchange, request=request, response=replace(exchange.response, body=echoed))
    looker = Looker()
    looker.body("body", redact(made).response.body or b"")
    looker.body("body for judging", without_own_secrets(made).response.body or b"")
    looker.text("finding", _reported(made))
    ensure(not looker.found, f"no trace of the secret: {looker.found[:2]}")


def _reported(exchange: Exchange) -> str:
    """Return what lint reports about the exchange."""
    tally = Tally()
    return b"".join(lines(lint([exchange], AUTO, tally, shipped_suite()), tally)).decode()


def _echoed(body: bytes, random: Random) -> bytes:
    """Put a form of the secret into a string of the body, or its pieces into successive deltas."""
    if random.random() < 0.4 and b"data:" in body:
        pieces = random.choice(_SPLITS)
        spans = [match.span() for match in _CONTENT.finditer(body)]
        if len(spans) >= len(pieces):
            first = random.randint(0, len(spans) - len(pieces))
            echoed = _with(body, spans[first:], pieces)
            said = joined_strings(echoed.decode("utf-8", "replace")).values()
            # pieces that no client joins, as they stand at different paths, are not promised
            return echoed if any(SECRET in each for each in said) else body
    strings = list(_STRING.finditer(body))
    if not strings:
        return body
    start = random.choice(strings).start() + 1
    return _with(body, [(start, start)], [random.choice(_FORMS)])


def _with(body: bytes, spans: Sequence[tuple[int, int]], pieces: Sequence[str]) -> bytes:
    """Replace these parts of the body by the pieces."""
    parts, at = [], 0
    for (start, end), piece in zip(spans, pieces, strict=False):
        parts += [body[at:start], piece.encode()]
        at = end
    return b"".join((*parts, body[at:]))
