"""Remove secrets from an exchange before it is written to disk or shown in a report.

There are two kinds of rules. The values that the request itself marks as secret (its credential,
the project in its URL) are replaced wherever they occur, however they are encoded, also if they are
split over the deltas of a stream. Other secrets are recognized by what they look like.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, pairwise
from urllib.parse import unquote

from conformance.protocol.exchange import Exchange, Headers, Json, Request, Response
from conformance.protocol.redaction_marks import MIN_SECRET_LENGTH, REMOVED
from conformance.traffic.redaction.patterns import (
    BY_LOOK,
    FIELDS,
    MARK,
    OF_ACCOUNTS,
    PARAMETERS,
    PROJECT,
    Edit,
    Rule,
    replaced,
    scrub,
)
from conformance.traffic.redaction.request_secrets import Known, wherever
from conformance.traffic.redaction.split_secrets import may_hold, split_places

COOKIES = frozenset({"cookie", "set-cookie", "set-cookie2"})
"""Header fields that are removed."""
CREDENTIALS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "api-key",
        "x-api-key",
        "x-goog-api-key",
        "x-amz-security-token",
    }
)
"""Header fields that contain a credential, of which only the scheme is kept."""
ACCOUNTS = frozenset({"openai-organization", "openai-project", "x-goog-user-project"})
"""Header fields that identify the account."""

SHORTEST = 6
"""The least characters of a credential that is replaced everywhere. Shorter ones are placeholders
for servers without keys, such as ``none`` or ``EMPTY``, which may be ordinary words."""

DEEPEST = 200
"""The most levels of a request body or of meta data that are redacted value by value."""

_Reads = tuple[tuple[float, int], ...]


def redact(exchange: Exchange, more: Sequence[Rule] = ()) -> Exchange:
    """Return the exchange without secrets.

    Redacting it again changes nothing. If the response body changes, its reads and its
    content-length are adjusted, and ``meta["redacted"]`` is set to True.

    Args:
        exchange: The exchange.
        more: Rules for further secrets, such as those that are known from the environment.
    """
    rules = (*_request_secrets(exchange.request), *more, *BY_LOOK)
    response, changed = _response(exchange.response, rules)
    meta = {key: _json(value, (*rules, *OF_ACCOUNTS)) for key, value in exchange.meta.items()}
    if changed:
        meta["redacted"] = True
    return replace(
        exchange, request=_request(exchange.request, rules), response=response, meta=meta
    )


def without_own_secrets(exchange: Exchange) -> Exchange:
    """Return the exchange without the secrets of its request, if the response repeats one of them.

    Otherwise the same exchange is returned. Text that only looks like a secret stays, so that the
    exchange can be judged: what is wrong with it does not change.
    """
    rules = _request_secrets(exchange.request)
    if not rules:
        return exchange
    response, changed = _with_new_body(exchange.response, *_body(exchange.response, rules))
    headers = tuple(
        (_name(name, rules), scrub(value, rules)[0]) for name, value in response.headers
    )
    if not changed and headers == response.headers:
        return exchange
    request = _request(exchange.request, rules)
    return replace(exchange, request=request, response=replace(response, headers=headers))


def rules_for(request: Request) -> tuple[Rule, ...]:
    """Return the rules that remove secrets from text about the response to this request.

    They include the rules for account data, so use them for reports and messages, not for the
    recorded body: they may also replace legitimate model output.
    """
    return (*_request_secrets(request), *BY_LOOK, *OF_ACCOUNTS)


def _request(request: Request, rules: Sequence[Rule]) -> Request:
    return replace(
        request,
        url=scrub(request.url, rules)[0],
        headers=_headers(request.headers, rules),
        body=_json(request.body, rules),
    )


def _response(response: Response, rules: Sequence[Rule]) -> tuple[Response, bool]:
    strict_rules = (*rules, *OF_ACCOUNTS)
    headers = tuple(
        (_name(name, rules), _response_header(name, value, strict_rules))
        for name, value in response.headers
        if name not in COOKIES
    )
    text, passes = _body(response, strict_rules if response.status >= 400 else rules)
    return _with_new_body(replace(response, headers=headers), text, passes)


def _with_new_body(
    response: Response, text: str, passes: Sequence[Sequence[Edit]]
) -> tuple[Response, bool]:
    """Return the response with the redacted body, and whether that differs."""
    if not passes:
        return response, False
    headers = tuple(
        (name, str(len(text)) if name == "content-length" else value)
        for name, value in response.headers
    )
    reads = _adjusted(response.reads, passes)
    return replace(response, headers=headers, body=text.encode("latin-1"), reads=reads), True


def _body(response: Response, rules: Sequence[Rule]) -> tuple[str, list[list[Edit]]]:
    """Redact the body, also across its strings; each character of the text is one byte."""
    # Latin-1 maps every byte to one character, and all rules match ASCII only.
    text = (response.body or b"").decode("latin-1")
    known = [rule for rule in rules if isinstance(rule, Known)]
    if not (known and may_hold(text, known)):
        return scrub(text, [rule for rule in rules if not isinstance(rule, Known)])
    text, passes = scrub(text, rules)
    for by_index in (True, False):
        if found := split_places(text, known, by_index=by_index):
            text, edits = replaced(text, found)
            passes.append(edits)
    return text, passes


def _headers(headers: Headers, rules: Sequence[Rule]) -> Headers:
    return tuple(
        (_name(name, rules), _header(name, value, rules))
        for name, value in headers
        if name not in COOKIES
    )


def _name(name: str, rules: Sequence[Rule]) -> str:
    """Redact the name of a header field.

    Only credentials of full length are replaced: a shorter one may be part of an ordinary name,
    such as ``server``.
    """
    full = [rule for rule in rules if isinstance(rule, Known) and rule.mark == REMOVED]
    return scrub(name, full)[0].lower()


def _header(name: str, value: str, rules: Sequence[Rule]) -> str:
    if name in ACCOUNTS:
        return MARK
    if name in CREDENTIALS:
        return _scheme(value) + REMOVED
    return scrub(value, rules)[0]


def _response_header(name: str, value: str, rules: Sequence[Rule]) -> str:
    """Redact the value of a response header field.

    The mark still shows whether a credential in it is the one of the request.
    """
    clean = _header(name, value, rules)
    return (
        _scheme(value) + MARK
        if name in CREDENTIALS and REMOVED not in scrub(value, rules)[0]
        else clean
    )


def _scheme(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return scheme + space if space else ""


def _json(value: Json, rules: Sequence[Rule], depth: int = 0) -> Json:
    """Redact all strings in a JSON value; under a secret field name, replace the whole string.

    What is nested deeper than ``DEEPEST`` levels is replaced as a whole.
    """
    if isinstance(value, str):
        return scrub(value, rules)[0]
    if not isinstance(value, list | Mapping):
        return value
    if depth == DEEPEST:
        return MARK
    if isinstance(value, list):
        return [_json(item, rules, depth + 1) for item in value]
    return {
        scrub(name, rules)[0]: (
            MARK if isinstance(item, str) and _is_secret(name) else _json(item, rules, depth + 1)
        )
        for name, item in value.items()
    }


def _is_secret(name: str) -> bool:
    return re.fullmatch(FIELDS, name, re.IGNORECASE) is not None


def _adjusted(reads: _Reads, passes: Sequence[Sequence[Edit]]) -> _Reads:
    """Adjust the reads to the changed body.

    A read that ended inside a replaced span now ends where the replacement ends.
    """
    ends = list(accumulate(size for _, size in reads))
    for edits in passes:
        ends = _adjusted_ends(ends, edits)
    sizes = [after - before for before, after in pairwise([0, *ends])]
    return tuple((offset, size) for (offset, _), size in zip(reads, sizes, strict=True) if size)


def _adjusted_ends(ends: Sequence[int], edits: Sequence[Edit]) -> list[int]:
    """Adjust positions to one pass of edits; both are in order."""
    adjusted, done, shift = [], 0, 0
    for end in ends:
        while done < len(edits) and edits[done].end <= end:
            shift += edits[done].size - (edits[done].end - edits[done].start)
            done += 1
        if done < len(edits) and edits[done].start < end:
            adjusted.append(edits[done].start + shift + edits[done].size)
        else:
            adjusted.append(end + shift)
    return adjusted


def _request_secrets(request: Request) -> tuple[Rule, ...]:
    """Return rules for the values that the request marks as secret, the longest first."""
    return _marked_secrets(tuple(map(tuple, request.headers)), request.url)


@lru_cache(maxsize=64)
def _marked_secrets(headers: Headers, url: str) -> tuple[Rule, ...]:
    """As ``_request_secrets``; the requests of a log have mostly the same headers and URL."""
    return tuple(_rules_of(headers, url))


def _rules_of(headers: Headers, url: str) -> Iterator[Rule]:
    for secret in sorted(set(_credentials(headers, url)), key=len, reverse=True):
        if len(secret) >= SHORTEST and not secret.startswith(MARK):
            yield rule_of_credential(secret)
    billed = (value for name, value in headers if name == "x-goog-user-project")
    for project in sorted(
        {*re.findall(r"/projects/([^/?#]+)", url), *billed}, key=len, reverse=True
    ):
        if len(project) >= SHORTEST and project not in (PROJECT, MARK):
            yield wherever(unquote(project), PROJECT)


def rule_of_credential(secret: str) -> Known:
    """Return the rule that removes a credential of at least ``SHORTEST`` characters everywhere."""
    return wherever(secret, REMOVED if len(secret) >= MIN_SECRET_LENGTH else MARK)


def _credentials(headers: Headers, url: str) -> Iterator[str]:
    for name, value in headers:
        if name in CREDENTIALS:
            _, space, token = value.partition(" ")
            yield token.strip() if space else value
        elif name in COOKIES:
            yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
    for value in re.findall(
        rf"[?&](?:{PARAMETERS})=([^&#]+)|(?<=://)[^/@:]*:([^/@]+)@", url, re.IGNORECASE
    ):
        yield from map(unquote, filter(None, value))
