"""Nothing from the wire becomes a command of what shows it, in any format of any report."""

import ast
import io
import os
import pickle
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any, TypeAlias

import click
import orjson
import pytest
from rich.console import Console

from conformance.cases import Case, cases
from conformance.cases.corpus import shipped_corpus
from conformance.cli import main
from conformance.endpoints.client.live_target import LiveTarget
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import MUST_ONLY
from conformance.protocol.exchange import Exchange
from conformance.reports.case_list import as_json as cases_as_json
from conformance.reports.diff.as_json import as_json as diff_as_json
from conformance.reports.diff.as_text import render as render_diff
from conformance.reports.diff.compare import compare
from conformance.reports.diff.saved_report import read_report
from conformance.reports.formats import FORMATS as FILES
from conformance.reports.formats import LINT_FORMATS as LINT_FILES
from conformance.reports.formats.found_in_lint import found_in_lint
from conformance.reports.json import hunt as hunt_json
from conformance.reports.json import lint as lint_json
from conformance.reports.json import run as run_json
from conformance.reports.repeatable_request import request_of_case
from conformance.reports.request_code import CODES
from conformance.reports.text.hunt import render as hunt_text
from conformance.reports.text.hunt import shown
from conformance.reports.text.lint import CollectedFindings, View
from conformance.reports.text.lint import render as render_lint
from conformance.reports.text.run import View as RunView
from conformance.reports.text.run import render as render_run
from conformance.runs.collecting import of_answers
from conformance.runs.examples import examples_of
from conformance.runs.hunt import Failure, Hunt
from conformance.runs.lint import Tally, lint
from conformance.runs.results import Answer, Report
from conformance.runs.selection import Selection
from conformance.runs.summary import report_of
from conformance.testing.assertions import failure, lint_exchanges
from tests.helpers.injections import INJECTIONS, commands, exchanges, spoilt

pytest_plugins = ["pytester"]

Output: TypeAlias = Callable[[Exchange, int, Path], str]

TARGET = LiveTarget("t", "https://api.openai.test/v1", "gpt-4o", "openai")
CASE = next(case for case in cases() if case.id == "chat-plain")
WIDTHS = (40, 100)


def printed(render: Callable[[Console], object], width: int) -> str:
    text = io.StringIO()
    render(Console(file=text, width=width, highlight=False, color_system=None))
    return text.getvalue()


def lint_as_text(exchange: Exchange, width: int, _: Path) -> str:
    tally, gathered = Tally(), CollectedFindings(MUST_ONLY)
    gathered.gather(lint([exchange], "auto", tally, shipped_suite()))
    return printed(
        lambda console: render_lint(gathered, tally, console, View(1, 0.1, verbose=True)), width
    )


def lint_as_ndjson(exchange: Exchange, _: int, __: Path) -> str:
    tally = Tally()
    found = lint([exchange], "auto", tally, shipped_suite())
    text = b"\n".join(lint_json.lines(found, tally)).decode()
    assert all(isinstance(orjson.loads(line), dict) for line in text.splitlines())
    return text


def lint_as_json(exchange: Exchange, _: int, __: Path) -> str:
    tally = Tally()
    return lint_json.document(lint([exchange], "auto", tally, shipped_suite()), tally).decode()


def reported(exchange: Exchange) -> Report:
    selection = Selection("openai")
    answers = [Answer("t", "chat-plain", exchange)]
    found = of_answers(answers, selection, [], [])
    report = report_of(found.judged_cases, selection, found.unreadable, (), found.unanswered)
    return replace(report, examples=examples_of(report, answers))


def run_as_text(exchange: Exchange, width: int, _: Path) -> str:
    return printed(
        lambda console: render_run(reported(exchange), console, RunView(verbose=True)), width
    )


def run_as_json(exchange: Exchange, _: int, __: Path) -> str:
    return run_json.as_json(reported(exchange)).decode()


def in_format(name: str) -> Output:
    """Return a function that shows the report of a run in a format of ``--output``."""
    return lambda exchange, _, __: uncommanded(name, FILES[name](reported(exchange)).decode())


def lint_in_format(name: str) -> Output:
    """Return a function that shows the findings of a lint in a format of ``--output``."""

    def shows(exchange: Exchange, _: int, __: Path) -> str:
        tally, gathered = Tally(), CollectedFindings(MUST_ONLY, keep=10)
        gathered.gather(lint([exchange], "auto", tally, shipped_suite()))
        found = found_in_lint(gathered, tally, 1, shipped_suite())
        return uncommanded(name, LINT_FILES[name](found).decode())

    return shows


ANNOTATION = re.compile(
    r"::(?:error|warning|notice) ((?:(?:file|line|title)=[^\s:,][^:,]*,)*title=[^:,]+)::(\S.*)"
)
"""The grammar of the workflow commands that are annotations."""


def uncommanded(name: str, output: str) -> str:
    """Check the grammar of GitHub's annotations, and return the texts in them."""
    if name != "github":
        return output
    lines = output.removesuffix("\n").split("\n")
    found = [ANNOTATION.fullmatch(line) for line in lines]
    assert all(found), lines
    return "\n".join(part for each in found if each for part in each.groups())


def compared(exchange: Exchange, folder: Path) -> Any:
    """The comparison of the exchange with an answer without a fault."""
    suite, corpus = shipped_suite(), shipped_corpus()
    good = replace(next(exchanges("Hello."))[1])
    for name, each in (("old", good), ("new", exchange)):
        run_json.write(reported(each), folder / name)
    return compare(*(read_report(folder / name, suite, corpus) for name in ("old", "new")))


def diff_as_text(exchange: Exchange, width: int, folder: Path) -> str:
    return printed(lambda console: render_diff(compared(exchange, folder), console), width)


def diff_as_json_text(exchange: Exchange, _: int, folder: Path) -> str:
    return diff_as_json(compared(exchange, folder)).decode()


def hunted(exchange: Exchange) -> Hunt:
    found = judge_for(profile("openai"), shipped_suite()).findings(exchange)
    failures = tuple(
        Failure(
            requirements()[each.finding.requirement],
            replace(CASE, body=exchange.request.body),
            frozenset(),
            exchange,
            each,
        )
        for each in found
        if isinstance(each, JudgedFinding)
    )
    return Hunt(failures, 1, exchange.id)


def hunt_as_text(exchange: Exchange, _: int, __: Path) -> str:
    found = hunted(exchange)
    return "\n".join([hunt_text(found, TARGET), *map(shown, found.failures)])


def hunt_as_json(exchange: Exchange, _: int, __: Path) -> str:
    return hunt_json.as_json(hunted(exchange), TARGET)


def pytest_message(exchange: Exchange, _: int, __: Path) -> str:
    return failure(lint_exchanges([exchange], "auto"))


FORMATS: dict[tuple[str, str], Output] = {
    ("lint", "text"): lint_as_text,
    ("lint", "json"): lint_as_json,
    ("lint", "ndjson"): lint_as_ndjson,
    ("run", "text"): run_as_text,
    ("run", "json"): run_as_json,
    ("diff", "text"): diff_as_text,
    ("diff", "json"): diff_as_json_text,
    ("hunt", "text"): hunt_as_text,
    ("hunt", "json"): hunt_as_json,
    ("pytest", "message"): pytest_message,
    **{("run", f"--output {name}"): in_format(name) for name in FILES},
    **{("lint", f"--output {name}"): lint_in_format(name) for name in LINT_FILES},
}
SLOW = ("run", "diff")
"""The commands for which each place gets one text instead of all of them, in turn."""


def test_every_format_of_a_report_about_answers_is_here() -> None:
    registered = {
        (name, choice)
        for name, command in main.commands.items()
        for parameter in command.params
        if "--format" in parameter.opts and isinstance(parameter.type, click.Choice)
        for choice in parameter.type.choices
        if name not in ("cases", "explain", "requirements")  # they show nothing from the wire
        and name not in ("compare", "matrix")  # tests of their own do the same
    }
    registered |= {("run", f"--output {name}") for name in FILES}
    registered |= {("lint", f"--output {name}") for name in LINT_FILES}
    assert registered == {key for key in FORMATS if key[0] != "pytest"}


def each_place(command: str) -> Iterator[tuple[str, Exchange]]:
    made = {kind: list(exchanges(text)) for kind, text in INJECTIONS.items()}
    if command not in SLOW:
        for kind, placed in made.items():
            yield from ((f"{kind} at {place}", exchange) for place, exchange in placed)
        return
    kinds = list(made)
    for row, number in zip(zip(*made.values(), strict=True), cycle(range(len(kinds)))):
        yield f"{kinds[number]} at {row[number][0]}", row[number][1]


@pytest.mark.parametrize(("command", "form"), FORMATS)
def test_no_text_from_the_wire_commands_what_shows_it(
    command: str, form: str, tmp_path: Path
) -> None:
    shows, count = FORMATS[command, form], 0
    for number, (place, exchange) in enumerate(each_place(command)):
        output = shows(exchange, WIDTHS[number % 2], tmp_path)
        if form == "json":
            assert isinstance(orjson.loads(output), dict), place
        assert commands(output) == [], place
        count += "owned" in output
    assert count > 20 or form == "--output badge"  # it shows nothing from the wire


def requests(text: str) -> Iterator[tuple[Case, LiveTarget]]:
    """Yield requests with a text in each part of the body, as the whole body, and as the model."""
    for _, body in spoilt(CASE.body, text):
        yield replace(CASE, body=body), TARGET
    yield CASE, replace(TARGET, model=text)
    yield CASE, replace(TARGET, key_variable=text.split("\n")[0].replace("\0", ""))


@pytest.mark.parametrize("kind", INJECTIONS)
@pytest.mark.parametrize("name", ["httpx", "openai"])
def test_python_code_holds_a_text_only_as_a_string(name: str, kind: str) -> None:
    for case, target in requests(INJECTIONS[kind]):
        code = CODES[name](request_of_case(case, target))
        assert commands(code) == []
        nodes = list(ast.walk(ast.parse(code)))
        assert {node.id for node in nodes if isinstance(node, ast.Name)} <= NAMES
        texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
        wanted = case.request_for(target.model)
        assert not isinstance(wanted, str) or {wanted, wanted.encode()} & set(texts)


NAMES = {
    "os",
    "httpx",
    "openai",
    "OpenAI",
    "client",
    "response",
    "line",
    "chunk",
    "print",
    "object",
}

CURL = """
curl() {
  for argument; do printf '%s\\0' "$argument"; done
  case "$*" in *--data-binary*) cat;; esac
  printf '\\0\\0'
}
"""
"""A function of the shell that prints its arguments and what it reads instead of sending it."""


@pytest.mark.skipif(os.name != "posix", reason="it runs a POSIX shell")
@pytest.mark.parametrize("kind", INJECTIONS)
def test_a_shell_command_holds_a_text_only_as_an_argument(kind: str, tmp_path: Path) -> None:
    made = [
        (case, target, CODES["curl"](request_of_case(case, target)))
        for case, target in requests(INJECTIONS[kind])
    ]
    assert commands("".join(code for _, _, code in made)) == []
    done = subprocess.run(
        ["sh"],
        input=(CURL + "".join(code for _, _, code in made)).encode(),
        capture_output=True,
        check=True,
        cwd=tmp_path,
        timeout=60,
    )
    assert (list(tmp_path.iterdir()), done.stderr) == ([], b"")
    asked = done.stdout.split(b"\0\0")[:-1]
    assert len(asked) == len(made)
    for (case, target, _), sent in zip(made, asked, strict=True):
        body = case.request_for(target.model)
        came = re.split(rb"--data-binary\0@-\0|--data-raw\0", sent)[1]
        if isinstance(body, str):
            assert came == body.encode()
        else:
            assert orjson.loads(came) == body


PROJECT = """
import pickle
from pathlib import Path
import pytest
from conformance import assert_conformant

MADE = pickle.loads(Path("made.pickle").read_bytes())

@pytest.mark.parametrize("number", range(len(MADE)))
def test_it(number):
    assert_conformant(MADE[number])
"""


@pytest.mark.parametrize("more", ["--tb=auto", "--tb=short", "-rA"])
def test_the_output_of_pytest_commands_nothing(pytester: pytest.Pytester, more: str) -> None:
    made = [exchange for number, (_, exchange) in enumerate(each_place("run")) if number % 3 == 0]
    pytester.path.joinpath("made.pickle").write_bytes(pickle.dumps(made))
    pytester.makepyfile(PROJECT)
    options = ("-p", "conformance.plugin", "-p", "no:cacheprovider", "--color=no", more)
    output = pytester.runpytest_inprocess(*options).stdout.str()
    assert "owned" in output
    assert commands(output) == []


@pytest.mark.parametrize("kind", INJECTIONS)
def test_a_list_of_cases_is_safe_json(kind: str) -> None:
    listed = cases_as_json([case for case, _ in requests(INJECTIONS[kind])]).decode()
    assert orjson.loads(listed)
    assert commands(listed) == []


def test_markup_is_printed_as_it_came() -> None:
    text = INJECTIONS["markup"]
    (exchange,) = (made for place, made in exchanges(text) if place == "text /object")
    assert text in lint_as_text(exchange, 200, Path())
