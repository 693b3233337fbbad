"""``action.yml`` installs this checkout and calls the script, with its inputs as variables."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.check_gateway import SCRIPT, environment
from tests.helpers.project import ROOT

ACTION = ROOT / "action.yml"
CHECK_VARIABLE = re.compile(r"CHECK_[A-Z_]+")


def action() -> dict[str, Any]:
    """Return the action as YAML."""
    document = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def steps() -> list[dict[str, Any]]:
    """Return the steps of the action."""
    return list(action()["runs"]["steps"])


def test_no_input_is_part_of_a_command() -> None:
    commands = [step["run"] for step in steps()]
    assert commands
    assert not [command for command in commands if "${{" in command]


def test_every_input_reaches_the_script() -> None:
    (check,) = [step for step in steps() if "env" in step]
    assert check["env"] == {
        f"CHECK_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}"
        for name in action()["inputs"]
    }
    assert set(CHECK_VARIABLE.findall(SCRIPT.read_text(encoding="utf-8"))) == check["env"].keys()


def test_no_input_holds_a_secret() -> None:
    names = [*action()["inputs"]]
    assert [name for name in names if re.search("key|token|secret|password", name)] == [
        "api-key-env"
    ]


def test_it_uses_nothing_from_elsewhere() -> None:
    assert not [step for step in steps() if "uses" in step]
    for path in re.findall(r"\$GITHUB_ACTION_PATH/([\w./-]+)", str(steps())):
        assert (ROOT / path).is_file(), path


def test_its_outputs_are_those_of_the_script() -> None:
    named = re.findall(r"steps\.check\.outputs\.([\w-]+)", str(action()["outputs"]))
    assert named == [*action()["outputs"]]
    line = next(line for line in SCRIPT.read_text("utf-8").splitlines() if "printf" in line)
    assert all(f"{name}=%s" in line for name in named)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_its_last_step_checks_the_endpoint(tmp_path: Path) -> None:
    step = steps()[-1]
    defaults = {name: value.get("default", "") for name, value in action()["inputs"].items()}
    given = defaults | {"url": "http://127.0.0.1:1/v1", "model": "m"}
    names = {variable: value[len("${{ inputs.") : -3] for variable, value in step["env"].items()}
    inputs = {variable: given[name] for variable, name in names.items()}
    runner = {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(tmp_path)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env=os.environ | environment(tmp_path, github=True) | runner | inputs,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 3, done.stderr
    assert "::error title=chat-conformance::INCONCLUSIVE" in done.stdout
    assert (tmp_path / "conformance-report" / "report.json").exists()
