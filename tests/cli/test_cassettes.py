"""``conformance cassettes check`` prints problems and missing cassettes."""

from pathlib import Path

from click.testing import CliRunner, Result

from conformance.cli import main
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
