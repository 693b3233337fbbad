"""Annotations: the grammar of workflow commands, at most ten of each kind, the worst first."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from conformance.judging.requirements import requirements
from conformance.reports.formats.found import file_and_line, found_in
from conformance.reports.formats.github import MOST, render, step_summary
from conformance.reports.formats.markdown import render as markdown
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import MODEL, MUST, SHOULD, target, verdict


def made(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> list[str]:
    return render(report(folder, *verdicts, **rest)).decode().splitlines()


def test_the_verdict_comes_first_then_the_worst(tmp_path: Path) -> None:
    lines = made(tmp_path, failing(SHOULD), failing(MODEL), failing(MUST))
    assert [line.split("::")[1] for line in lines] == [
        "error title=chat-conformance",
        f"error title={MUST} (must)",
        f"notice title={MODEL} (must%2C about the model)",
        f"warning title={SHOULD} (should)",
    ]
    assert lines[0].endswith("::FAIL: t, 1 of 3 tested requirements broken, 1 case")
    assert "%0Aexpected: more%0Agot: -1%0A" in lines[1]


def test_a_run_that_passes_is_a_notice(tmp_path: Path) -> None:
    (line,) = made(tmp_path, verdict("pass"))
    assert line.startswith("::notice title=chat-conformance::PASS: t, ")


def test_a_run_that_fails_as_a_whole_is_an_error(tmp_path: Path) -> None:
    (line,) = made(tmp_path, verdict("pass"), targets=[target(failures=["9 cases refused"])])
    assert re.fullmatch("::error .*FAIL: .*; 9 cases refused", line)


def test_there_are_at_most_ten_of_each_kind(tmp_path: Path) -> None:
    verdicts = [
        {**failing(name), "level": level}
        for name, level in zip(requirements(), ["must", "should"] * 40, strict=False)
    ]
    counted = Counter(line.split()[0] for line in made(tmp_path, *verdicts))
    assert counted["::error"] == counted["::warning"] == MOST == 10


def test_values_are_escaped(tmp_path: Path) -> None:
    _, line = made(tmp_path, failing(MUST, "a%,:b\r\n::error::x", message="100% ::x\n::error::y"))
    assert "::100%25 ::x ::error::y (1 of 1 answer," in line
    assert "\r" not in line
    assert line.startswith(f"::error title={MUST} (must)::")


def test_the_place_of_a_file_is_split() -> None:
    assert file_and_line("a/b.jsonl:12") == ("a/b.jsonl", 12)
    assert file_and_line("C:/b.har#3") == ("C:/b.har", None)
    assert file_and_line("the-id") == ("the-id", None)


def test_the_summary_of_a_step_is_the_markdown(tmp_path: Path) -> None:
    each = report(tmp_path, failing(MUST))
    assert step_summary(found_in(each)) == b"\n" + markdown(each)
