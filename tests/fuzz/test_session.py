"""The fuzzer finds a planted fault of each kind and writes the input to a file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.crash_files import command, failure_of
from tests.helpers.project import ROOT


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("raises", "LookupError at planted.py"),
        ("loops", "TooSlow at planted.py"),
        ("fills the memory", "MemoryError at planted.py"),
        ("dies", "the process ended with 3"),
        ("sleeps", "no end after 0.5 s"),
    ],
)
def test_what_an_input_breaks_is_kept(tmp_path: Path, fault: str, kind: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.planted", fault, str(tmp_path)],
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=100,
    )
    outcome = json.loads(ran.stdout)
    assert outcome["inputs"] > 1
    ((name, why), *_) = outcome["failures"].items()
    path = Path(name)
    assert why.startswith(kind)
    assert path.parent == tmp_path / "planted"
    assert b"{" not in path.read_bytes()
    assert command(path).endswith(f"--replay {path}")


def test_an_input_that_breaks_nothing_is_no_failure() -> None:
    assert failure_of("json-text", b"{}") is None


def test_a_file_is_run_again_by_the_command(tmp_path: Path) -> None:
    path = tmp_path / "json-text" / "1"
    path.parent.mkdir()
    path.write_bytes(b"{}")
    ran = subprocess.run(
        [sys.executable, *command(path).split()[1:]], capture_output=True, cwd=ROOT, timeout=100
    )
    assert (ran.returncode, ran.stdout.decode()) == (0, f"{path}: nothing is wrong\n")
