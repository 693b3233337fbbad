"""``conformance cassettes check`` prints problems and missing cassettes, ``import`` results."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.traffic.cassette_writer import cassette
from tests.helpers.made_archives import TARGET, answer, answer_text, archive, stored, zipped
from tests.helpers.made_cassettes import shelve


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["cassettes", "check", *arguments])


def test_problems_are_told_and_make_it_fail(tmp_path: Path) -> None:
    shelve(tmp_path, case="chat-gone")
    result = run(str(tmp_path))
    assert result.exit_code == 1
    assert "sample/chat-gone.yaml: unused: there is no such case; delete it\n" in result.stdout
    assert result.stdout.endswith("1 cassette, 1 problem.\n")


def test_what_was_left_half_written_is_told(tmp_path: Path) -> None:
    shelve(tmp_path, case="chat-plain")
    (tmp_path / "sample" / ".chat-plain.yaml.123.part").write_text(
        "interactions:", encoding="utf-8"
    )
    result = run(str(tmp_path))
    assert (
        "sample/.chat-plain.yaml.123.part: incomplete, because its recording was killed; delete"
        " it\n" in result.stdout
    )
    assert result.exit_code == 1


def test_what_is_missing_is_told_and_no_problem() -> None:
    result = run("--target", "llama.cpp")
    assert result.exit_code == 0
    assert "0 problems." in result.stdout


def test_an_unknown_target_is_told(tmp_path: Path) -> None:
    shelve(tmp_path)
    result = run(str(tmp_path), "--target", "nobody")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "unknown target 'nobody'" in result.stderr


def test_an_archive_is_imported(tmp_path: Path) -> None:
    recorded = {"recorded": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    system = cassette(answer("chat-system", **recorded)).replace('"temperature": 0', '"x": 0')
    files = {
        "answers/chat-plain.yaml": answer_text(**recorded),
        "answers/chat-system.yaml": system.encode(),
    }
    folder = tmp_path / "cassettes"
    arguments = ["import", str(stored(tmp_path, archive(files))), "--folder", str(folder)]
    result = CliRunner().invoke(main, ["cassettes", *arguments])
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "left out: chat-system: the case sends another request now",
            f"{folder / TARGET}: 1 cassette written.",
        ],
    )
    assert run(str(folder)).exit_code == 0


def test_answers_of_another_host_need_an_option(tmp_path: Path) -> None:
    made = answer(recorded=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    local = replace(made.request, url="http://127.0.0.1:1/v1/chat/completions")
    files = {"answers/chat-plain.yaml": cassette(replace(made, request=local)).encode()}
    folder = tmp_path / "cassettes"
    arguments = ["import", str(stored(tmp_path, archive(files))), "--folder", str(folder)]
    result = CliRunner().invoke(main, ["cassettes", *arguments])
    assert (result.exit_code, folder.exists()) == (1, False)
    assert result.stderr.endswith("for hosts of Google over https; --any-host accepts it\n")
    assert CliRunner().invoke(main, ["cassettes", *arguments, "--any-host"]).exit_code == 0


@pytest.mark.parametrize("source", ["issue 7", "http://x/1", "javascript:x", "https://x/`1`"])
def test_the_source_of_an_archive_is_an_https_url(tmp_path: Path, source: str) -> None:
    recorded = {"recorded": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    path = stored(tmp_path, archive({"answers/chat-plain.yaml": answer_text(**recorded)}))
    folder = tmp_path / "cassettes"
    arguments = ["import", str(path), "--folder", str(folder), "--source"]
    result = CliRunner().invoke(main, ["cassettes", *arguments, source])
    assert (result.exit_code, folder.exists()) == (2, False)
    assert (
        result.stderr == f"Error: --source {source!r}: write an https URL, such as that of the"
        " issue\n"
    )
    url = "https://github.com/OWNER/REPO/issues/1#issuecomment-2"
    assert CliRunner().invoke(main, ["cassettes", *arguments, url]).exit_code == 0


def test_a_hostile_archive_is_one_line(tmp_path: Path) -> None:
    path = stored(tmp_path, zipped([("../../evil.yaml", b"")]))
    folder = str(tmp_path / "cassettes")
    result = CliRunner().invoke(main, ["cassettes", "import", str(path), "--folder", folder])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"Error: {path}: '../../evil.yaml' is not a file of an archive of this suite\n"
    )
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.skipif(os.name != "posix", reason="names of files of POSIX")
def test_the_name_of_a_file_commands_nothing(tmp_path: Path) -> None:
    cassette = shelve(tmp_path)
    cassette.rename(cassette.with_name("x\n::error::owned\x1b[2J.yaml"))
    result = CliRunner().invoke(main, ["cassettes", "check", str(tmp_path)])
    assert result.exit_code == 1
    assert "x\\n::error::owned\\x1b[2J.yaml: unused" in result.stdout
