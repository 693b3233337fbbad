"""Cassettes for tests: made, never recorded, so that each shows what its test is about."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from conformance.protocol.exchange import Exchange
from conformance.runs import group_judging
from conformance.runs.cassette_answers import answers
from conformance.runs.results import Answer, JudgedCase, Report
from conformance.runs.selection import Selection, cassettes
from conformance.runs.summary import report_of
from conformance.traffic import Unreadable
from conformance.traffic.cassette_writer import write
from tests.judging.conftest import completion, error, stream

LLAMA = {"profile": "openai-compatible", "server": "llama.cpp"}


def shelve(
    folder: Path,
    exchange: Exchange | None = None,
    *,
    target: str = "sample",
    case: str = "chat-plain",
    **meta: Any,
) -> Path:
    """Write an exchange (an ordinary completion if none is given) as the cassette of a case. A
    ``meta`` of None is left out."""
    told = {"provenance": "documented", "case": case, "target": target, "profile": "openai", **meta}
    made = exchange or completion()
    path = folder / target / f"{case}.yaml"
    write(
        path, replace(made, meta={key: value for key, value in told.items() if value is not None})
    )
    return path


def shelve_every_verdict(folder: Path) -> None:
    """A folder of two targets whose replay has every verdict but error, decisive and not, of rows
    about the protocol and about the model."""
    shelve(folder)
    shelve(folder, stream(), case="stream-plain")
    shelve(folder, completion(created=-1), case="chat-must-fails")  # ENV-008
    shelve(folder, completion(id="x"), case="chat-should-fails")  # ENV-007
    shelve(
        folder,
        completion("", usage={"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}),
        case="chat-model-fails",
    )  # MSG-005
    no_param = {"error": {"message": "No.", "type": "x", "code": 400}}
    shelve(
        folder, error(400, no_param), target="llama.cpp", case="error-known", **LLAMA
    )  # ERR-007, ERR-019
    shelve(
        folder, error(400), target="llama.cpp", case="error-stale", **LLAMA
    )  # the same did not come


def replay(path: Path, selection: Selection) -> list[JudgedCase | Unreadable]:
    """What a cassette shows, by itself."""
    found = list(answers(path))
    alone = group_judging.alone([each for each in found if isinstance(each, Answer)], selection)
    return [*(each for each in found if isinstance(each, Unreadable)), *alone]


def report(folder: Path, **rest: Any) -> Report:
    """Return the report on all cassettes in a folder; ``rest`` goes to ``report_of``."""
    outcomes = [each for path in cassettes(folder, ()) for each in replay(path, Selection())]
    return report_of(
        [each for each in outcomes if isinstance(each, JudgedCase)], Selection(), **rest
    )
