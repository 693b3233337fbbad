"""Read an archive that somebody sent: nothing in it is trusted, and nothing is written to disk."""

import hashlib
import io
import json
import stat
import struct
import zipfile
import zlib
from pathlib import Path

from conformance._text import printable
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.layout import (
    MANIFEST,
    MAX_ARCHIVE,
    MAX_FILE,
    MAX_FILES,
    MAX_TOTAL,
    REPORTS,
    Manifest,
    case_of,
    manifest_of,
)

_ENTRY = b"PK\x01\x02"
"""What the entry of each file in a zip archive begins with."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression or a version that Python does not have
    OSError,
    OverflowError,
    RuntimeError,  # an encrypted file
    ValueError,
)


def unpack(path: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest of an archive, and its other files by name.

    Raises:
        ArchiveError: it is too large or damaged, or is not what this suite writes: it has a link,
            an unknown file, or a file that the manifest does not have with this content.
        OSError: the archive cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(MAX_ARCHIVE + 1)
    if len(data) > MAX_ARCHIVE:
        raise ArchiveError(f"the archive is larger than {MAX_ARCHIVE >> 20} MB")
    if data.count(_ENTRY) > MAX_FILES:
        raise ArchiveError(f"the archive has more than {MAX_FILES:,} files")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = _files(archive)
    except ArchiveError:
        raise
    except _BROKEN as error:
        raise ArchiveError(f"the zip archive is damaged: {printable(str(error))[:100]}") from None
    manifest = _manifest(files.pop(MANIFEST, None))
    for name, content in files.items():
        if manifest.files.get(name) != hashlib.sha256(content).hexdigest():
            raise ArchiveError(f"{name} is not the file that {MANIFEST} describes")
    if missing := sorted(manifest.files.keys() - files.keys()):
        raise ArchiveError(f"{missing[0]} is missing")
    return manifest, files


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MAX_TOTAL
    for entry in archive.infolist():
        name = entry.filename
        shown = printable(name[:60])
        if name != MANIFEST and name not in REPORTS and not case_of(name):
            raise ArchiveError(f"{shown!r} is not a file of an archive of this suite")
        if name in files:
            raise ArchiveError(f"{name} is there twice")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise ArchiveError(f"{name} is not an ordinary file but a link, a folder or a device")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError(f"{name} is compressed in a way that this suite does not use")
        with archive.open(entry) as file:
            content = file.read(MAX_FILE + 1)
        left -= len(content)
        if len(content) > MAX_FILE:
            raise ArchiveError(f"{name} is larger than {MAX_FILE >> 20} MB")
        if left < 0:
            raise ArchiveError(f"the files are larger than {MAX_TOTAL >> 20} MB together")
        files[name] = content
    return files


def _manifest(content: bytes | None) -> Manifest:
    if content is None:
        raise ArchiveError(f"{MANIFEST} is missing, so this is not an archive of this suite")
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        raise ArchiveError(f"{MANIFEST} is not valid JSON") from None
    return manifest_of(parsed)
