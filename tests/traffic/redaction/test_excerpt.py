"""Excerpts are readable, can be written as JSON, and contain no secret or part of one."""

import json
from collections.abc import Iterator, Sequence

import orjson
import pytest

from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.rule import end_of
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Json, Request, Response
from conformance.reports.json.lint import lines
from conformance.runs.lint import Tally, lint
from conformance.traffic.redaction.excerpt import LONGEST, shortened, shown, shown_all, was_cut
from conformance.traffic.redaction.patterns import BY_LOOK, Rule
from conformance.traffic.redaction.redact import rules_for
from tests.traffic.redaction.test_redact import IN_ERRORS, LOOKS

KEY = "AIza" + "Sy0123456789abcdef" * 2


@pytest.mark.parametrize("value", [None, True, 7, 1.5, "", "x" * LONGEST, [], {"a": [1, "b"]}])
def test_what_is_short_is_shown_as_it_is(value: Json) -> None:
    assert shown(value) == value


@pytest.mark.parametrize("value", ["x" * (LONGEST + 1), ["x" * LONGEST], {"x": "y" * LONGEST}])
def test_what_is_long_is_cut_and_says_how_long_it_was(value: Json) -> None:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    assert shown(value) == f"{text[:LONGEST]}… ({len(text)} characters)" == shortened(text)
    assert was_cut(str(shown(value)))


@pytest.mark.parametrize("value", [2**64, [2**64], {"sum": -(2**63) - 1}])
def test_a_number_that_cannot_be_written_is_shown_as_text(value: Json) -> None:
    assert shown(value) == json.dumps(value)
    orjson.dumps(shown(value))


@pytest.mark.parametrize(
    "before", [0, 1, 100, LONGEST - 30, LONGEST - 10, LONGEST - 1, LONGEST + 30]
)
def test_a_secret_is_not_shown_wherever_it_is_cut(before: int) -> None:
    text = str(shown("a " * (before // 2) + "." * (before % 2) + KEY + " b" * 300))
    assert not any(KEY[start : start + 8] in text for start in range(len(KEY) - 8))


@pytest.mark.parametrize("kept", [4, 12, 23, 30])
def test_the_beginning_of_a_secret_at_the_end_of_a_text_that_a_rule_cut_is_not_shown(
    kept: int,
) -> None:
    assert shown("the key " + KEY[:kept]) == "the key REDACTED"


def test_the_end_of_a_text_begins_at_a_blank() -> None:
    assert end_of("short", 80) == end_of("short", 5) == "short"
    assert end_of("a b " + KEY + " is the key", 20) == "is the key"
    assert end_of("x" * 100, 80) == "x" * 80


@pytest.mark.parametrize("header", ["authorization", "api-key", "x-goog-api-key"])
@pytest.mark.parametrize("secret", ["0123456789abcdef0123456789abcdef", "a/b+c=defghij"])
def test_the_credential_of_the_request_itself_is_not_repeated(header: str, secret: str) -> None:
    request = Request(
        url="https://x.example/v1/chat/completions",
        headers=((header, f"Bearer {secret}"),),
        body={"model": "m", "messages": []},
    )
    body = orjson.dumps({"error": {"message": f"no access with {secret}", "code": 7}})
    exchange = Exchange(
        "one", request, Response(403, (("content-type", "application/json"),), body)
    )
    assert secret not in str(shown(f"with {secret}", rules_for(request)))

    def told() -> Iterator[str]:
        tally = Tally()
        for line in lines(lint([exchange], "openai", tally, shipped_suite()), tally):
            yield line.decode()

    assert list(judge_for(profile("openai"), shipped_suite()).findings(exchange))
    assert secret not in "".join(told())
    assert "REDACTED" in "".join(told())


@pytest.mark.parametrize(
    "rules", [BY_LOOK, rules_for(Request(url="https://h/v1?key=k9-Zq_7vault"))]
)
def test_values_are_shown_together_as_one_by_one(rules: Sequence[Rule]) -> None:
    said = [look for look, _ in [*LOOKS.values(), *IN_ERRORS.values()]]
    values = [
        *said,
        *({"a": [text]} for text in said),
        *("k9-Zq_7vault", "azktWnFfN3ZhdWx0", "k9%2DZq_7vault", "is sk-012", "x" * 500),
        *(None, "", 7, "0123456789", 2**70, ["x" * 500], "x" * 395 + said[0]),
    ]
    for _ in range(2):  # the second time from memory
        assert shown_all(values, rules) == [shown(value, rules) for value in values]
