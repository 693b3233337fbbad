"""``conformance run`` gives a verdict on each of the 18 examples of the documentation page."""

import json
import re
from collections import Counter
from functools import cache

import pytest
from click.testing import CliRunner

from conformance.cases import cases
from conformance.cli import main

GEMINI, DEPLOYED = "vertex-gemini", "vertex-vllm"
EXAMPLES = {
    1: ("story-page", GEMINI),
    2: ("chat-page", GEMINI),
    3: ("story-page-stream", GEMINI),
    4: ("stream-page", GEMINI),
    5: ("image-page-colon", GEMINI),
    6: ("story-page-no-model", DEPLOYED),
    7: ("chat-page", DEPLOYED),
    8: ("story-page-no-model-stream", DEPLOYED),
    9: ("stream-page", DEPLOYED),
    10: ("thinking-tag-marker", GEMINI),
    11: ("extra-body-google", GEMINI),
    12: ("extra-content-message", GEMINI),
    13: ("extra-content-part", GEMINI),
    14: ("extra-content-tool-call", GEMINI),
    15: ("thinking-config-stream", GEMINI),
    16: ("image-page", GEMINI),
    17: ("audio-page", GEMINI),
    18: ("json-schema-page", GEMINI),
}
"""The case of each example, and the kind of endpoint that the page asks."""


@cache
def verdicts(profile: str) -> Counter[tuple[str, str]]:
    """Count the verdicts of each case in a report on the reference endpoint."""
    asked = [part for case, of in EXAMPLES.values() if of == profile for part in ("--case", case)]
    result = CliRunner().invoke(
        main, ["run", "--target", "self-test", "--profile", profile, "--format", "json", *asked]
    )
    assert result.exit_code == 0, result.output
    return Counter(
        (each["case"], each["verdict"]) for each in json.loads(result.stdout)["verdicts"]
    )


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_the_page_has_a_row_and_a_verdict(example: int) -> None:
    name, profile = EXAMPLES[example]
    (source,) = [case.source for case in cases() if case.id == name]
    assert str(example) in re.findall(r"\d+", source.partition(",")[0])
    assert verdicts(profile)[name, "pass"] > 25
    assert {verdict for case, verdict in verdicts(profile) if case == name} <= {
        "pass",
        "known",
        "not exercised",
    }
