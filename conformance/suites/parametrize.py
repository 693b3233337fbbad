"""Give each suite its items: one for each case of its feature and each target."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from conformance.cases.case_feature import feature_of
from conformance.cases.twin_cases import twin_cases
from conformance.endpoints.reference.in_process import NAME
from conformance.runs import self_test
from conformance.runs.cassette_answers import answers
from conformance.runs.cassette_folders import cassette_folder
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError
from conformance.suites.target import FIXTURE
from conformance.traffic import Unreadable

Outcome: TypeAlias = Answer | Unreadable | Unanswered

_NO_ITEM = "no-item"


@dataclass(frozen=True, slots=True)
class Item:
    """One case of one target.

    ``answers`` returns the outcome of each turn; it is None for a case that is sent by the test.
    """

    target: str
    case: str
    answers: Callable[[], tuple[Outcome, ...]] | None


def items(selection: Selection) -> list[Item]:
    """Return an item for each selected cassette, and for each case if the self-test is selected.

    If cases are selected, the self-test must be named to be among them. Raises SelectionError.
    """
    with_self_test = self_test.is_chosen(selection)
    paths = self_test.paths_of(cassette_folder(selection.targets), selection)
    if selection.cases:
        with_self_test = NAME in selection.targets
        paths = [path for path in paths if path.stem in selection.cases]
    replayed = [Item(path.parent.name, path.stem, partial(_of_cassette, path)) for path in paths]
    return replayed + [
        Item(NAME, case.id, partial(_of_self_test, case.id, selection))
        for case in (selection.all_cases if with_self_test else ())
    ]


@cache
def _of_cassette(path: Path) -> tuple[Outcome, ...]:
    return tuple(answers(path))


@cache
def _of_self_test(name: str, selection: Selection) -> tuple[Outcome, ...]:
    return tuple(self_test.ask([selection.corpus.cases[name]], selection))


def parametrize(metafunc: pytest.Metafunc, selection: Selection) -> None:
    """Parametrize the test function of a suite.

    It gets the items of the suite that it is named after, or one list of items per target, or the
    features for new requests, depending on its arguments.
    """
    suite = metafunc.function.__name__.removeprefix("test_")
    if "conformance_item" in metafunc.fixturenames:
        chosen = [
            item for item in _items_for(metafunc, selection) if feature_of(item.case) == suite
        ]
        _give(
            metafunc,
            "conformance_item",
            [pytest.param(item, id=f"{item.target}/{item.case}") for item in chosen],
        )
    if "conformance_items" in metafunc.fixturenames:
        by_target: dict[str, list[Item]] = {}
        for item in _items_for(metafunc, selection):
            by_target.setdefault(item.target, []).append(item)
        _give(
            metafunc,
            "conformance_items",
            [
                pytest.param(_twins_to_send(items, selection), id=target)
                for target, items in by_target.items()
            ],
        )
    if "conformance_sdk_item" in metafunc.fixturenames:
        _give(metafunc, "conformance_sdk_item", list(_for_sdk(metafunc, selection)))
    if "conformance_feature" in metafunc.fixturenames:
        features = [pytest.param(each, id=each) for each in _features(metafunc.config)]
        _give(metafunc, "conformance_feature", features)


def _give(metafunc: pytest.Metafunc, argument: str, values: list[Any]) -> None:
    """Parametrize the argument; without values, with a placeholder that the plugin removes.

    An empty list would be an error in projects that set ``empty_parameter_set_mark``.
    """
    metafunc.parametrize(argument, values or [pytest.param(None, id=_NO_ITEM)])


def is_placeholder(item: pytest.Item) -> bool:
    """True if the item stands for a suite that got no values."""
    return item.name.endswith(f"[{_NO_ITEM}]")


def _items_for(metafunc: pytest.Metafunc, selection: Selection) -> list[Item]:
    """Return the items of the project's target, or else those selected on the command line.

    A wrong selection ends the collection with a one-line error.
    """
    if gives_target(metafunc) or metafunc.config.getoption("conformance_live"):
        return [Item(FIXTURE, case.id, None) for case in selection.all_cases]
    try:
        return items(selection)
    except (SelectionError, FileNotFoundError) as error:
        raise pytest.Collector.CollectError(str(error)) from None


def gives_target(metafunc: pytest.Metafunc) -> bool:
    """True if the project overrides the fixture ``conformance_target``."""
    definitions: Iterable[Any] = getattr(metafunc, "_arg2fixturedefs", {}).get(FIXTURE, ())
    return any(
        definition.func.__module__ != "conformance.testing.plugin" for definition in definitions
    )


def _twins_to_send(chosen: list[Item], selection: Selection) -> list[Item]:
    """Return the items that have a twin, or all items if their answers are already recorded."""
    if chosen[0].answers is not None:
        return chosen
    paired = {name for pair in twin_cases(selection.all_cases) for name in pair}
    return [item for item in chosen if item.case in paired]


def _for_sdk(metafunc: pytest.Metafunc, selection: Selection) -> Iterator[Any]:
    """Yield the items that the SDK parses: all except those of the self-test.

    Yields nothing if requirements are selected, as the SDK checks none, and one skipped item if the
    SDK is not installed.
    """
    if selection.requirements:
        return
    if find_spec("openai") is None:
        reason = "needs the openai SDK: pip install 'chat-conformance[sdk]'"
        yield pytest.param(None, id="openai", marks=pytest.mark.skip(reason=reason))
        return
    yield from (
        pytest.param(item, id=f"{item.target}/{item.case}")
        for item in _items_for(metafunc, selection)
        if item.target != NAME
    )


def _features(config: pytest.Config) -> list[str]:
    """Return all features, or none without the option --variants."""
    if not config.getoption("conformance_variants"):
        return []
    from conformance.cases.features import FEATURES

    return list(FEATURES)
