"""The first ten lines of a report name the mistakes of a sloppy gateway, on any budget."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.cli import main
from conformance.endpoints.reference import TOKEN
from tests.helpers.loopback import reference
from tests.helpers.sloppy_gateway import BREAKS, sloppy_gateway


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with reference("openai") as behind, sloppy_gateway(behind) as address:
        yield f"http://{address}/v1"


@pytest.mark.parametrize("budget", [("--max-minutes", "1"), ("--max-requests", "30")])
def test_all_three_mistakes_are_in_the_first_ten_lines(
    url: str, budget: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GATEWAY_KEY", TOKEN)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    options = ("--model", "gpt-4o", "--api-key-env", "GATEWAY_KEY", *budget)
    result = CliRunner().invoke(main, ["run", url, *options])
    assert result.exit_code == 1, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("FAIL: ")
    listed = re.findall(r"^must +([A-Z]+-\d+) ", "\n".join(lines[:10]), re.MULTILINE)
    assert set(listed) >= set(BREAKS), result.stdout
    assert len(lines) <= 40
