"""Option types that several commands share."""

import click
import pytest
from click.testing import CliRunner

from conformance.cli.collect import collect
from conformance.cli.doctor import doctor
from conformance.cli.hunt import hunt
from conformance.cli.run import run

WRONG = ("nan", "inf", "-inf", "1e300", "1e400", "1e-300", "-1")
OPTIONS = [
    (run, "--rate"),
    (run, "--timeout"),
    (run, "--max-minutes"),
    (doctor, "--timeout"),
    (collect, "--rate"),
    (collect, "--timeout"),
    *((command, "--wait") for command in (run, hunt, doctor, collect)),
]


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize(
    ("command", "name"), OPTIONS, ids=[f"{command.name} {name}" for command, name in OPTIONS]
)
def test_a_number_that_nothing_can_wait_for_is_bad_usage(
    command: click.Command, name: str, value: str
) -> None:
    result = CliRunner().invoke(command, [f"{name}={value}"])
    assert result.exit_code == 2
    assert f"Invalid value for '{name}'" in result.output


def test_a_minute_budget_may_be_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONFORMANCE_BASE_URL", raising=False)
    result = CliRunner().invoke(run, ["--max-minutes", "0", "--live", "--profile", "openai"])
    assert "Invalid value" not in result.output
