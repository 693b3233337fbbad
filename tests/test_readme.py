"""The example in the README is what the command prints."""

import re
from pathlib import Path

from click.testing import CliRunner

from conformance._files import data_folder
from conformance.cli import main

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(
    r"^```console\n\$ conformance (?P<command>[^\n]+)\n(?P<output>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def test_the_example_is_what_the_command_prints() -> None:
    example = EXAMPLE.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert example
    command, path = example["command"].split()
    result = CliRunner().invoke(
        main,
        [command, str(data_folder("cassettes") / path.removeprefix("cassettes/"))],
        env={"COLUMNS": "100", "NO_COLOR": "1"},
    )
    assert result.exit_code == 1
    printed = result.stdout.replace(f"{data_folder('cassettes')}/", "cassettes/")
    lines = [line.rstrip() for line in printed.splitlines()]
    for part in example["output"].split("...\n"):
        shown = [line.rstrip() for line in part.rstrip("\n").splitlines()]
        start = lines.index(shown[0])
        assert lines[start : start + len(shown)] == shown
