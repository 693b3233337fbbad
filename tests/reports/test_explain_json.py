"""Explanations as JSON."""

import json
from typing import Any

from conformance.judging.requirements import EDITION
from conformance.judging.suite import shipped_suite
from conformance.reports.explain_json import as_json
from conformance.runs.explaining.explanation import explanation_of

SUITE = shipped_suite()


def explained(*names: str) -> list[dict[str, Any]]:
    content = json.loads(as_json(explanation_of(name, SUITE) for name in names))
    assert content["edition"] == EDITION
    rows: list[dict[str, Any]] = content["requirements"]
    return rows


def test_requirements_come_in_their_order_with_all_that_is_known() -> None:
    first, second = explained("SSE-003", "META-001")
    assert (first["id"], second["id"]) == ("SSE-003", "META-001")
    assert first["levels"] == dict(SUITE.requirements["SSE-003"].levels)
    assert first["why"] == SUITE.requirements["SSE-003"].why
    assert first["example"]["fault"] == "no-done"
    assert first["example"]["exchanges"][0]["changes"][0]["removed"] == ["data: [DONE]"]
    assert first["example"]["finding"]["message"] == "the stream does not end with [DONE]"
    assert len(second["example"]["exchanges"]) == 2
    assert second["clients"] is None


def test_each_client_has_its_effect_and_what_it_printed() -> None:
    (row,) = explained("ENV-002")
    effects = row["clients"]["effects"]
    assert effects["pydantic-ai 2.38.0"]["effect"] == "raises"
    assert "validation error" in effects["pydantic-ai 2.38.0"]["message"]
    assert effects["openai (Python) 3.3.0"] == {"effect": "ok", "message": None}


def test_sources_and_known_deviations_have_links() -> None:
    (row,) = explained("TOOL-012")
    links = [
        link for known in row["known"] for found in known["sources"] for link in found["links"]
    ]
    assert "https://github.com/googleapis/python-genai/issues/2868" in links
    assert {known["occurs"] for known in row["known"]} <= {"always", "sometimes"}
    assert all(found["key"] for found in row["sources"])
