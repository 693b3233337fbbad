import gzip
import tracemalloc
import zlib

import pytest

from conformance.traffic.content_coding import ALWAYS_DECODED, Inflater, NotDecoded, codings

TEXT = b'data: {"id": "\xff"}\n\n'
packer = zlib.compressobj(wbits=-15)
BARE = packer.compress(TEXT) + packer.flush()
TWO_MEMBERS = gzip.compress(TEXT[:5], mtime=0) + gzip.compress(TEXT[5:], mtime=0)


@pytest.mark.parametrize(
    ("coding", "wire"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", TWO_MEMBERS),
        ("gzip", TWO_MEMBERS + b"\x1frubbish"),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", BARE),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_the_reads_do_not_matter(coding: str, wire: bytes, size: int) -> None:
    inflater = Inflater((coding,))
    assert inflater.is_complete
    pieces = [inflater.add(wire[start : start + size]) for start in range(0, len(wire), size)]
    assert (b"".join(pieces), inflater.is_complete) == (TEXT, True)


@pytest.mark.parametrize("wire", [gzip.compress(TEXT, mtime=0)[:-3], TWO_MEMBERS[:-3], BARE[:1]])
def test_data_that_ends_early_is_not_complete(wire: bytes) -> None:
    inflater = Inflater(("deflate" if wire in BARE else "gzip",))
    assert TEXT.startswith(inflater.add(wire))
    assert not inflater.is_complete


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("gzip", "gzip"), "has 2 content codings, of which only one is undone"),
        (("compress",), "is compressed with compress, which is not supported"),
        (("\x1b]0;" + "x" * 40,), "is compressed with '\\x1b]0;xxxxxxxxxxxxxxxx', which"),
    ],
)
def test_two_codings_or_an_unknown_one_are_refused(names: tuple[str, ...], said: str) -> None:
    with pytest.raises(NotDecoded) as refused:
        Inflater(names)
    assert str(refused.value).startswith(said)


def test_codings_without_their_package_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_module(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", no_module)
    for name in ("br", "zstd"):
        with pytest.raises(NotDecoded, match=f"is compressed with {name}, which is not supported"):
            Inflater((name,))


def test_codings_are_read_from_all_fields() -> None:
    headers = (("content-encoding", " GZIP , identity"), ("x", "br"), ("content-encoding", "br,"))
    assert codings(headers) == ("gzip", "br")


@pytest.mark.parametrize(
    ("size", "most", "said"),
    [
        (20 << 20, 2 << 20, "decompresses to more than 2,097,152 bytes"),
        (4 << 20, 64 << 20, "decompresses to more than 1,000 times its size"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(size: int, most: int, said: str) -> None:
    bomb = gzip.compress(bytes(size))
    tracemalloc.start()
    try:
        with pytest.raises(NotDecoded) as refused:
            Inflater(("gzip",), most).add(bomb)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()
    assert str(refused.value) == said


def test_a_small_body_may_decompress_to_more_than_the_ratio_allows() -> None:
    wire = gzip.compress(bytes(ALWAYS_DECODED))
    assert len(wire) * 1000 > ALWAYS_DECODED > len(Inflater(("gzip",)).add(wire)) - 1
    doubled = gzip.compress(bytes(ALWAYS_DECODED // 2)) * 2
    assert Inflater(("gzip",)).add(doubled) == bytes(ALWAYS_DECODED)


def test_many_empty_members_are_read_in_linear_time() -> None:
    wire = gzip.compress(b"", mtime=0) * 20_000 + gzip.compress(TEXT)
    assert Inflater(("gzip",)).add(wire) == TEXT


@pytest.mark.parametrize(("coding", "package"), [("br", "brotli"), ("zstd", "zstandard")])
def test_the_codings_of_other_packages(coding: str, package: str) -> None:
    compress = pytest.importorskip(package).compress
    wire, inflater = compress(TEXT), Inflater((coding,))
    pieces = [inflater.add(wire[:7]), inflater.add(wire[7:])]
    assert (b"".join(pieces), inflater.is_complete) == (TEXT, True)
    with pytest.raises(NotDecoded, match="decompresses to more than"):
        Inflater((coding,), 8 << 20).add(compress(bytes(64 << 20)))
