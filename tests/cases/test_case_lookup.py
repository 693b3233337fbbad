"""A request is matched to its case."""

from itertools import chain

import pytest

from conformance.cases import Case, cases
from conformance.cases.case_lookup import probes_shown_by
from conformance.protocol.exchange import Json, Request

CREDENTIALS = [case for case in cases() if case.auth != "right"]


def asked(case: Case, model: str = "some-model") -> Request:
    return Request(
        case.method,
        f"https://somewhere.example/v1beta/openai{case.path}",
        (),
        case.request_for(model),
    )


def test_every_case_is_recognised_whatever_the_model() -> None:
    told = {
        case.id: set(probes_shown_by(asked(case))) for case in cases() if case not in CREDENTIALS
    }
    assert told == {case.id: set(case.probes) for case in cases() if case not in CREDENTIALS}
    assert any(told.values())


def test_cases_that_differ_in_the_credential_alone_are_one() -> None:
    alike = [case for case in CREDENTIALS if case.body == CREDENTIALS[0].body]
    assert len(alike) > 1
    rows = set(chain.from_iterable(case.probes for case in alike))
    assert [set(probes_shown_by(asked(case))) for case in alike] == [rows] * len(alike)


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        "",
        [],
        {"model": 1},
        {"model": "m", "messages": [{"role": "user", "content": "Hello"}]},
        {"user": "\ud800"},
    ],
    ids=["empty", "none", "no text", "list", "odd model", "of one's own", "half a character"],
)
def test_what_no_case_asks_shows_nothing(body: Json) -> None:
    assert (
        probes_shown_by(Request("POST", "https://somewhere.example/v1/chat/completions", (), body))
        == ()
    )


def test_what_is_nested_deep_shows_nothing() -> None:
    body: Json = []
    for _ in range(5000):
        body = [body]
    assert probes_shown_by(Request("POST", "/v1/chat/completions", (), body)) == ()


def test_what_a_case_asks_elsewhere_shows_nothing() -> None:
    (case,) = (each for each in cases() if each.id == "chat-assistants-in-a-row")
    assert probes_shown_by(asked(case))
    assert (
        probes_shown_by(
            Request("POST", "https://somewhere.example/v1/messages", (), case.request_for("m"))
        )
        == ()
    )
