"""Files in a folder that are not meant to be judged are left out, and named or counted."""

import gzip
from pathlib import Path

import pytest

from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import MUST_ONLY
from conformance.protocol.exchange import Exchange
from conformance.reports.formats import FORMATS, LINT_FORMATS
from conformance.reports.formats.found_in_lint import found_in_lint
from conformance.reports.json import lint as lint_json
from conformance.reports.json.run import as_json
from conformance.reports.text.lint import CollectedFindings
from conformance.runs.lint import Tally, lint
from conformance.runs.live.session import ANSWERS
from conformance.traffic import LeftOut, Unreadable, read, size_of
from conformance.traffic.folder_contents import EXPECTED_TO_FAIL, is_own_output
from tests.judging.conftest import completion
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import MUST
from tests.traffic.test_read import CASSETTE, RECORD


def own_outputs(folder: Path) -> dict[str, bytes]:
    """Return outputs of this tool, by file name, that look like recordings in a folder."""
    made = report(folder, failing(MUST))
    tally, gathered, suite = Tally(), CollectedFindings(MUST_ONLY, keep=9), shipped_suite()
    gathered.gather(lint([completion(created=-1)], "auto", tally, suite))
    found = found_in_lint(gathered, tally, 1, suite)
    again = [*lint([completion(created=-1)], "auto", Tally(), suite)]
    return {
        "report.json": as_json(made),
        "run.sarif.json": FORMATS["sarif"](made),
        "lint.sarif.json": LINT_FORMATS["sarif"](found),
        "badge.json": FORMATS["badge"](made),
        "findings.json": lint_json.document(iter(again), tally),
        "findings.ndjson": b"\n".join(lint_json.lines(iter(again), tally)),
    }


def test_our_own_outputs_are_left_out_of_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    outputs = own_outputs(tmp_path / "run")
    for name, content in outputs.items():
        (folder / name).write_bytes(content)
    (folder / "packed.json.gz").write_bytes(gzip.compress(outputs["report.json"]))
    (folder / "traffic.jsonl").write_bytes(RECORD)
    found = list(read([folder], leave_out=True))
    left_out = {Path(each.where).name for each in found if isinstance(each, LeftOut)}
    assert left_out == {*outputs, "packed.json.gz"}
    assert [type(each) for each in found if not isinstance(each, LeftOut)] == [Exchange]


def test_a_named_file_is_read_and_by_default_every_file(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(own_outputs(tmp_path / "run")["report.json"])
    for paths, leave_out in (([file], True), ([tmp_path / "report.json", file], False)):
        assert {type(each) for each in read(paths, leave_out=leave_out)} == {Unreadable}


@pytest.mark.parametrize(
    "head",
    [
        b"",
        RECORD,
        b'{"log": {"version": "1.2"}}',
        b'{"schema_version": 3, "request": {}}',
        b'{"$schema": "https://example.com/har.json", "log": {}}',
        b'{"summary": "a text"}',
        b'[{"schemaVersion": 1, "label": "x"}]',
    ],
)
def test_what_may_be_a_recording_is_read(head: bytes) -> None:
    assert not is_own_output(head)


def shelf(folder: Path, *files: str) -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CASSETTE if path.suffix == ".yaml" else b"a reason\n")


def names(folder: Path) -> tuple[list[str], list[str]]:
    """Return the places of the exchanges and of the folders that are left out."""
    found = list(read([folder], leave_out=True))
    assert not [each for each in found if isinstance(each, Unreadable)]
    start = f"{folder}/"
    return (
        sorted({each.origin.removeprefix(start) for each in found if isinstance(each, Exchange)}),
        [each.where.removeprefix(start) for each in found if isinstance(each, LeftOut)],
    )


def test_the_answers_of_the_run_before_are_left_out(tmp_path: Path) -> None:
    before = f"{ANSWERS}.before"
    shelf(tmp_path, f"r/{ANSWERS}/t/a.yaml", f"r/{before}/t/a.yaml", f"other/{before}/a.yaml")
    places = [f"other/{before}/a.yaml#{number}" for number in (1, 2)]
    kept = [f"r/{ANSWERS}/t/a.yaml#{number}" for number in (1, 2)]
    assert names(tmp_path) == (sorted([*places, *kept]), [f"r/{before}"])
    assert names(tmp_path / "r" / before) == (["t/a.yaml#1", "t/a.yaml#2"], [])


def test_a_target_that_is_expected_to_fail_is_judged_only_if_named(tmp_path: Path) -> None:
    shelf(tmp_path, "good/a.yaml", "bad/a.yaml", f"bad/{EXPECTED_TO_FAIL}")
    assert names(tmp_path) == (["good/a.yaml#1", "good/a.yaml#2"], ["bad"])
    assert names(tmp_path / "bad") == (["a.yaml#1", "a.yaml#2"], [])
    assert size_of([tmp_path], leave_out=True) == len(CASSETTE)
    assert size_of([tmp_path]) == 2 * len(CASSETTE)
