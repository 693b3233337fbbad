"""What the items of the suites are: an item for each case that a target answered or is to answer,
in the suite its feature belongs to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from conformance.cases import ERROR_AREAS, cases
from conformance.endpoints.reference.in_process import NAME
from conformance.protocol.chat.twins import twins
from conformance.protocol.exchange import Exchange, Request, Response
from conformance.runs import self_test
from conformance.runs.cassette_answers import answers
from conformance.runs.cassette_folders import cassette_folder
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError
from conformance.suites.target import FIXTURE
from conformance.traffic import Unreadable

Outcome: TypeAlias = Answer | Unreadable | Unanswered

OTHERS = "others"
SUITES: dict[str, tuple[str, ...]] = {
    "chat": ("chat", "story", "histories", "text", "web"),
    "streaming": ("stream", "streaming"),
    "sampling": ("sampling", "limit", "stop", "n", "logprobs"),
    "multimodal": ("image", "audio", "video", "multimodal", "modalities"),
    "response_format": ("json", "response-format"),
    "tools": ("tools", "functions"),
    "thinking": ("thinking", "effort"),
    "extra_body": ("extra-body", "safety", "cached", "media"),
    "extra_content": ("extra-content",),
    "conversations": ("conversation",),
    "errors": ERROR_AREAS,
    "auth": ("auth",),
}
"""The suites, and how the ids of their cases begin; what no suite takes is left to ``others``."""


@dataclass(frozen=True, slots=True)
class Item:
    """One case of one target; ``answers`` gives all its turns, or why there are none; it is None
    where the case is still to be asked."""

    target: str
    case: str
    answers: Callable[[], tuple[Outcome, ...]] | None


def suite_of(case: str) -> str:
    """The suite a case belongs to, by the words its id begins with."""
    return next(
        (
            suite
            for suite, words in SUITES.items()
            if any(case == word or case.startswith(f"{word}-") for word in words)
        ),
        OTHERS,
    )


def items(selection: Selection) -> list[Item]:
    """An item for each cassette of the targets chosen, and for each case of the self-test. Raises
    SelectionError."""
    tested = self_test.is_chosen(selection)
    paths = self_test.paths_of(cassette_folder(selection.targets), selection)
    found = [Item(path.parent.name, path.stem, partial(_of_cassette, path)) for path in paths]
    return found + [
        Item(NAME, case.id, partial(_of_self_test, case.id, selection))
        for case in (cases() if tested else ())
    ]


@cache
def _of_cassette(path: Path) -> tuple[Outcome, ...]:
    return tuple(answers(path))


@cache
def _of_self_test(name: str, selection: Selection) -> tuple[Outcome, ...]:
    return tuple(self_test.ask([case for case in cases() if case.id == name], selection))


def parametrize(metafunc: pytest.Metafunc, selection: Selection) -> None:
    """Give a test of a suite its items: those of the suite that its function is named after, or all
    of a target at once."""
    suite = metafunc.function.__name__.removeprefix("test_")
    if "conformance_item" in metafunc.fixturenames:
        chosen = [item for item in _of(metafunc, selection) if suite_of(item.case) == suite]
        metafunc.parametrize(
            "conformance_item", chosen, ids=[f"{item.target}/{item.case}" for item in chosen]
        )
    if "conformance_items" in metafunc.fixturenames:
        by_target: dict[str, list[Item]] = {}
        for item in _of(metafunc, selection):
            by_target.setdefault(item.target, []).append(item)
        metafunc.parametrize(
            "conformance_items",
            [_twins_of_given(each) for each in by_target.values()],
            ids=list(by_target),
        )
    if "conformance_sdk_item" in metafunc.fixturenames:
        metafunc.parametrize("conformance_sdk_item", list(_for_sdk(metafunc, selection)))
    if "conformance_feature" in metafunc.fixturenames:
        metafunc.parametrize("conformance_feature", _features(metafunc.config))


def _of(metafunc: pytest.Metafunc, selection: Selection) -> list[Item]:
    """All items: of the target that the project gives, else of what was chosen on the command line.
    What was chosen wrongly is told in one line."""
    if gives_target(metafunc) or metafunc.config.getoption("conformance_live"):
        return [Item(FIXTURE, case.id, None) for case in cases()]
    try:
        return items(selection)
    except (SelectionError, FileNotFoundError) as error:
        raise pytest.Collector.CollectError(str(error)) from None


def gives_target(metafunc: pytest.Metafunc) -> bool:
    """Whether the project overrides the fixture that gives a target."""
    definitions: Iterable[Any] = getattr(metafunc, "_arg2fixturedefs", {}).get(FIXTURE, ())
    return any(each.func.__module__ != "conformance.testing.plugin" for each in definitions)


def _twins_of_given(chosen: list[Item]) -> list[Item]:
    """Of items that are still to be asked only those that have a twin."""
    if chosen[0].answers is not None:
        return chosen
    asked = [
        Exchange(case.id, Request(body=case.request_for("m")), Response(0))
        for case in cases()
        if case.auth == "right"
    ]
    paired = {exchange.id for pair in twins(asked) for exchange in pair}
    return [item for item in chosen if item.case in paired]


def _for_sdk(metafunc: pytest.Metafunc, selection: Selection) -> Iterator[Any]:
    """The items that the SDK reads, if it is there: all but those of the self-test; none where
    requirements were chosen, as it speaks of none."""
    if selection.requirements:
        return
    if find_spec("openai") is None:
        reason = "needs the openai SDK: pip install 'chat-conformance[sdk]'"
        yield pytest.param(None, id="openai", marks=pytest.mark.skip(reason=reason))
        return
    yield from (
        pytest.param(item, id=f"{item.target}/{item.case}")
        for item in _of(metafunc, selection)
        if item.target != NAME
    )


def _features(config: pytest.Config) -> list[str]:
    """The features of which fresh requests are wanted."""
    if not config.getoption("conformance_variants"):
        return []
    from conformance.cases.features import FEATURES

    return list(FEATURES)
