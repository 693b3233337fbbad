import pytest

from conformance.protocol.answer_limit import BYTES_PER_PART, MAX_PARTS, readable_size

TOKEN = b'{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[]}'


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b",".join([TOKEN] * (8_000_000 // (len(TOKEN) + 1))) + b"]",
        b'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n' * 80_000,
        b'{"a":"' + b"a, " * 500_000 + b'"}',
        b"{" * MAX_PARTS,
        b"x" * 8_000_000,
    ],
    ids=[
        "log-probabilities",
        "a long stream",
        "prose",
        "as many parts as allowed",
        "one long text",
    ],
)
def test_a_body_with_few_enough_parts_is_read_to_its_end(body: bytes) -> None:
    assert readable_size(body) == len(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 2 * MAX_PARTS + b"{" * 200_000,
        b"{},".join([b""] * (MAX_PARTS + 200_000)),
        b"\n" * 3 * MAX_PARTS,
        b"data:{}\n\n" * MAX_PARTS,
        b"[" + b"0," * 5 * MAX_PARTS,
    ],
    ids=["nested", "objects", "blank lines", "chunks", "numbers"],
)
def test_a_body_with_too_many_parts_is_read_in_part(body: bytes) -> None:
    assert MAX_PARTS // 4 < readable_size(body) < len(body)


def test_a_larger_body_may_have_more_parts() -> None:
    parts = b"{" * (MAX_PARTS + 100_000)
    assert readable_size(parts) < len(parts)
    whole = parts + b"a" * BYTES_PER_PART * (MAX_PARTS + 100_000)
    assert readable_size(whole) == len(whole)
