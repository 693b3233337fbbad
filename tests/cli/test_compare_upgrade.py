"""The trial of an upgrade: what became worse is on the first screen, and nothing else is."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.endpoints.reference import TOKEN
from tests.helpers.loopback import reference
from tests.helpers.upgraded_model import MEMBER, SECONDS, TOKENS, Upgrade, a_third

FIRST_SCREEN = 40
OPTIONS = ("--model", "gpt-5", "--profile", "openai", "--family", "tool", "--samples", "1")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("CONFORMANCE_API_KEY", TOKEN)
    monkeypatch.chdir(tmp_path)


def compared(old: Upgrade, new: Upgrade, questions: int) -> Result:
    with reference("openai", change=old) as one, reference("openai", change=new) as other:
        urls = f"http://{one}/v1", f"http://{other}/v1"
        number = ("--questions", str(questions))
        return CliRunner().invoke(main, ["compare", *urls, *OPTIONS, *number, "--report", "r"])


def test_a_worse_successor_is_reported_on_the_first_screen() -> None:
    worse = Upgrade(a_third, SECONDS, TOKENS, MEMBER)
    result = compared(Upgrade(), worse, 60)
    screen = result.stdout.splitlines()[:FIRST_SCREEN]
    assert result.exit_code == 1
    assert screen[0].startswith("NEW is worse than OLD on 60 questions of the suite")
    text = "\n".join(screen)
    rate = re.search(r"any-tool  100 % -> (\d+) %", text)
    assert rate and 55 <= int(rate[1]) <= 75, "a third of the calls is gone"
    assert "first-byte" in text or "total-time" in text
    assert "tokens-out" in text
    assert f"+ /{MEMBER} in " in text
    assert "Lost their tool call" in text
    assert "ask-tool-" in text


def test_an_endpoint_is_not_worse_than_itself() -> None:
    result = compared(Upgrade(), Upgrade(), 40)
    assert result.exit_code == 0, result.stdout
    assert not result.stdout.startswith("NEW is worse")
    assert ": worse" not in result.stdout
