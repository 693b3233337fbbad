import gzip
import io
import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
import yaml

from conformance.protocol.exchange import Exchange
from conformance.traffic import Outcome, Unreadable, read, size_of

CHAT = "https://h/v1/chat/completions"
RECORD = orjson.dumps({"request": {"url": CHAT}, "response": {"status": 200, "body": "{}"}}) + b"\n"
ENTRY = {
    "request": {"method": "POST", "url": CHAT},
    "response": {"status": 200, "content": {"text": "{}"}},
}
HAR = orjson.dumps({"log": {"entries": [ENTRY, ENTRY]}}, option=orjson.OPT_INDENT_2)
INTERACTION = {
    "request": {"method": "POST", "uri": CHAT},
    "response": {"status": {"code": 200}, "body": {"string": "{}"}},
}
CASSETTE = yaml.safe_dump(
    {
        "interactions": [INTERACTION, INTERACTION],
        "version": 1,
        "conformance": {"version": 1, "case": "c"},
    },
    sort_keys=False,
).encode()
BOM = b"\xef\xbb\xbf"
NOISE = random.Random(1)


def read_file(folder: Path, name: str, data: bytes) -> list[Outcome]:
    path = folder / name
    path.write_bytes(data)
    return list(read([path]))


def exchanges(outcomes: list[Outcome]) -> list[Exchange]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exchange)]


def unreadable(outcomes: list[Outcome]) -> list[Unreadable]:
    return [outcome for outcome in outcomes if isinstance(outcome, Unreadable)]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("mark", [b"", BOM], ids=["", "byte order mark"])
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.jsonl", RECORD * 2),
        ("t.json", RECORD * 2),
        ("t.json", HAR),
        ("t.har", HAR),
        ("t.yml", CASSETTE),
    ],
)
def test_every_format_is_read_plain_and_gzipped(
    tmp_path: Path, name: str, data: bytes, mark: bytes, packed: bool
) -> None:
    data = mark + data
    found = read_file(tmp_path, name + ".gz" * packed, gzip.compress(data) if packed else data)
    assert [outcome.id for outcome in exchanges(found)] == ["t-1", "t-2"]
    assert len(found) == 2


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    assert len(exchanges(read_file(tmp_path, "t.jsonl", gzip.compress(RECORD)))) == 1
    assert len(exchanges(read_file(tmp_path, "t.jsonl.gz", RECORD))) == 1


def test_a_folder_is_read_recursively_and_sorted(tmp_path: Path) -> None:
    for name in (
        "b/x.har",
        "b/a/z.jsonl.gz",
        "a.yaml",
        "c.ndjson",
        "a.txt",
        ".hidden/h.jsonl",
        "._a.jsonl",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        data = {".har": HAR, ".yaml": CASSETTE}.get(Path(name).suffix, RECORD)
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = list(read([tmp_path]))
    origins = [outcome.origin.removeprefix(f"{tmp_path}{os.sep}") for outcome in exchanges(found)]
    assert origins == [
        "a.yaml#1",
        "a.yaml#2",
        "c.ndjson:1",
        "b/x.har#1",
        "b/x.har#2",
        "b/a/z.jsonl.gz:1",
    ]
    assert len(found) == len(origins)


def test_several_paths_are_read_in_order_and_lazily(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_bytes(RECORD)
    found = read([tmp_path / "b.jsonl", str(tmp_path / "a.jsonl"), tmp_path / "missing"])
    assert [getattr(next(found), "id", None) for _ in range(2)] == ["b-1", "a-1"]
    (tmp_path / "missing").write_bytes(RECORD)
    assert [outcome.id for outcome in exchanges(list(found))] == ["missing-1"]


class Pipe(io.BytesIO):
    """Standard input that comes through a pipe: it can be read once."""

    def seekable(self) -> bool:
        return False

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise io.UnsupportedOperation("seek")


@pytest.mark.parametrize(
    "data",
    [RECORD * 2, HAR, CASSETTE, BOM + CASSETTE, gzip.compress(CASSETTE)],
    ids=["JSONL", "HAR", "YAML", "YAML with BOM", "gz"],
)
def test_standard_input_is_told_by_its_content(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(data)))
    found = list(read(["-"]))
    assert [outcome.id for outcome in exchanges(found)] == ["stdin-1", "stdin-2"]
    assert len(found) == 2


def test_our_block_is_found_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(CASSETTE))))
    assert [outcome.meta for outcome in exchanges(list(read(["-"])))] == [{"case": "c"}] * 2


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jsonl", b"", "the file is empty"),
        ("a.jsonl.gz", gzip.compress(b"", mtime=0), "the file is empty"),
        ("a.jsonl", BOM, "the file is empty"),
        ("a.jsonl", b"\n \n", "the file contains no exchanges"),
        ("a.har", b'{"log": {"entries": []}}', "the file contains no exchanges"),
        ("a.yaml", b"interactions: []\n", "the file has no interactions"),
        ("a.jsonl", bytes(range(256)) * 100, "the file is binary"),
        ("a.har", bytes(range(256)) * 100, "the file is binary"),
        ("a.yaml", bytes(range(256)) * 100, "the file is binary"),
        ("a.yaml.gz", gzip.compress(b"\0PNG" * 1000, mtime=0), "the file is binary"),
        ("a.jsonl", RECORD.decode().encode("utf-16"), "in UTF-8"),
        (
            "a.json",
            b'{\n  "id": "a",\n  "response": {}\n}\n',
            "JSON that spans several lines: write one exchange record per line, as jq -c does",
        ),
        ("a.json", b"[\n" + RECORD + b"]", "JSON that spans several lines"),
        ("a.har", b"rubbish", "not a HAR file"),
        ("a.har", b"\xff\xfe\xfd", "not a HAR file"),
        ("a.yaml", b"rubbish", "not a YAML mapping"),
        ("a.gz", b"\x1f\x8brubbish", "the gzip data is damaged"),
        ("a.gz", b"\x1f\x8b", "the gzip data is damaged"),
    ],
)
def test_a_file_that_holds_no_recording_is_one_line(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (outcome,) = read_file(tmp_path, name, data)
    assert isinstance(outcome, Unreadable)
    assert outcome.where.startswith(str(tmp_path / name))
    assert said in outcome.why


def noise() -> str:
    """A text that gzip makes no shorter than half."""
    return NOISE.randbytes(500).hex()


def broken_copies(data: bytes) -> Iterator[tuple[str, bytes]]:
    packed = gzip.compress(data, 1)
    yield "truncated", packed[: len(packed) * 2 // 3]
    yield (
        "damaged",
        packed[: len(packed) * 2 // 3] + bytes(100) + packed[len(packed) * 2 // 3 + 100 :],
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl.gz", b"\n".join(RECORD.replace(b"{}", noise().encode()) for _ in range(200))),
        (
            "a.har.gz",
            orjson.dumps({"log": {"entries": [{**ENTRY, "x": noise()} for _ in range(200)]}}),
        ),
        (
            "a.yaml.gz",
            yaml.safe_dump(
                {"interactions": [{**INTERACTION, "x": noise()} for _ in range(200)]}
            ).encode(),
        ),
    ],
    ids=["JSONL", "HAR", "YAML"],
)
def test_what_is_whole_before_a_broken_gzip_is_read(tmp_path: Path, name: str, data: bytes) -> None:
    for kind, packed in broken_copies(data):
        found = read_file(tmp_path, name, packed)
        assert 80 < len(exchanges(found)) < 150, kind
        if kind == "truncated":
            assert found[len(exchanges(found)) :] == [
                Unreadable(
                    str(tmp_path / name),
                    "the gzip data is damaged or incomplete; everything before that point was read",
                )
            ]
        assert unreadable(found)


def test_what_is_whole_before_a_broken_gzip_is_read_from_a_pipe_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = yaml.safe_dump(
        {"interactions": [{**INTERACTION, "x": noise()} for _ in range(200)]}
    ).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(gzip.compress(data)[:-20_000])))
    found = list(read(["-"]))
    assert len(exchanges(found)) > 100
    assert found[-1] == Unreadable(
        "stdin", "the gzip data is damaged or incomplete; everything before that point was read"
    )


def test_unreadable_lines_before_a_broken_gzip_are_told(tmp_path: Path) -> None:
    wrong, broken = read_file(
        tmp_path,
        "a.jsonl.gz",
        gzip.compress(b"rubbish\n" + "".join(noise() for _ in range(5)).encode())[:-2000],
    )
    assert isinstance(wrong, Unreadable)
    assert isinstance(broken, Unreadable)
    assert (wrong.where, broken.where) == (
        f"{tmp_path / 'a.jsonl.gz'}:1",
        str(tmp_path / "a.jsonl.gz"),
    )


def test_a_missing_file_is_one_line_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(RECORD)
    first, second = read([tmp_path / "missing.jsonl", tmp_path / "a.jsonl"])
    assert first == Unreadable(str(tmp_path / "missing.jsonl"), "no such file or folder")
    assert isinstance(second, Exchange)


def test_a_name_that_is_no_text_is_shown_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"\xff")
    (folder / "empty").mkdir(parents=True)
    (folder / "a.jsonl").write_bytes(RECORD)
    (exchange,) = exchanges(list(read([folder])))
    assert exchange.origin == f"{tmp_path}/\ufffd/a.jsonl:1"
    assert next(iter(read([folder / "empty"]))).where == f"{tmp_path}/\ufffd/empty"  # type: ignore[union-attr]


def test_a_closed_standard_input_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert list(read(["-"])) == [Unreadable("stdin", "standard input is closed")]


def test_a_piped_cassette_is_copied_to_disk_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.traffic.files.MAX_COPIED", 3 << 20)
    endless = gzip.compress(CASSETTE + b"# a comment\n" * (1 << 19))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(endless)))
    *found, last = read(["-"])
    assert len(exchanges(found)) == len(found) > 0
    assert last == Unreadable(
        "stdin",
        "a cassette of more than 3 MB is not read from a pipe: save it as a file",
    )


def test_a_folder_without_recordings_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    (outcome,) = read([tmp_path])
    assert isinstance(outcome, Unreadable)
    assert outcome.where == str(tmp_path)
    assert outcome.why.startswith("the folder contains no recordings (.jsonl, ")


READ_AS_NOBODY = """
import os, sys
sys.path[:0] = {path!r}
from conformance.traffic import read
list(read([]))  # loads what is needed while that is allowed
if os.geteuid() == 0:
    os.seteuid(65534)
for outcome in read(sys.argv[1:]):
    print(getattr(outcome, "why", "read"))
"""


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_what_may_not_be_read_is_one_line_and_the_rest_is_read(tmp_path: Path) -> None:
    locked = tmp_path / "sub"
    locked.mkdir()
    for path in (tmp_path / "a.jsonl", tmp_path / "b.jsonl", locked / "c.jsonl"):
        path.write_bytes(RECORD)
    (tmp_path / "a.jsonl").chmod(0)
    tmp_path.chmod(0o755)
    locked.chmod(0)
    command = [sys.executable, "-c", READ_AS_NOBODY.format(path=sys.path), ".", "sub/c.jsonl"]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    locked.chmod(0o755)
    assert run.stderr == ""
    assert run.stdout.splitlines() == [
        "permission denied",
        "read",
        "permission denied",
        "permission denied",
    ]


def test_a_broken_file_is_closed(tmp_path: Path) -> None:
    found = read([tmp_path / "a.jsonl"])
    (tmp_path / "a.jsonl").write_bytes(RECORD * 2)
    next(found)
    found.close()  # type: ignore[attr-defined]  # a file left open would be a warning, which is an error here


def special_files(folder: Path) -> list[Path]:
    """Make a named pipe, a socket and links to them and to a device, named like recordings."""
    pipe, place, zero = folder / "p.jsonl", folder / "s.har", folder / "z.yaml.gz"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place))
    zero.symlink_to("/dev/zero")
    (folder / "q.json").symlink_to(pipe)
    return [pipe, folder / "q.json", place, zero]


@pytest.mark.skipif(os.name != "posix", reason="special files of POSIX")
def test_a_special_file_in_a_folder_is_named_and_not_read(tmp_path: Path) -> None:
    specials = special_files(tmp_path)
    (tmp_path / "x.jsonl").write_bytes(RECORD)
    command = [sys.executable, "-m", "conformance", "lint", "--format", "json", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, check=False, timeout=60)
    told = orjson.loads(run.stdout)
    assert told["summary"]["exchanges"] == 1
    kinds = ("a named pipe", "a named pipe", "a socket", "a device")
    assert {each["location"]: each["why"].partition(",")[0] for each in told["unreadable"]} == dict(
        zip(map(str, specials), kinds, strict=True)
    )
    assert run.returncode == 2
    assert str(specials[0]) in run.stderr.decode()
    assert size_of([tmp_path]) == len(RECORD)


@pytest.mark.skipif(os.name != "posix", reason="named pipes of POSIX")
def test_a_named_pipe_that_the_user_names_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "p.jsonl"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(pipe.write_bytes, RECORD)
        assert len(exchanges(list(read([pipe])))) == 1
        writing.result()


def test_an_answer_with_too_many_parts_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    body = "{" * 500_000
    path.write_text(f'{{"response": {{"status": 200, "body": "{body}"}}}}\n', encoding="utf-8")
    (outcome,) = read([path])
    assert isinstance(outcome, Unreadable)
    assert outcome.why == "the answer has more objects, arrays and lines than are judged (420,000)"
