"""An archive has the answers and reports of a run, and none of its secrets."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.protocol.exchange import Exchange
from conformance.runs.archive import packing
from conformance.runs.archive.archive_error import ArchiveError
from conformance.runs.archive.layout import manifest_of
from conformance.runs.archive.packing import Asked, check, pack
from conformance.runs.archive.secrets import Secret
from conformance.runs.archive.unpacking import unpack
from conformance.traffic.cassette_writer import write
from tests.helpers.made_archives import MODEL, PROFILE, answer, stored, zipped

ASKED = Asked(PROFILE, MODEL, "0123456789abcdef", "2026-11-21")
SECRETS = (Secret("project in the URL", "my-project-7"), Secret("variable KEY", "Zx81Qw73Lk20"))


def with_header(exchange: Exchange, name: str, value: str) -> Exchange:
    headers = (*exchange.response.headers, (name, value))
    return replace(exchange, response=replace(exchange.response, headers=headers))


def packed(folder: Path, *more: str, **reports: str) -> dict[str, str]:
    """The files of the archive of a run that answered one case and ``more``."""
    cases = {"chat-plain", "chat-system", *more}
    content = {name.replace("_", "."): text.encode() for name, text in reports.items()}
    archive = pack(ASKED, folder, cases, content, SECRETS)
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        return {name: files.read(name).decode() for name in files.namelist()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The answers of a run: to one of two cases, and one of an earlier run."""
    write(tmp_path / "chat-plain.yaml", answer())
    write(tmp_path / "stream-plain.yaml", answer("stream-plain"))
    return tmp_path


def test_it_has_the_answers_of_this_run_the_reports_and_a_manifest(folder: Path) -> None:
    files = packed(folder, report_json="{}", report_txt="ok\n")
    assert list(files) == ["manifest.json", "answers/chat-plain.yaml", "report.json", "report.txt"]
    manifest = manifest_of(json.loads(files["manifest.json"]))
    assert (manifest.profile, manifest.model, manifest.corpus, manifest.collected) == ASKED
    assert list(manifest.files) == list(files)[1:]


def test_it_is_read_as_it_was_written(folder: Path, tmp_path: Path) -> None:
    data = pack(ASKED, folder, {"chat-plain"}, {"report.txt": b"ok"}, SECRETS)
    assert data == pack(ASKED, folder, {"chat-plain"}, {"report.txt": b"ok"}, SECRETS)
    manifest, files = unpack(stored(tmp_path, data))
    assert (manifest.model, files["report.txt"]) == (MODEL, b"ok")


def test_no_secret_of_the_run_is_in_it(folder: Path) -> None:
    planted = "my-project-7 my%2Dproject-7 Wng4MVF3NzNMazIw a@b.iam.gserviceaccount.com"
    body = json.dumps({"id": "a", "object": "chat.completion", "x": planted}).encode()
    made = answer()
    made = replace(made, response=replace(made.response, body=body, reads=((1.0, len(body)),)))
    (folder / "chat-plain.yaml").unlink()
    write(folder / "chat-plain.yaml", with_header(made, "x-debug", "host-7"))
    assert "my-project-7" in (folder / "chat-plain.yaml").read_text(encoding="utf-8")
    text = "".join(
        packed(
            folder,
            report_txt=f'unanswered: {planted}, "{{\\"requestId\\": \\"abc-123\\"}}"',
            report_json=json.dumps({"why": planted, "actual": [{"requestId": "abc-123"}]}),
        ).values()
    )
    for secret in ("my-project-7", "my%2Dproject", "Wng4MVF3", "gserviceaccount", "host-7"):
        assert secret not in text
    assert "abc-123" not in text
    assert '\\"requestId\\": \\"REDACTED\\"' in text


def test_nothing_is_written_if_a_secret_is_left(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "chat-plain.yaml", with_header(answer(), "x-debug", "in my-project-7"))
    monkeypatch.setattr(packing, "anonymous", lambda exchange, _: exchange)
    with pytest.raises(ArchiveError, match=r"^answers/chat-plain\.yaml would hold the p"):
        packed(folder)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("report.txt", "of my-project-7", "report.txt would hold the project in the URL"),
        ("report.txt", "bXktcHJvamVjdC03", "report.txt would hold the project in the"),
        ("report.txt", "my&#45;project-7", "report.txt would hold the project in the"),
        ("a\nZx81Qw73Lk20", "", "the name of a file would hold the variable KEY"),
        ("report.txt", "1\nya29.abcdefgh", "report.txt would hold what looks like a secret in l"),
        ("report.txt", "sk-abcdefgh12345678", "would hold what looks like a secret in line 1"),
    ],
)
def test_a_finished_archive_is_searched(name: str, text: str, why: str) -> None:
    check(zipped([("report.txt", b"of my project")]), SECRETS)
    with pytest.raises(ArchiveError) as raised:
        check(zipped([(name, text.encode())]), SECRETS)
    assert why in str(raised.value)
    assert text.splitlines() == [] or text.splitlines()[-1] not in str(raised.value)


def test_a_run_without_answers_has_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no answers"):
        packed(tmp_path)


def test_an_answer_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "chat-plain.yaml").write_text("half a cass", encoding="utf-8")
    with pytest.raises(ArchiveError, match=r"chat-plain\.yaml cannot be read"):
        packed(folder)
