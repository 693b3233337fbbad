"""AUTH: no answer repeats the credential of its request.

The other requirements of the chapter need probes.
"""

from dataclasses import replace
from typing import Any

import pytest

from conformance.protocol.exchange import Exchange
from conformance.traffic.redaction.redact import redact
from tests.helpers.echo_forms import SECRET, forms

KEY = "sk-proj-0123456789abcdef"


def wrong(
    make: Any,
    said: str,
    name: str = "authorization",
    value: str = f"Bearer {KEY}",
    status: int = 401,
) -> Exchange:
    """Return an error that mentions the credential of the request."""
    exchange: Exchange = make.error(status, f"Incorrect API key provided: {said}.")
    return replace(exchange, request=replace(exchange.request, headers=((name, value),)))


@pytest.mark.parametrize("said", ["", "sk-proj-************cdef", "sk-proj...cdef", KEY[:-1]])
def test_a_part_of_a_credential_may_be_repeated(
    said: str, make: Any, findings: Any, outcomes: Any
) -> None:
    assert findings(wrong(make, said)) == {}
    assert outcomes(wrong(make, said))["AUTH-004"] == "pass"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authorization", f"Bearer {KEY}"),
        ("authorization", f"bearer  {KEY}"),
        ("authorization", KEY),
        ("api-key", KEY),
        ("x-api-key", KEY),
        ("x-goog-api-key", KEY),
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_credential_is_never_repeated(
    name: str, value: str, status: int, make: Any, findings: Any
) -> None:
    assert set(findings(wrong(make, KEY, name, value, status))) == {"AUTH-004"}


def told_in(make: Any, field: str, said: str) -> Exchange:
    """Return an error that mentions the credential in a header field."""
    exchange = wrong(make, "")
    return replace(
        exchange,
        response=replace(exchange.response, headers=(*exchange.response.headers, (field, said))),
    )


@pytest.mark.parametrize("field", ["www-authenticate", "x-error", "x-api-key", "authorization"])
@pytest.mark.parametrize("said", [f'Bearer error="{KEY}"', KEY])
def test_a_credential_is_not_repeated_in_a_header_field_either(
    field: str, said: str, make: Any, findings: Any
) -> None:
    each = told_in(make, field, said)
    assert set(findings(each)) == set(findings(redact(each))) == {"AUTH-004"}
    assert KEY not in repr(findings(each))


@pytest.mark.parametrize("field", ["www-authenticate", "x-api-key", "authorization"])
@pytest.mark.parametrize("said", [KEY[:-1], "another-credential", "Bearer another-credential"])
def test_a_header_field_that_says_something_else_does_not_repeat_it(
    field: str, said: str, make: Any, findings: Any
) -> None:
    each = told_in(make, field, said)
    assert findings(each) == findings(redact(each)) == {}
    assert redact(redact(each)) == redact(each)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "dummy",
        "test-api-key",
        "[REDACTED-CREDENTIAL]",
        "[filtered-by-a-proxy]",
        "***************",
        "<API_KEY_OF_MINE>",
        "sk-0123456789abcxxx",
        "sk-0123456789\u2026",
    ],
)
def test_what_is_no_credential_is_not_judged(key: str, make: Any, outcomes: Any) -> None:
    assert outcomes(wrong(make, key, value=f"Bearer {key}"))["AUTH-004"] == "not exercised"


@pytest.mark.parametrize(("said", "outcome"), [(KEY, "fail"), (KEY[:-1], "pass"), ("", "pass")])
def test_a_credential_that_was_taken_out_still_shows_where_it_is_repeated(
    said: str, outcome: str, make: Any, outcomes: Any
) -> None:
    assert outcomes(redact(wrong(make, said)))["AUTH-004"] == outcome


def test_what_is_too_short_for_a_secret_is_not_told_from_its_mark(make: Any, outcomes: Any) -> None:
    assert (
        outcomes(redact(wrong(make, "sk-012345678", value="Bearer sk-012345678")))["AUTH-004"]
        == "pass"
    )


@pytest.mark.parametrize(
    ("key", "outcome"), [("sk-012345678", "not exercised"), ("sk-0123456789", "fail")]
)
def test_the_shortest_credential_is_worth_a_secret(
    key: str, outcome: str, make: Any, outcomes: Any
) -> None:
    assert outcomes(wrong(make, key, value=f"Bearer {key}"))["AUTH-004"] == outcome


def test_a_request_whose_headers_are_unknown_is_not_judged(make: Any, outcomes: Any) -> None:
    assert (
        outcomes(make.error(401, f"Incorrect API key provided: {KEY}."))["AUTH-004"]
        == "not exercised"
    )


def test_a_finding_does_not_repeat_the_credential_either(make: Any, findings: Any) -> None:
    assert KEY not in repr(findings(wrong(make, KEY)))


@pytest.mark.parametrize("form", ["JSON in JSON", "base64 at 1", "hex", "percent", "HTML"])
def test_a_credential_in_another_form_is_repeated_too(form: str, make: Any, findings: Any) -> None:
    exchange = wrong(make, "@", value=f"Bearer {SECRET}")
    body = (exchange.response.body or b"").replace(b"@", forms()[form].encode())
    exchange = replace(exchange, response=replace(exchange.response, body=body))
    assert set(findings(exchange)) == {"AUTH-004"}
