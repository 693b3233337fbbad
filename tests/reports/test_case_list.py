"""The list of cases, as text and as JSON."""

import json

from conformance.cases import Case
from conformance.reports.case_list import as_json, as_text

BODY = {"model": "{model}", "messages": [{"role": "user", "content": "👋 \u2028"}]}
PLAIN = Case("chat-plain", "a plain answer", "SEED 1", frozenset(), "/chat/completions", BODY)
WRONG = Case(
    "auth-wrong",
    "a wrong credential, streamed",
    "7.9",
    frozenset({"tools", "stream"}),
    "/no/such",
    "{",
    auth="wrong",
    probes=("AUTH-002",),
)


def test_the_columns_stand_under_each_other() -> None:
    long = Case(
        "an-id-of-a-greater-length", "the longest", "1.1", frozenset(), "/chat/completions", {}
    )
    assert (
        as_text([WRONG, PLAIN, long], None)
        == "auth-wrong                 a wrong credential, streamed (needs stream, tools)\n"
        "chat-plain                 a plain answer\n"
        "an-id-of-a-greater-length  the longest\n"
    )


def test_a_case_with_a_purpose_is_listed_with_it() -> None:
    purposes = {"auth-wrong": "the key is checked"}
    assert (
        as_text([WRONG, PLAIN], None, purposes)
        == "auth-wrong  the key is checked (needs stream, tools)\nchat-plain  a plain answer\n"
    )
    listed = json.loads(as_json([WRONG, PLAIN], purposes))
    assert listed[0]["purpose"] == "the key is checked"
    assert "purpose" not in listed[1]


def test_a_line_is_cut_at_the_width_of_a_terminal() -> None:
    assert as_text([WRONG, PLAIN], 26) == "auth-wrong  a wrong crede…\nchat-plain  a plain answer\n"
    assert as_text([PLAIN], 1) == "…\n"


def test_no_case_is_no_line() -> None:
    assert as_text([], 80) == ""
    assert json.loads(as_json([])) == []


def test_a_program_gets_the_whole_request() -> None:
    assert json.loads(as_json([WRONG, PLAIN])) == [
        {
            "id": "auth-wrong",
            "feature": "a wrong credential, streamed",
            "source": "7.9",
            "needs": ["stream", "tools"],
            "probes": ["AUTH-002"],
            "request": {"method": "POST", "path": "/no/such", "body": "{", "auth": "wrong"},
        },
        {
            "id": "chat-plain",
            "feature": "a plain answer",
            "source": "SEED 1",
            "needs": [],
            "probes": [],
            "request": {"method": "POST", "path": "/chat/completions", "body": BODY},
        },
    ]
