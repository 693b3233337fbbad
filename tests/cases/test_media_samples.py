"""Check the smallest media files as far as possible without a decoder."""

import struct
import zlib

import pytest

from conformance.cases.media_samples import SIDE, TINY_FILES, mp3, pdf, png, wav

MAGIC = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF",
    "audio/wav": b"RIFF",
    "audio/mp3": b"\xff\xf3",
    "application/pdf": b"%PDF-",
}

CHECKED = {
    "image/jpeg": 2068626507,
    "image/gif": 2549656445,
    "image/webp": 188445718,
    "audio/wav": 930707104,
    "audio/mp3": 2529190898,
    "application/pdf": 4040803690,
}


@pytest.mark.parametrize("kind", TINY_FILES)
def test_a_file_is_of_its_kind_and_small(kind: str) -> None:
    assert TINY_FILES[kind]().startswith(MAGIC[kind])
    assert len(TINY_FILES[kind]()) < 600


def test_the_bytes_that_decoders_were_shown() -> None:
    """Pillow, miniaudio and pypdf decode these bytes as one color each, silence, and one page."""
    assert {
        kind: zlib.crc32(make()) for kind, make in TINY_FILES.items() if kind != "image/png"
    } == CHECKED


def test_a_png_holds_its_pixels() -> None:
    data = png(1, 2, 3)
    start = data.index(b"IDAT") + 4
    (size,) = struct.unpack(">I", data[start - 8 : start - 4])
    assert zlib.decompress(data[start : start + size]) == (b"\0" + bytes((1, 2, 3)) * SIDE) * SIDE


def test_a_wav_says_how_long_it_is() -> None:
    data = wav()
    assert struct.unpack("<I", data[4:8]) == (len(data) - 8,)
    assert struct.unpack("<I", data[40:44]) == (len(data) - 44,)


def test_each_frame_of_an_mp3_begins_where_the_one_before_ends() -> None:
    assert [mp3()[place : place + 2] for place in range(0, len(mp3()), 72 * 8000 // 16000)] == [
        b"\xff\xf3"
    ] * 4


def test_a_pdf_knows_the_places_of_its_objects() -> None:
    data = pdf()
    start = int(data.split(b"startxref\n")[1].split(b"\n")[0])
    entries = data[start:].split(b"\n")[3:8]
    assert [data[int(entry[:10]) :].split(b"\n")[0][:7] for entry in entries] == [
        b"%d 0 obj" % number for number in range(1, 6)
    ]
