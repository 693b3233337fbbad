import gzip
import zlib

import pytest

from conformance.traffic.formats.body import Body, decoded, from_base64
from conformance.traffic.formats.record_fields import ShapeError

TEXT = b'data: {"id": "\xff"}\n\n'


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT[:5], mtime=0) + gzip.compress(TEXT[5:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", bare_deflate(TEXT)),
        ("identity, gzip", gzip.compress(TEXT, mtime=0)),
    ],
)
def test_content_encodings_are_undone(coding: str, wire: bytes) -> None:
    assert decoded(wire, (("content-encoding", coding),), "body") == Body(
        TEXT, "bytes", is_complete=True, as_sent=False
    )


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity", "br, deflate"])
def test_a_body_that_the_recorder_decoded_is_taken_as_it_is(coding: str) -> None:
    assert decoded(b'{"a": 1}', (("content-encoding", coding),), "body") == Body(
        b'{"a": 1}', "bytes"
    )


def test_a_body_whose_encoding_ends_early_is_cut() -> None:
    wire = gzip.compress(TEXT * 1000)
    body = decoded(wire[: len(wire) // 2], (("content-encoding", "gzip"),), "body")
    assert body.content
    assert (TEXT * 1000).startswith(body.content)
    assert not body.is_complete


@pytest.mark.parametrize(
    ("coding", "wire", "said"),
    [
        ("gzip", b"\x1f\x8b\x08rubbish", "does not match its content-encoding"),
        ("deflate", b"\xff\xfe\xfd", "does not match its content-encoding"),
        (
            "br",
            b"\x1b\xff",
            "body is compressed with br, which is not supported: record with Accept-Encoding: gzip",
        ),
        ("compress", b"\x1f\x9d\xff", "body is compressed with compress, which is not supported"),
        (
            "gzip, gzip",
            gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0),
            "body has 2 content codings, of which only one is undone: record with",
        ),
    ],
)
def test_a_body_that_cannot_be_decoded_is_refused(coding: str, wire: bytes, said: str) -> None:
    with pytest.raises(ShapeError) as refused:
        decoded(wire, (("content-encoding", coding),), "body")
    assert said in str(refused.value)


def test_a_compression_bomb_is_refused() -> None:
    headers = (("content-encoding", "gzip"),)
    assert decoded(gzip.compress(bytes(1 << 20)), headers, "body").content == bytes(1 << 20)
    with pytest.raises(ShapeError, match=r"body decompresses to more than 1,000 times its size"):
        decoded(gzip.compress(bytes(4 << 20)), headers, "body")


def test_base64_may_be_folded_and_must_be_base64() -> None:
    assert from_base64(" /w==\n", "body") == b"\xff"
    for wrong in ("/w=", "/w==*", "é"):
        with pytest.raises(ShapeError, match="body is not base64"):
            from_base64(wrong, "body")
