"""The ids of requirements as users type them."""

import pytest

from conformance.judging.requirements.typed_ids import id_like


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SSE-003", "SSE-003"),
        ("sse-003", "SSE-003"),
        ("sse3", "SSE-003"),
        ("SSE-3", "SSE-003"),
        ("sse 14", "SSE-014"),
        ("sse_03", "SSE-003"),
        ("meta1", "META-001"),
        ("nonsense", "NONSENSE"),
        ("sse-1234", "SSE-1234"),
        ("sse-0", "SSE-0"),
        ("", ""),
    ],
)
def test_an_id_may_be_typed_in_several_ways(typed: str, meant: str) -> None:
    assert id_like(typed) == meant
