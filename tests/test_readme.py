"""The examples in the README and in docs/run.md are what the commands print."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance._files import data_folder
from conformance.cli import main

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(
    r"^```console\n\$ conformance (?P<command>[^\n]+)\n(?P<output>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
SECONDS = re.compile(r"\b\d+(\.\d)? s\b")
"""How long a command took, which differs each time."""


def _lines(text: str) -> list[str]:
    return [SECONDS.sub("N s", line.rstrip()) for line in text.splitlines()]


@pytest.mark.parametrize("page", ["README.md", "docs/run.md"])
def test_the_example_is_what_the_command_prints(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    example = EXAMPLE.search((ROOT / page).read_text(encoding="utf-8"))
    assert example
    monkeypatch.chdir(data_folder("cassettes").parent)
    result = CliRunner().invoke(
        main, example["command"].split(), env={"COLUMNS": "100", "NO_COLOR": "1"}
    )
    assert result.exit_code == 1
    printed = _lines(result.stdout)
    parts = example["output"].split("...\n")
    for part in parts:
        shown = _lines(part.rstrip("\n"))
        start = printed.index(shown[0])
        assert printed[start : start + len(shown)] == shown
    assert printed[0] == _lines(parts[0])[0]
