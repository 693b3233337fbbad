"""Findings as blocks: one block for each requirement."""

from conformance.reports.text.blocks import blocks
from conformance.testing.assertions import lint_exchanges
from tests.judging.conftest import completion, error, stream


def test_a_block_has_everything_and_a_requirement_has_one() -> None:
    rows = lint_exchanges(
        [completion(created=-1), completion(created=0), stream(created=-1)], "openai"
    ).failing
    first, second = blocks(rows)
    assert first.splitlines() == [
        (
            "ENV-008  must  `created` of the response is an integer and a plausible Unix time in"
            " seconds (not 0, not milliseconds)"
        ),
        "  conftest.py:1 /created",
        "  the number is too small",
        "  Expected: 1000000000 or more",
        "  Actual:   -1",
        "  Source:   OpenAI's contract (conformance explain ENV-008)",
        "  and in 1 other exchange",
    ]
    assert second.startswith("SEQ-022  must  ")
    assert "\n  conftest.py:1 event 0 /created\n" in second
    assert "(4 times)" in second
    assert "other exchange" not in second.splitlines()[-1]


def test_what_is_known_says_so() -> None:
    llama = {"profile": "openai-compatible", "server": "llama.cpp"}
    known = lint_exchanges(
        [error(400, {"error": {"message": "No.", "type": "x", "code": 400}}, meta=llama)], "auto"
    ).known
    assert known
    assert all(" [known: " in block for block in blocks(known))


def test_nothing_found_is_no_block() -> None:
    assert blocks([]) == []
