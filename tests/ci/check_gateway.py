"""Run ``.ci/check-gateway`` as a CI service does, with its own folder and environment."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from conformance.endpoints.reference import TOKEN
from tests.helpers.project import ROOT

SCRIPT = ROOT / ".ci" / "check-gateway"
KEY = "GATEWAY_KEY"
"""The name of the variable that holds the token of the reference endpoint."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code and output of the script, and the files that it wrote."""

    exit_code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def report(self) -> Path:
        """The folder of the report."""
        return self.folder / "conformance-report"

    @property
    def summary(self) -> str:
        """The text of the summary of the step."""
        return _text(self.folder / "step-summary.md")

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of the step."""
        lines = _text(self.folder / "step-outputs").splitlines()
        return dict(line.split("=", 1) for line in lines)


def check_gateway(folder: Path, *, github: bool = True, **inputs: str) -> Outcome:
    """Run the script in ``folder`` with the inputs as variables, on GitHub or elsewhere."""
    done = subprocess.run(
        ["sh", str(SCRIPT)],
        cwd=folder,
        env=environment(folder, github=github) | inputs,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    return Outcome(done.returncode, done.stdout, done.stderr, folder)


def environment(folder: Path, *, github: bool) -> dict[str, str]:
    """Return the variables of a job: those of GitHub Actions, the key, and what Python needs."""
    here = {name: os.environ[name] for name in ("PYTHONPATH", "HOME") if name in os.environ}
    job = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(folder / "step-summary.md"),
        "GITHUB_OUTPUT": str(folder / "step-outputs"),
    }
    return here | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_PROXY": "127.0.0.1",
        KEY: TOKEN,
        **(job if github else {}),
    }


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
