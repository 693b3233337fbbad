"""Reports in other formats: ``--output`` of run, lint and report, and the command report."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conformance.cases import cases
from conformance.cases.core import core
from conformance.cases.corpus import Corpus, corpus_of, shipped_corpus
from conformance.cli import main
from conformance.cli.output_options import Output, OutputError, Outputs, outputs_of
from conformance.judging.suite import shipped_suite
from conformance.reports.formats import FORMATS, LINT_FORMATS
from conformance.reports.json.saved_run import read_run
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import completion
from tests.reports.formats.sample import failing
from tests.reports.sample_reports import MUST, document, verdict, written

NAMES = [*FORMATS]


def called(*arguments: str, **environment: str) -> Result:
    result = CliRunner().invoke(
        main,
        arguments,
        env={"COLUMNS": "200", "NO_COLOR": "1", "GITHUB_STEP_SUMMARY": "", **environment},
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(result: Result) -> str:
    """Return the only line of the error output; nothing was printed, and the exit code is 2."""
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    return line


def few_cases() -> Corpus:
    return corpus_of([each for each in cases() if each.id == "chat-plain"], core())


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the cassettes of one target that fails, in which commands run."""
    monkeypatch.setattr("conformance.cli.run_cases.shipped_corpus", few_cases)
    monkeypatch.chdir(tmp_path)
    shelve(tmp_path / "cassettes", completion(created=-1), provenance="recorded")
    return tmp_path


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder with a saved report."""
    written(tmp_path, document(failing(MUST), verdict("pass", "ENV-002")))
    return tmp_path


def test_the_outputs_are_parsed(tmp_path: Path) -> None:
    file = tmp_path / "a=b.xml"
    assert outputs_of([f"junit={file}", "github"], NAMES).all == (
        Output("junit", file),
        Output("github"),
    )
    assert outputs_of(["markdown=-"], NAMES).replace_text
    assert not outputs_of(["github"], NAMES).replace_text
    assert outputs_of([], NAMES, stdout_taken="--format json") == Outputs()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (["junt=x"], "--output junt=x: no format is named 'junt' (did you mean junit?); the"),
        (["junit"], "--output junit: no file; write --output junit=FILE, or junit=- to print it"),
        (["junit="], "--output junit=: no file; write --output junit=FILE"),
        (["github="], "--output github=: no file"),
        (["junit=no/x.xml"], "--output junit=no/x.xml: there is no folder no; create it"),
        (["junit=."], "--output junit=.: this is a folder; name a file in it"),
        (["junit=/dev/null"], "--output junit=/dev/null: a device; write - for standard output"),
        (["junit=x", "sarif=./x"], "--output: two reports for "),
        (["junit=-", "github"], "--output junit and --output github: only one of them can be"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    given: list[str], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError) as caught:
        outputs_of(given, NAMES)
    assert str(caught.value).startswith(why)
    assert "\n" not in str(caught.value)


def test_json_and_an_output_cannot_both_be_printed() -> None:
    with pytest.raises(OutputError, match="--format json and --output github: only one"):
        outputs_of(["github"], NAMES, stdout_taken="--format json")


def test_a_run_writes_several_formats_at_once(shelf: Path) -> None:
    given = [part for name in NAMES for part in ("--output", f"{name}=out.{name}")]
    result = called("run", "--target", "sample", "--report", ".", *given)
    assert result.exit_code == 1, result.output
    assert result.stdout.startswith("FAIL: sample, ")
    again = read_run(shelf, shipped_suite(), shipped_corpus())
    for name in NAMES:
        assert (shelf / f"out.{name}").read_bytes() == FORMATS[name](again), name


def test_a_file_may_be_in_the_folder_of_the_report(shelf: Path) -> None:
    result = called("run", "--target", "sample", "--report", "new", "--output", "junit=new/j.xml")
    assert result.exit_code == 1
    assert (shelf / "new" / "j.xml").is_file()


@pytest.mark.usefixtures("shelf")
def test_a_printed_output_is_in_place_of_the_text() -> None:
    result = called("run", "--target", "sample", "--output", "markdown=-")
    assert result.exit_code == 1
    assert result.stdout.startswith("**FAIL**: sample, ")
    assert "exit code" not in result.stdout


def test_annotations_are_printed_after_the_text_and_summed_up(shelf: Path) -> None:
    summary = shelf / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    result = called(
        "run", "--target", "sample", "--output", "github", GITHUB_STEP_SUMMARY=str(summary)
    )
    lines = result.stdout.splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("::"))
    assert lines[first - 1].startswith("FAIL: exit code 1")
    assert all(line.startswith("::") for line in lines[first:])
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n\n**FAIL**: sample, ")


def test_nothing_for_github_is_written_unless_asked_for(shelf: Path) -> None:
    summary = shelf / "summary.md"
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    result = called("run", "--target", "sample", "--output", "github=a.txt", **environment)
    assert not any(line.startswith("::") for line in result.stdout.splitlines())
    assert (shelf / "a.txt").read_text(encoding="utf-8").startswith("::error ")
    assert not summary.exists()


@pytest.mark.usefixtures("shelf")
def test_a_run_refuses_a_wrong_output_before_it_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.cli.run_cases.replayed", pytest.fail)
    assert "there is no folder no;" in refused(called("run", "--output", "junit=no/x.xml"))


def test_a_file_that_cannot_be_written_is_named_after_the_report(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, _: bytes) -> None:
        if path.name == "j.xml":
            raise OSError(28, "No space left on device", str(path))
        path.write_bytes(b"written")

    monkeypatch.setattr("conformance._files.write_atomic", full)
    result = called(
        "run", "--target", "sample", "--output", "junit=j.xml", "--output", "badge=b.json"
    )
    assert result.exit_code == 2
    assert result.stdout.startswith("FAIL: ")
    assert result.stderr.splitlines() == ["Error: j.xml: No space left on device"]
    assert (shelf / "b.json").is_file()


def test_a_lint_writes_what_it_found(shelf: Path) -> None:
    given = [part for name in LINT_FORMATS for part in ("--output", f"{name}=out.{name}")]
    result = called("lint", "cassettes", *given)
    assert result.exit_code == 1
    assert result.stdout.startswith("FAIL: ")
    (run,) = json.loads((shelf / "out.sarif").read_bytes())["runs"]
    assert [each["ruleId"] for each in run["results"]] == [MUST]
    assert "file=cassettes/sample/chat-plain.yaml," in (shelf / "out.github").read_text()
    assert (shelf / "out.markdown").read_text().startswith("**FAIL**: 1 requirement broken, ")


@pytest.mark.parametrize("given", ["../cassettes", "absolute"])
def test_the_places_of_a_lint_are_relative_to_the_repository(
    given: str, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf / "part").mkdir()
    monkeypatch.chdir(shelf / "part")
    folder = str(shelf / "cassettes") if given == "absolute" else given
    outputs = [part for name in LINT_FORMATS for part in ("--output", f"{name}=out.{name}")]
    called("lint", folder, *outputs, GITHUB_WORKSPACE=str(shelf))
    (run,) = json.loads(Path("out.sarif").read_bytes())["runs"]
    (place,) = run["results"][0]["locations"]
    path = "cassettes/sample/chat-plain.yaml"
    assert place["physicalLocation"]["artifactLocation"]["uri"] == path
    assert f"file={path}," in Path("out.github").read_text()
    assert f"{path}#1" in Path("out.markdown").read_text()


def test_the_expectations_of_a_run_are_relative_to_the_repository(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shelf / "conformance-expectations.toml").write_text(
        f'[[expectations]]\nrequirement = "{MUST}"\ntarget = "sample"\nreason = "r"\n'
        'until = 2020-01-01\noccurs = "always"\n'
    )
    monkeypatch.setattr("conformance.cli.run_cases.shipped_corpus", few_cases)
    result = called(
        "run", "--target", "sample", "--output", "github", GITHUB_WORKSPACE=str(shelf.parent)
    )
    (line,) = [line for line in result.stdout.splitlines() if "title=expectation" in line]
    assert line.startswith(f"::error file={shelf.name}/conformance-expectations.toml,line=1,")


@pytest.mark.parametrize(
    ("name", "why"),
    [("no/summary.md", "there is no folder no"), ("cassettes", "this is a folder")],
)
def test_a_summary_that_cannot_be_written_is_refused_before_the_work(
    name: str, why: str, shelf: Path
) -> None:
    for command in (("run", "--target", "sample", "--report", "out"), ("lint", "cassettes")):
        asked = (*command, "--output", "github")
        assert refused(called(*asked, GITHUB_STEP_SUMMARY=name)) == (
            f"Error: GITHUB_STEP_SUMMARY={name}: {why}; unset GITHUB_STEP_SUMMARY, or set it to a"
            " file that can be written"
        )
    assert not (shelf / "out" / "report.json").exists()
    fine = called("lint", "cassettes", "--output", "github=f", GITHUB_STEP_SUMMARY=name)
    assert fine.exit_code == 1  # a file for github needs no summary


def test_a_summary_without_permission_is_refused(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: str(path) != "summary.md")
    (shelf / "summary.md").touch()
    asked = ("lint", "cassettes", "--output", "github")
    assert ": it cannot be written; unset" in refused(
        called(*asked, GITHUB_STEP_SUMMARY="summary.md")
    )


@pytest.mark.usefixtures("shelf")
def test_a_lint_refuses_formats_that_need_a_run() -> None:
    assert "the formats are sarif, markdown, github" in refused(
        called("lint", "cassettes", "--output", "junit=x")
    )
    assert "--format json: give only one" in refused(
        called("lint", "cassettes", "--output", "sarif=x", "--format", "json")
    )


def test_a_saved_report_is_shown_again(saved: Path) -> None:
    result = called("report", str(saved))
    assert result.exit_code == 0
    assert result.stdout.startswith("FAIL: t, 1 of 2 tested requirements broken, 1 case")
    assert called("report", str(saved / "report.json")).stdout == result.stdout
    assert result.stdout.splitlines()[-1] == "FAIL: the run's exit code was 1"
    assert "ENV Envelope" in called("report", str(saved), "--show", "chapters").stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_report_is_printed_in_a_format(name: str, saved: Path) -> None:
    result = called("report", str(saved), "--output", f"{name}=-")
    again = read_run(saved, shipped_suite(), shipped_corpus())
    assert (result.exit_code, result.stdout_bytes) == (0, FORMATS[name](again))


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (
            document(schema_version=2),
            "schema_version: is 2, expected 3: written by an older version",
        ),
        (
            b'{"schema_version": 3, "verd',
            ": the file was cut; run again, conformance run ... --report DIR",
        ),
        (document(verdict("pass", requirement="ENV-999")), "unknown requirement ENV-999"),
        (document({**verdict("pass"), "level": "maybe"}), "verdicts.0.level: "),
    ],
)
def test_a_file_that_is_not_a_report_is_one_line(made: Any, why: str, tmp_path: Path) -> None:
    file = written(tmp_path, made)
    line = refused(called("report", str(tmp_path), "--output", "junit=-"))
    assert line.startswith(f"Error: {file}: ")
    assert why in line


def test_a_missing_report_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "my reports"
    made = f"`conformance run ... --report '{folder}'` writes one"
    for path in (folder, folder / "report.json"):
        assert refused(called("report", str(path))) == (
            f"Error: {path}: there is no such report; {made}"
        )
    folder.mkdir()
    assert refused(called("report", str(folder))) == (
        f"Error: {folder}: no report.json in this folder; {made}"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--report", "rep", "--output", "junit=rep/report.json"),
        ("run", "--report", "rep", "--output", "html=rep/.lock"),
        ("run", "--output", "markdown=test_same.py", "--emit", "pytest=test_same.py"),
        ("lint", "cassettes/sample/chat-plain.yaml", "--output", "sarif=link.yaml"),
        ("lint", "t.py", "--emit", "pytest=t.py"),
        ("report", "rep", "--output", "html=rep/report.json"),
    ],
)
def test_a_file_that_the_command_uses_is_not_replaced(
    arguments: tuple[str, ...], shelf: Path
) -> None:
    written(shelf / "rep", document(failing(MUST)))
    (shelf / "t.py").write_text("{}")
    (shelf / "link.yaml").symlink_to(shelf / "cassettes" / "sample" / "chat-plain.yaml")
    before = {path: path.read_bytes() for path in shelf.rglob("*") if path.is_file()}
    assert "name another" in refused(called(*arguments))
    assert {path: path.read_bytes() for path in shelf.rglob("*") if path in before} == before
