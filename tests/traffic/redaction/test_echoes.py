"""A credential that a server repeats is gone from the exchange, in each form and each place."""

import json
from collections.abc import Iterable, Iterator

import pytest

from conformance.protocol.exchange import Exchange, Request, Response
from conformance.traffic.redaction.redact import redact
from tests.helpers.echo_forms import (
    SECRET,
    Answer,
    Looker,
    forms,
    split_answers,
    splits,
    value_of,
    whole_answers,
)

ASKED = Request(
    "POST",
    "https://host.example/v1/chat/completions",
    (("authorization", f"Bearer {SECRET}"),),
    {"model": "m", "messages": []},
)
FORMS = forms()
SPLIT = ("base64 at 1", "hex", "percent for all", "HTML", "JSON in JSON", "JSON in JSON in JSON")


def redacted(answer: Answer) -> Response:
    reads = ((0.0, 9), (1.0, len(answer.body) - 9))
    response = Response(answer.status, answer.headers, answer.body, reads, fidelity="bytes")
    return redact(Exchange("x", ASKED, response)).response


def leaks(answers: Iterable[Answer]) -> list[tuple[str, str]]:
    """What is left of the credential, and which strings of JSON are no longer valid."""
    looker = Looker()
    for answer in answers:
        response = redacted(answer)
        body = response.body or b""
        looker.body(answer.name, body)
        for name, value in response.headers:
            looker.text(f"{answer.name}, {name}", value)
        before, after = answer.body.splitlines(), body.splitlines()
        if [*map(is_json, before)] != [*map(is_json, after)]:
            looker.found.append((answer.name, "no longer JSON"))
        if sum(size for _, size in response.reads) != len(body):
            looker.found.append((answer.name, "the reads do not add up"))
    return looker.found


def is_json(line: bytes) -> bool:
    try:
        json.loads(line.removeprefix(b"data: "))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("form", FORMS)
def test_the_credential_is_gone_from_every_place(form: str) -> None:
    assert leaks(whole_answers(form, FORMS[form])) == []


def test_what_is_not_redacted_is_found() -> None:
    """The search is no weaker than the forms: it finds the credential in each of them."""
    for form, text in FORMS.items():
        for answer in whole_answers(form, text):
            looker = Looker()
            looker.body("body", answer.body)
            for name, value in answer.headers:
                looker.text(name, value)
            assert looker.found, answer.name
    for form, pieces in split_forms(every=50):
        for answer in split_answers(form, pieces):
            looker = Looker()
            looker.body("body", answer.body)
            assert looker.found, answer.name


def split_forms(every: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    for form in ("plain", *SPLIT):
        for pieces in list(splits(value_of(FORMS[form])))[::every]:
            yield form, pieces


@pytest.mark.parametrize("place", range(len(list(split_answers("", ("a",))))))
def test_the_credential_is_gone_from_all_its_parts(place: int) -> None:
    """Cut at every position for one place, at some for the others."""
    cuts = split_forms(7 if place == 0 else 31)
    assert leaks(list(split_answers(form, pieces))[place] for form, pieces in cuts) == []


def test_the_parts_of_the_mark_are_together_the_mark() -> None:
    for pieces in splits(SECRET):
        body = (redacted(next(split_answers("plain", pieces))).body or b"").decode()
        events = [json.loads(line[5:]) for line in body.split("\n\n")[: len(pieces)]]
        said = [event["choices"][0]["delta"]["content"] for event in events]
        assert "".join(said) == "REDACTED-CREDENTIAL"


HOSTILE = {
    "lists": b"[" * 200_000,
    "objects in a list": b"[" + b"{}," * 60_000,
    "strings in a list": b"[" + b'"a",' * 50_000,
    "quotes": b'"' * 200_000,
    "escaped quotes": b'{"a": "' + b'\\"' * 100_000,
    "backslashes": b'{"a": "' + b"\\" * 200_000 + b'"}',
    "deep strings": b'{"a":' * 40_000 + b'"x"',
    "many names": b"{" + b",".join(b'"k%d": "x"' % number for number in range(20_000)),
    "escapes of escapes": b"\\u005c" + b"u005c" * 40_000,
    "entities": b"&amp;" * 40_000,
    "blanks": b'"a"' + b" " * 200_000,
    "line ends": b"data:\n\n" * 30_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_looking_for_parts_takes_time_in_proportion_to_the_body(body: bytes) -> None:
    """Where the time grew with the square of the length this would take minutes."""
    parts = f'\n{{"z": "{SECRET[:9]}"}}{{"z": "{SECRET[9:]}"}}'.encode()
    assert (redacted(Answer("x", body + parts)).body or b"").endswith(b'CREDENTIAL"}')


def test_the_reads_of_many_echoes_are_adjusted_in_proportion_to_them() -> None:
    """Where the time grew with reads times echoes this would take minutes."""
    echo, count = f" {SECRET}".encode(), 30_000
    reads = tuple((float(number), len(echo)) for number in range(count))
    response = Response(200, (), echo * count, reads, fidelity="bytes")
    after = redact(Exchange("x", ASKED, response)).response
    assert after.body == b" REDACTED-CREDENTIAL" * count
    assert {size for _, size in after.reads} == {len(b" REDACTED-CREDENTIAL")}
