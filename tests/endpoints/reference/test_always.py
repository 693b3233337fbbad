"""The endpoint shows each known deviation that describes how Google's endpoints answer today."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from conformance.cases import DOCUMENTED, read_cases
from conformance.endpoints.reference.answers.drafts import BLOCKED, FILTERED
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.in_process import embedded
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import Deviation, profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange
from tests.endpoints.reference.conftest import exchange_of

GOOGLE = ("vertex-gemini", "gemini-api")
MORE: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "vertex-gemini": (
        {"model": "xai/grok-4.1-fast-reasoning"},
        {"content": BLOCKED},
        {"content": BLOCKED, "stream": True},
    ),
    "gemini-api": ({"content": FILTERED}, {"content": FILTERED, "stream": True}),
}
"""What no case asks: a model of another publisher, and what a filter stops."""

TODAY: Mapping[str, Mapping[str, str]] = {
    "vertex-gemini": {"ERR-001": "the body of a response with status 404 is an HTML page"},
    "gemini-api": {
        "CHO-005": "finish_reason `content_filter: NAME` or `function_call_filter: NAME`",
        "ERR-018": "the body of an error response is an array with one element",
        "MSG-009": "no key `content` in the message",
        "SEQ-008": "every delta has a role",
        "SEQ-009": "no key `finish_reason` in the choices of chunks before the last chunk",
        "SEQ-015": (
            "`usage` is sent in chunks that have choices: in the last such chunk, or in every such"
            " chunk"
        ),
        "TOOL-007": "no `index` in tool-call deltas",
        "USG-003": "thinking tokens are counted in total_tokens only",
    },
}
"""What each endpoint answers whenever the condition holds: by profile, what is seen of a
requirement."""


def exchanges(name: str) -> Iterator[Exchange]:
    """The answers to the documented cases, and to some more requests."""
    abilities = [profile(name).capabilities_of(model) for model in dialect_of(name).listed]
    for case in read_cases(DOCUMENTED):
        if any(case.needs <= able for able in abilities):
            exchange = embedded(name)(case)
            assert isinstance(exchange, Exchange)
            yield exchange
    for fields in MORE[name]:
        body = {"model": dialect_of(name).listed[0], **fields}
        body["messages"] = [{"role": "user", "content": body.pop("content", "Say hello.")}]
        yield exchange_of(body, name)


@pytest.mark.parametrize("name", GOOGLE)
def test_each_deviation_of_today_is_shown(name: str) -> None:
    judge = judge_for(profile(name), shipped_suite())
    found = [
        each
        for exchange in exchanges(name)
        for each in judge.findings(exchange)
        if isinstance(each, JudgedFinding)
    ]
    assert [each for each in found if not each.known and each.level != "may"] == []
    shown: list[Deviation] = [each.known for each in found if each.known]
    assert set(TODAY[name].items()) - {(each.requirement, each.seen) for each in shown} == set()
    always = [each for each in profile(name).deviations if each.frequency == "always"]
    assert [(each.requirement, each.seen) for each in always if each not in shown] == []
