"""``examples/gateway-ci/``: the workflow uses what exists, and its expectations can be read."""

import re
from datetime import date
from typing import Any

import yaml
from click.testing import CliRunner

from conformance.cases import cases
from conformance.cli import main
from conformance.judging.suite import shipped_suite
from conformance.runs.find_expectations import read_expectations
from tests.ci.test_action import action
from tests.helpers.project import ROOT

EXAMPLE = ROOT / "examples" / "gateway-ci"
ACTION_HERE = "./chat-conformance"
"""How the workflow names the action: the folder into which it checks out this repository."""


def job() -> dict[str, Any]:
    """Return the only job of the workflow."""
    workflow = yaml.safe_load((EXAMPLE / "workflow.yml").read_text(encoding="utf-8"))
    assert workflow.keys() == {"name", True, "permissions", "jobs"}  # YAML reads `on` as true
    (only,) = workflow["jobs"].values()
    assert isinstance(only, dict)
    return only


def check_step() -> dict[str, Any]:
    """Return the step that uses the action."""
    (step,) = [step for step in job()["steps"] if step.get("uses") == ACTION_HERE]
    return dict(step)


def test_it_gives_the_action_only_inputs_that_exist() -> None:
    inputs = action()["inputs"]
    given = check_step()["with"]
    assert given.keys() <= inputs.keys()
    assert {name for name, value in inputs.items() if value.get("required")} <= given.keys()
    assert all(isinstance(value, str) for value in given.values())


def test_its_options_are_those_of_the_command() -> None:
    given = check_step()["with"]
    options = given["options"].split()
    assert options
    planned = CliRunner().invoke(
        main,
        [
            *("run", given["url"], "--model", "m", "--plan"),
            *(f"--{name}={given[name]}" for name in ("profile", "wait", "max-minutes")),
            *options,
        ],
    )
    assert planned.exit_code == 0, planned.output
    assert planned.stdout.endswith("Nothing was sent.\n")


def test_the_key_is_named_and_not_given() -> None:
    step = check_step()
    assert step["env"].keys() == {step["with"]["api-key-env"]}


def test_its_expectations_can_be_read() -> None:
    file = EXAMPLE / check_step()["with"]["expectations"]
    names = {case.id for case in cases()}
    expected = read_expectations(file, shipped_suite(), names, date(2026, 11, 30))
    assert expected.entries
    assert not expected.expired
    assert all(entry.reason for entry in expected.entries)


def test_the_report_is_kept_even_if_the_check_fails() -> None:
    (keep,) = [step for step in job()["steps"] if "upload-artifact" in step.get("uses", "")]
    assert keep["if"] == "always()"
    assert f"steps.{check_step()['id']}.outputs.report" in keep["with"]["path"]


def test_commands_contain_no_expression_and_name_files_that_exist() -> None:
    commands = "\n".join(step["run"] for step in job()["steps"] if "run" in step)
    assert commands
    assert "${{" not in commands
    paths = re.findall(r" chat-conformance/([\w./-]+)", commands)
    assert paths
    assert all((ROOT / path).is_file() for path in paths)


def test_the_readme_has_three_paragraphs() -> None:
    text = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    blocks = re.split(r"\n{2,}", text.strip())
    assert len([block for block in blocks if not block.startswith(("#", "    "))]) == 3
