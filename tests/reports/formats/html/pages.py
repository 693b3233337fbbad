"""Pages for the tests."""

from collections.abc import Mapping
from dataclasses import replace

from conformance.protocol.exchange import Exchange
from conformance.reports.formats.html import render
from conformance.runs.collecting import of_answers
from conformance.runs.examples import examples_of
from conformance.runs.results import Answer, Report
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from tests.helpers.html_tree import Node, tree_of


def reported(answers: Mapping[str, Exchange], **rest: object) -> Report:
    """Return the report on these answers, by case, with the exchanges as examples."""
    selection = Selection("openai")
    listed = [Answer("t", case, exchange) for case, exchange in answers.items()]
    found = of_answers(listed, selection, [], [])
    report = report_of(found.judged_cases, selection, found.unreadable, (), found.unanswered)
    return replace(report, examples=examples_of(report, listed), **rest)  # type: ignore[arg-type]


def page(report: Report) -> Node:
    return tree_of(render(report).decode())
