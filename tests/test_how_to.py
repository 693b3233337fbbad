"""The commands of each how-to page run in order and print what the page shows."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.ci.check_gateway import environment
from tests.ci.test_action import action
from tests.helpers.loopback import reference
from tests.helpers.project import DOCS, ROOT
from tests.helpers.sloppy_gateway import sloppy_gateway

PAGES = sorted((DOCS / "how-to").glob("*.md"))
ADDRESS = "127.0.0.1:8081"
"""Where the gateway listens on each page."""

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CHANGES = {
    r"\b\d+(\.\d)? s\b": "N s",
    r"\bof \d+ tested\b": "of N tested",
    r"\b\d+ of \d+ metrics\b": "N of M metrics",
}
"""Parts of an output that differ from run to run, or change with each new requirement."""

GAP = "..."


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a page, and the lines that the page shows below it."""

    command: str
    shown: tuple[str, ...]


def steps_of(page: str) -> Iterator[Step]:
    """Yield the commands of a page; a here-document is part of its command."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            end = lines.index("EOF") if "<<'EOF'" in lines[0] else 0
            yield Step("\n".join(lines[: end + 1]), tuple(lines[end + 1 :]))


def normal(text: str) -> list[str]:
    """Return the lines of an output without the parts that differ from run to run."""
    for pattern, same in CHANGES.items():
        text = re.sub(pattern, same, text)
    return [line.rstrip() for line in text.splitlines()]


def missing_line(shown: tuple[str, ...], printed: list[str]) -> str | None:
    """Return the first shown line that was not printed, in this order; ``...`` allows a gap."""
    place, gap = 0, False
    for line in normal("\n".join(shown)):
        if line == GAP:
            gap = True
            continue
        among = printed[place:] if gap else printed[place : place + 1]
        if line not in among:
            return line
        place += among.index(line) + 1
        gap = False
    return None


@pytest.mark.skipif(not shutil.which("sh"), reason="needs a POSIX shell")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_prints_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    (tmp_path / "chat-conformance").symlink_to(ROOT)
    steps = [*steps_of(page.read_text(encoding="utf-8"))]
    assert steps
    with reference("openai") as behind, sloppy_gateway(behind) as address:
        for step in steps:
            done = subprocess.run(
                ["sh", "-c", step.command.replace(ADDRESS, address)],
                cwd=tmp_path,
                env=environment(tmp_path, github=False) | {"COLUMNS": "80", "NO_COLOR": "1"},
                capture_output=True,
                encoding="utf-8",
                timeout=120,
            )
            printed = done.stdout
            for colon in ":-":
                printed = printed.replace(address.replace(":", colon), ADDRESS.replace(":", colon))
            line = missing_line(step.shown, normal(printed))
            assert line is None, f"{step.command}\n{line!r} is not in:\n{printed}{done.stderr}"


def test_a_line_that_was_not_printed_is_found() -> None:
    assert missing_line(("a", GAP, "c 1.5 s"), ["a", "b", "c N s"]) is None
    assert missing_line(("a", "c"), ["a", "b", "c"]) == "c"
    assert missing_line(("b", GAP, "a"), ["b", "a", "b"]) is None
    assert missing_line((GAP, "c", GAP, "a"), ["a", "b", "c"]) == "a"


def test_the_pages_use_inputs_and_hooks_that_exist() -> None:
    blocks = [yaml.safe_load(text) for page in PAGES for text in YAML.findall(page.read_text())]
    (step,) = [block[0] for block in blocks if isinstance(block, list)]
    assert step["with"].keys() <= action()["inputs"].keys()
    (job,) = [block["conformance"] for block in blocks if "conformance" in block]
    script = (ROOT / ".ci" / "check-gateway").read_text(encoding="utf-8")
    assert job["variables"]
    assert not [name for name in job["variables"] if f"{{{name}:" not in script]
    (config,) = [block for block in blocks if "repos" in block]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in config["repos"][0]["hooks"]] == [hook["id"] for hook in hooks]


def test_the_readme_links_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(PAGES) >= 5
    assert not [page.name for page in PAGES if f"(docs/how-to/{page.name})" not in readme]
