"""SARIF: rules with help, results with places and fingerprints."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import MUST_ONLY
from conformance.reports.formats.found_in_lint import found_in_lint
from conformance.reports.formats.sarif import MOST_PER_RULE, render, render_found
from conformance.reports.text.lint import CollectedFindings
from conformance.runs.lint import Tally, lint
from conformance.traffic import read
from tests.helpers.made_cassettes import shelve
from tests.judging.conftest import completion
from tests.reports.formats.sample import failing, report
from tests.reports.sample_reports import MODEL, MUST, SHOULD, verdict


def made(folder: Path, *verdicts: dict[str, Any], **rest: Any) -> dict[str, Any]:
    (run,) = orjson.loads(render(report(folder, *verdicts, **rest)))["runs"]
    return dict(run)


def test_a_rule_has_help_and_a_level(tmp_path: Path) -> None:
    rules = made(tmp_path, failing(SHOULD), failing(MODEL), failing(MUST))["tool"]["driver"][
        "rules"
    ]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules] == [
        (MUST, "error"),
        (MODEL, "note"),
        (SHOULD, "warning"),
    ]
    for rule in rules:
        entry = shipped_suite().requirements[rule["id"]]
        assert rule["shortDescription"]["text"] == entry.sentence
        assert f"\nMore: conformance explain {entry.id}" in rule["help"]["text"]
        assert "\n\n" in rule["help"]["markdown"]
        if "helpUri" in rule:
            assert rule["helpUri"].startswith("https://")
            assert f"]({rule['helpUri']})" in rule["help"]["markdown"]
    assert any("helpUri" in rule for rule in rules)


def test_a_result_says_what_where_and_by_which_rule(tmp_path: Path) -> None:
    run = made(tmp_path, failing(MUST, "chat-plain+chat-system", event=3), failing(SHOULD))
    first, second = run["results"]
    assert first["message"]["text"].startswith(
        "it is so\nexpected: more\ngot:      -1\nin t/chat-plain+chat-system event 3 /created\n"
    )
    (place,) = first["locations"]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "t/chat-plain+chat-system"},
        "region": {"startLine": 1},
    }
    assert place["logicalLocations"][0]["fullyQualifiedName"] == (
        "t/chat-plain+chat-system event 3 /created"
    )
    rules = run["tool"]["driver"]["rules"]
    assert [rules[each["ruleIndex"]]["id"] for each in (first, second)] == [MUST, SHOULD]
    assert [each["level"] for each in (first, second)] == ["error", "warning"]


def test_a_fingerprint_stays_when_values_and_order_change(tmp_path: Path) -> None:
    def prints(*verdicts: dict[str, Any]) -> list[str]:
        return [
            each["partialFingerprints"]["chatConformance/v1"]
            for each in made(tmp_path, *verdicts)["results"]
        ]

    before = prints(failing(MUST, "a"), failing(MUST, "b"))
    after = prints(failing(MUST, "b", actual=5, message="other", event=9), failing(MUST, "a"))
    assert len(set(before)) == 2
    assert set(after) == set(before)
    twice = {**failing(MUST, "a"), "findings": failing(MUST)["findings"] * 2}
    assert len(set(prints(twice))) == 2


def test_the_answers_of_one_requirement_are_limited_and_counted(tmp_path: Path) -> None:
    run = made(
        tmp_path,
        *(failing(MUST, f"case-{number}") for number in range(MOST_PER_RULE + 7)),
        failing(SHOULD),
    )
    assert len(run["results"]) == MOST_PER_RULE + 1
    assert run["properties"]["answersLeftOut"] == 7


def test_the_crash_of_a_rule_is_a_notification_of_the_tool(tmp_path: Path) -> None:
    run = made(tmp_path, verdict("error"))
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (3, False)
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == f"{MUST} in t/chat-plain: it is so"


@pytest.mark.parametrize(
    ("name", "address"),
    [("..", "%2E%2E"), ("../x", "..%2Fx"), ("a b#c%", "a%20b%23c%25"), ("é", "%C3%A9")],
)
def test_an_address_leads_nowhere_else(name: str, address: str, tmp_path: Path) -> None:
    (result,) = made(tmp_path, failing(MUST, name))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == f"t/{address}"


def test_a_message_has_no_link_from_outside(tmp_path: Path) -> None:
    (result,) = made(tmp_path, failing(MUST, message="[x](https://evil.test)"))["results"]
    assert result["message"]["text"].startswith("\\[x\\](https://evil.test)")


def test_a_finding_of_a_lint_is_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shelve(tmp_path, completion(created=-1))
    tally, gathered = Tally(), CollectedFindings(MUST_ONLY, keep=9)
    gathered.gather(lint(read(["sample/chat-plain.yaml"]), "auto", tally, shipped_suite()))
    log = orjson.loads(render_found(found_in_lint(gathered, tally, 1, shipped_suite())))
    (result,) = log["runs"][0]["results"]
    assert result["ruleId"] == MUST
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "sample/chat-plain.yaml"
