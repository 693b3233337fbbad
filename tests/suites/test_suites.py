"""The suites give the same verdicts as ``conformance run``, in any folder, order and process."""

import importlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from conformance import suites

Verdicts: TypeAlias = set[tuple[str, str, str, str]]
TELLER = """
import json
from pathlib import Path
from conformance.testing.plugin import judged_cases

def pytest_terminal_summary(config):
    Path("told.json").write_text(json.dumps(list(judged_cases(config))))
"""


@dataclass(frozen=True, slots=True)
class Anywhere:
    """A folder from which an installation of the suite is used."""

    site: Path
    folder: Path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        path = os.pathsep.join(
            filter(None, (str(self.site), str(self.folder), os.environ.get("PYTHONPATH")))
        )
        environment = {**kept, "PYTHONPATH": path, "COLUMNS": "200"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def suite(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the suites as a user does; the plugin ``teller`` writes the verdicts to told.json."""
        (self.folder / "teller.py").write_text(TELLER, encoding="utf-8")
        settings = (
            "-p",
            "conformance.plugin",
            "-p",
            "teller",
            "-p",
            "no:cacheprovider",
            "-W",
            "error",
        )
        return self.python("-m", "pytest", *settings, "--pyargs", "conformance.suites", *arguments)

    def told(self) -> Verdicts:
        """Return the verdicts of the last run."""
        cases = json.loads((self.folder / "told.json").read_text(encoding="utf-8"))
        verdicts = {
            (case["target"], case["case"], row, outcome)
            for case in cases
            for outcome, rows in case["verdicts"].items()
            for row in rows
        }
        return {
            verdict for verdict in verdicts if verdict[-1] != "not exercised"
        }  # of which the report tells by target only

    def report(self, *arguments: str) -> dict[str, Any]:
        """Run the command as a user does; return its report."""
        done = self.python(
            "-c", "from conformance.cli import main; main()", "run", "--format", "json", *arguments
        )
        report: dict[str, Any] = json.loads(done.stdout)
        return report


def summary(output: str) -> list[str]:
    """Return the lines of the summary, sorted, because workers finish in any order."""
    (section,) = re.findall(r"^=+ conformance =+\n(.*?)^=", output, re.MULTILINE | re.DOTALL)
    return sorted(section.splitlines())


def verdicts(report: dict[str, Any]) -> Verdicts:
    return {
        (each["target"], each["case"], each["requirement"], each["verdict"])
        for each in report["verdicts"]
    }


@pytest.fixture
def anywhere(installed: Path, tmp_path: Path) -> Anywhere:
    return Anywhere(installed, tmp_path)


@dataclass(frozen=True, slots=True)
class Whole:
    """The results of pytest and of the command, both with everything."""

    text: str
    code: int
    told: Verdicts
    report: dict[str, Any]


@pytest.fixture(scope="module")
def whole(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Whole:
    anywhere = Anywhere(installed, tmp_path_factory.mktemp("anywhere"))
    done = anywhere.suite("-v", "-rA")
    assert "Traceback" not in done.stdout + done.stderr
    names = ("sample", "llama.cpp", "reference", "self-test")
    named = [word for name in names for word in ("--target", name)]
    return Whole(done.stdout, done.returncode, anywhere.told(), anywhere.report(*named))


def test_both_front_doors_give_the_same_verdicts(whole: Whole) -> None:
    assert whole.told == verdicts(whole.report)
    assert {outcome for *_, outcome in whole.told} == {"pass", "fail", "known", "stale"}
    assert whole.code == pytest.ExitCode.TESTS_FAILED


def test_two_processes_say_what_one_says(whole: Whole, anywhere: Anywhere) -> None:
    pytest.importorskip("xdist")
    done = anywhere.suite("-n", "2")
    assert anywhere.told() == whole.told
    assert done.returncode == whole.code
    assert summary(done.stdout) == summary(whole.text)


@pytest.mark.parametrize(
    "chosen",
    [
        (
            "--target",
            "sample",
            "--target",
            "llama.cpp",
            "--requirement",
            "ERR-019",
            "--requirement",
            "ENV-008",
        ),
        ("--profile", "openai-compatible", "--target", "llama.cpp"),
    ],
)
def test_what_is_chosen_is_chosen_at_both(anywhere: Anywhere, chosen: tuple[str, ...]) -> None:
    anywhere.suite(*chosen)
    assert anywhere.told() == verdicts(anywhere.report(*chosen)) != set()


def test_findings_are_subtests_and_only_those_that_decide_fail(whole: Whole) -> None:
    failed = set(re.findall(r"^SUBFAILED\[([\w-]+)\] .*?\[([^\]]+)\]", whole.text, re.MULTILINE))
    assert failed == {
        ("ENV-008", "sample/chat-must-fails"),
        ("META-001", "sample"),
        ("ERR-007", "llama.cpp/error-stale"),
        ("ERR-019", "llama.cpp/error-stale"),
        ("unreadable", "sample/unknown-version"),
    }
    found = [each for each in whole.report["verdicts"] if each["findings"]]
    others = [
        each
        for each in found
        if not {
            (each["requirement"], name)
            for name in (each["target"], f"{each['target']}/{each['case']}")
        }
        & failed
    ]
    assert {each["verdict"] for each in others} == {"known", "fail"}
    assert re.search(rf"\b{len(others) + whole.report['summary']['refused']} xfailed\b", whole.text)


def test_a_failing_finding_shows_sentence_place_and_evidence(whole: Whole) -> None:
    failures = whole.text.partition("= FAILURES =")[2].partition("= PASSES =")[0]
    assert "fail: ENV-008  must  " in failures
    assert "\n/created\n" in failures
    assert "Actual:   -1" in failures
    assert "def test_" not in failures


def test_a_broken_cassette_is_told_in_one_line(whole: Whole, installed: Path) -> None:
    assert (
        f"{installed}/conformance/cassettes/sample/unknown-version.yaml: unsupported"
        " conformance block version 7" in whole.text
    )


def test_what_was_not_exercised_is_told_apart_as_the_command_tells_it(whole: Whole) -> None:
    for target in (each for each in whole.report["targets"] if each["provenance"] != "emulated"):
        left = target["not_exercised"]
        names = f"{', '.join(left[:8])} and {len(left) - 8} more"
        assert f"  not tested: {len(left)} requirements ({names})\n" in whole.text
    lines = summary(whole.text)
    assert sum(line.startswith("  not tested: ") for line in lines) == 2  # not the self-test


def test_the_summary_has_a_verdict_and_what_is_broken_for_each_target(whole: Whole) -> None:
    lines = summary(whole.text)
    heads = [line for line in lines if not line.startswith(" ")]
    real = [line for line in heads if line.startswith(("FAIL: llama.cpp, ", "FAIL: sample, "))]
    assert [re.sub(r"\d+ (?=tested)", "N ", line) for line in real] == [
        "FAIL: llama.cpp, 2 of N tested requirements broken, 2 cases, judged as openai-compatible",
        "FAIL: sample, 2 of N tested requirements broken, 5 cases, judged as openai",
    ]
    assert all(re.search("^(PASS|FAIL): ", line) for line in heads)
    assert (
        "  must    ENV-008  1 of 4 answers: the number is too small; first in chat-must-fails"
        " /created" in lines
    )
    assert max(map(len, lines)) <= 200


def test_an_item_that_exercises_nothing_is_skipped_and_all_of_them_are_no_success(
    anywhere: Anywhere,
) -> None:
    some = anywhere.suite(
        "--target", "llama.cpp", "--target", "reference", "--requirement", "ERR-001"
    )
    assert "2 passed, 3 skipped" in some.stdout
    assert some.returncode == pytest.ExitCode.OK
    none = anywhere.suite("--target", "reference", "--requirement", "META-001")
    assert "2 skipped" in none.stdout
    assert none.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_features_without_a_case_are_no_error_if_empty_parameter_sets_are(
    anywhere: Anywhere,
) -> None:
    (anywhere.folder / "pytest.ini").write_text(
        "[pytest]\nempty_parameter_set_mark = fail_at_collect\n", encoding="utf-8"
    )
    done = anywhere.suite("--target", "llama.cpp", "--requirement", "ERR-001")
    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert "no-item" not in done.stdout


def test_one_case_is_chosen_by_its_name(anywhere: Anywhere) -> None:
    done = anywhere.suite("-k", "stream-plain and not sdk")
    assert re.search(
        r"\b2 passed, \d+ deselected", done.stdout
    )  # of a cassette and of the self-test
    assert done.returncode == pytest.ExitCode.OK


def test_without_cassettes_the_suite_fails(anywhere: Anywhere) -> None:
    shelf = anywhere.site / "conformance" / "cassettes"
    kept = shelf.rename(shelf.with_name("kept"))
    shelf.mkdir()
    try:
        done = anywhere.suite()
    finally:
        shelf.rmdir()
        kept.rename(shelf)
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert f"{shelf} holds no cassettes (TARGET/CASE.yaml), so nothing was judged" in done.stdout
    assert "Traceback" not in done.stdout


def test_an_older_pytest_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pytest, "Subtests")
    with pytest.raises(
        ImportError,
        match=(
            r"\Athe feature tests need pytest 9 or newer, but this is [\d.]+: pip install"
            r" 'chat-conformance\[suites\]'\Z"
        ),
    ):
        importlib.reload(suites)
