"""What the Dockerfile copies exists, and its image runs the command without privileges."""

import re

from tests.helpers.project import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS: list[tuple[str, str]] = re.findall(r"^([A-Z]+) (.*)$", DOCKERFILE, re.MULTILINE)


def last(name: str) -> str:
    """Return the last instruction of a kind."""
    return [value for instruction, value in INSTRUCTIONS if instruction == name][-1]


def test_it_runs_the_command_as_a_user_without_privileges() -> None:
    assert last("ENTRYPOINT") == '["conformance"]'
    assert last("USER") not in ("root", "0")
    names = [instruction for instruction, _ in INSTRUCTIONS]
    assert names.index("USER") > names.index("FROM", 1)


def test_what_the_build_needs_is_in_its_context() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in allowed)
    assert allowed >= {"conformance", "schemas", "cassettes", "constraints", "pyproject.toml"}
    used = re.findall(r"/source/([\w-]+)", DOCKERFILE)
    assert used
    assert {*used} <= allowed


def test_all_that_is_installed_is_locked_or_this_package() -> None:
    installs = [value for name, value in INSTRUCTIONS if name == "RUN" and "pip install" in value]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert installs[1].endswith("--no-deps /source")
