"""A hostile archive is refused in one line, and costs little memory and time."""

import random
import stat
import time
import zipfile
from pathlib import Path

import pytest

from conformance.runs.archive import unpacking
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.layout import MAX_FILE
from conformance.runs.archive.unpacking import unpack
from tests.helpers.made_archives import TARGET, answer_text, archive, manifest, stored, zipped

GOOD = {"answers/chat-plain.yaml": answer_text(), "report.txt": b"ok"}


def refused(folder: Path, data: bytes) -> str:
    """The one line with which an archive is refused."""
    with pytest.raises(ArchiveError) as raised:
        unpack(stored(folder, data))
    message = str(raised.value)
    assert message.isprintable()
    assert len(message) < 300
    return message


def entry(name: str, mode: int, content: bytes = b"/etc/passwd") -> bytes:
    """A good archive with one more entry of this mode."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return zipped([("manifest.json", manifest(GOOD)), *GOOD.items(), (info, content)])


def test_a_good_archive_is_read(tmp_path: Path) -> None:
    made, files = unpack(stored(tmp_path, archive(GOOD)))
    assert made.target == TARGET
    assert files == GOOD


@pytest.mark.parametrize(
    "name",
    [
        "../chat-plain.yaml",
        "/etc/cron.d/x",
        "answers/../../x.yaml",
        "answers\\..\\x.yaml",
        "C:\\x.yaml",
        "answers/",
        "answers/sub/x.yaml",
        "answers/x.py",
        "conftest.py",
        "answers/\x1b[2J.yaml",
    ],
)
def test_a_file_with_another_name_is_refused(name: str, tmp_path: Path) -> None:
    data = zipped([("manifest.json", manifest(GOOD)), *GOOD.items(), (name, b"")])
    assert "is not a file of an archive" in refused(tmp_path, data)


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO, stat.S_IFCHR])
def test_links_folders_and_devices_are_refused(mode: int, tmp_path: Path) -> None:
    data = entry("report.json", mode | 0o777)
    assert refused(tmp_path, data) == (
        "report.json is not an ordinary file but a link, a folder or a device"
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, entry("report.txt", 0o100644)) == "report.txt is there twice"


def test_a_file_that_unpacks_to_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    bomb = zipped([("manifest.json", b"0" * (MAX_FILE + 1))])
    assert len(bomb) < 100_000
    assert refused(tmp_path, bomb) == "manifest.json is larger than 16 MB"


def test_files_that_are_too_large_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_TOTAL", 1 << 20)
    files = [(f"answers/{number}.yaml", b"0" * (1 << 18)) for number in range(5)]
    assert "larger than 1 MB together" in refused(tmp_path, zipped(files))


def test_too_many_files_are_refused_before_any_is_read(tmp_path: Path) -> None:
    data = zipped((f"answers/{number}.yaml", b"") for number in range(5001))
    assert refused(tmp_path, data) == "the archive has more than 5,000 files"


def test_too_large_an_archive_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "MAX_ARCHIVE", 1 << 20)
    path = stored(tmp_path, archive(GOOD))
    unpack(path)
    with path.open("r+b") as file:
        file.truncate(2 << 20)
    with pytest.raises(ArchiveError, match="larger than 1 MB"):
        unpack(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(method: int, tmp_path: Path) -> None:
    info = zipfile.ZipInfo("report.json")
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(info, b"x", method)
    assert "compressed in a way" in refused(tmp_path, path.read_bytes())


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "damaged"),
        (b"PK", "damaged"),
        (b"\x1f\x8b" + b"\0" * 99, "damaged"),
        (b"interactions:\n", "damaged"),
        (archive(GOOD)[:-40], "damaged"),
        (zipped([]), "manifest.json is missing"),
        (zipped([("report.txt", b"ok")]), "manifest.json is missing"),
        (zipped([("manifest.json", b"{")]), "manifest.json is not valid JSON"),
        (zipped([("manifest.json", b"\xff\xfe{")]), "manifest.json is not valid JSON"),
        (zipped([("manifest.json", b"[" * 100_000)]), "manifest.json is not valid JSON"),
        (zipped([("manifest.json", b"9" * 10_000)]), "manifest.json is not valid JSON"),
        (zipped([("manifest.json", b"[]")]), "manifest.json: expected an object with format 1"),
        (archive(GOOD, format=2), "manifest.json: expected an object with format 1"),
        (
            zipped([("manifest.json", manifest(GOOD)), ("report.txt", b"ok")]),
            "answers/chat-plain.yaml is missing",
        ),
        (
            zipped([("manifest.json", manifest(GOOD)), *{**GOOD, "report.txt": b"no"}.items()]),
            "report.txt is not the file that manifest.json describes",
        ),
        (
            zipped([("manifest.json", manifest(GOOD)), *GOOD.items(), ("report.json", b"{}")]),
            "report.json is not the file that manifest.json describes",
        ),
    ],
    ids=range(16),
)
def test_what_is_damaged_or_incomplete_is_refused(data: bytes, why: str, tmp_path: Path) -> None:
    assert why in refused(tmp_path, data)


def test_whatever_bytes_are_changed_it_is_read_or_refused(tmp_path: Path) -> None:
    good, chance, begun = archive(GOOD), random.Random(1), time.monotonic()
    outcomes = set()
    for _ in range(500):
        data = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            assert unpack(stored(tmp_path, bytes(data)))[1] == GOOD
            outcomes.add("read")
        except ArchiveError as error:
            assert str(error).isprintable()
            outcomes.add("refused")
    assert outcomes == {"read", "refused"}
    assert time.monotonic() - begun < 30
