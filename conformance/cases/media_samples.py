"""Create the smallest valid files of some media types, so none must be shipped or fetched."""

import struct
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

SIDE = 8
"""The width and height of the images in pixels."""


def png(red: int = 220, green: int = 20, blue: int = 20) -> bytes:
    """Return a PNG image of one color."""
    rows = b"".join(b"\0" + bytes((red, green, blue)) * SIDE for _ in range(SIDE))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"IDAT", zlib.compress(rows, 9))
        + _png_chunk(b"IEND", b"")
    )


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg() -> bytes:
    """Return a grey JPEG image.

    It has one block whose only coefficient is 0, so each Huffman table needs one code of one bit.
    """
    quantisation = b"\0" + b"\1" * 64
    frame = struct.pack(">BHHB", 8, SIDE, SIDE, 1) + b"\1\x11\0"
    one_code = b"\1" + b"\0" * 15 + b"\0"
    scan = b"\1\1\0\0\x3f\0"
    segments = (
        (0xDB, quantisation),
        (0xC0, frame),
        (0xC4, b"\0" + one_code),
        (0xC4, b"\x10" + one_code),
        (0xDA, scan),
    )
    marked = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments
    )
    return b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + marked + b"\x3f" + b"\xff\xd9"


def gif(red: int = 20, green: int = 120, blue: int = 220) -> bytes:
    """Return a GIF image of one color.

    The code table is cleared often enough that no code needs more than three bits.
    """
    clear, end = 4, 5
    codes = [code for _ in range(SIDE * SIDE // 2) for code in (clear, 0, 0)] + [end]
    bits = sum(code << 3 * place for place, code in enumerate(codes))
    data = bits.to_bytes((3 * len(codes) + 7) // 8, "little")
    screen = struct.pack("<HHBBB", SIDE, SIDE, 0x80, 0, 0) + bytes(
        (red, green, blue, 255, 255, 255)
    )
    picture = b"," + struct.pack("<HHHHB", 0, 0, SIDE, SIDE, 0)
    return b"GIF89a" + screen + picture + b"\2" + bytes((len(data),)) + data + b"\0;"


def webp(red: int = 20, green: int = 160, blue: int = 60) -> bytes:
    """Return a lossless WebP image of one color.

    Each prefix code has a single symbol, so a pixel takes no bits.
    """
    fields = [(0x2F, 8), (SIDE - 1, 14), (SIDE - 1, 14), (0, 1), (0, 3), (0, 1), (0, 1), (0, 1)]
    for value in (green, red, blue, 255):
        fields += [(1, 1), (0, 1), (1, 1), (value, 8)]
    fields += [(1, 1), (0, 1), (0, 1), (0, 1)]
    bits = place = 0
    for value, width in fields:
        bits |= value << place
        place += width
    data = bits.to_bytes((place + 7) // 8, "little")
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


def wav(samples: int = 160) -> bytes:
    """Return a silent WAV file with 8,000 one-byte samples per second."""
    sound = (
        b"fmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
        + b"data"
        + struct.pack("<I", samples)
        + b"\x80" * samples
    )
    return b"RIFF" + struct.pack("<I", len(sound) + 4) + b"WAVE" + sound


def mp3(frames: int = 4) -> bytes:
    """Return a silent MP3 file.

    Its frames are MPEG 2, layer III, 8 kbit/s, 16 kHz, mono; their side information says that they
    are empty.
    """
    frame = b"\xff\xf3\x18\xc4" + b"\0" * 32
    return frame * frames


def pdf(text: str = "Hello") -> bytes:
    """Return a PDF document of one page with one line of text."""
    shown = f"BT /F1 24 Tf 20 40 Td ({text}) Tj ET".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        (
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1"
            b" 5 0 R>>>>>>"
        ),
        b"<</Length %d>>stream\n%b\nendstream" % (len(shown), shown),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        data
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    )


TINY_FILES: Mapping[str, Callable[[], bytes]] = MappingProxyType(
    {
        "image/png": png,
        "image/jpeg": jpeg,
        "image/gif": gif,
        "image/webp": webp,
        "audio/wav": wav,
        "audio/mp3": mp3,
        "application/pdf": pdf,
    }
)
"""The functions that create the files, by media type."""
