"""The tool calls of a message, and those assembled from the fragments of a stream."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_TRIES = 16
"""How often the arguments under one id are read to see whether they are complete. Where they never
are, reading them for each of many fragments would take quadratic time."""


class Fragment(NamedTuple):
    """One entry of ``tool_calls``.

    ``event`` is the number of its event, None in a completion; ``pointer`` its JSON pointer.
    """

    event: int | None
    pointer: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One tool call of an answer.

    ``arguments`` is the joined text of all fragments; None if no fragment has arguments, or if the
    arguments of one are not a string. ``id``, ``type`` and ``name`` are the first that are strings
    and not empty, ``index`` is the first that is an integer; None if there is none.
    """

    fragments: tuple[Fragment, ...]
    id: str | None
    type: str | None
    name: str | None
    index: int | None
    arguments: str | None

    @property
    def first(self) -> Fragment:
        """The fragment that opened the call."""
        return self.fragments[0]

    @property
    def custom(self) -> bool:
        """True for a call of a custom tool, whose input is free text."""
        return self.type == "custom" or "custom" in self.first.value


def function_of(fragment: Fragment) -> dict[str, Any]:
    """Return the ``function`` object of a fragment; {} if it has none."""
    function = fragment.value.get("function")
    return function if isinstance(function, dict) else {}


def whole(fragment: Fragment) -> Call:
    """Return the call of a message, which has one entry."""
    return _assembled([fragment])


def assemble(fragments: Iterable[Fragment]) -> tuple[Call, ...]:
    """Group the fragments of one choice into calls, in the order in which the calls were opened.

    A fragment with the id of an earlier call belongs to that call, otherwise one with the index of
    an earlier call to that one. A fragment without id and index belongs to the call before it,
    unless it names a function: then it opens a call. A fragment also opens a call if it repeats the
    id of a call at another index with a function name, and the arguments under that id are already
    complete JSON; once they were incomplete for ``MOST_TRIES`` such fragments, no more are opened.
    """
    groups: list[list[Fragment]] = []
    by_id: dict[str, list[Fragment]] = {}
    by_index: dict[int, list[Fragment]] = {}
    tries: Counter[str] = Counter()
    for fragment in fragments:
        identifier, index = _first_text([fragment.value.get("id")]), _index(fragment)
        of_index = None if index is None else by_index.get(index)
        if identifier is not None:
            group = _of_id(fragment, by_id.get(identifier), of_index, tries)
        elif index is not None:
            group = of_index
        else:
            group = groups[-1] if groups and not _names_function(fragment) else None
        if group is None:
            group = []
            groups.append(group)
        group.append(fragment)
        if identifier is not None:
            by_id[identifier] = group
        if index is not None:
            by_index[index] = group
    return tuple(_assembled(group) for group in groups)


def has_untried(call: Call) -> bool:
    """Return whether the call has fragments of which it was not tried whether they open a call."""
    repeated = sum(
        bool(fragment.value.get("id"))
        and _names_function(fragment)
        and _apart(call.first, fragment)
        for fragment in (call.fragments if len(call.fragments) > MOST_TRIES else ())
    )
    return repeated > MOST_TRIES


def _of_id(
    fragment: Fragment,
    under_id: list[Fragment] | None,
    at_index: list[Fragment] | None,
    tries: Counter[str],
) -> list[Fragment] | None:
    """Return the fragments that a fragment with an id continues; None if it opens a call.

    ``under_id`` and ``at_index`` are the earlier fragments with its id and at its index. ``tries``
    counts how often arguments under an id were read in vain.
    """
    named = _names_function(fragment)
    if under_id is None:
        return None if named else at_index
    if under_id[-1].event == fragment.event:
        return None  # two entries of one delta are two calls, even if they have the same id
    identifier = fragment.value["id"]
    if named and _apart(under_id[0], fragment) and tries[identifier] < MOST_TRIES:
        if _is_whole(under_id):
            return None
        tries[identifier] += 1
    return under_id


def _names_function(fragment: Fragment) -> bool:
    return bool(function_of(fragment).get("name"))


def _is_whole(group: Sequence[Fragment]) -> bool:
    """Return whether the arguments of the fragments join to JSON."""
    try:
        json.loads(_assembled(group).arguments or "")
    except (ValueError, RecursionError):
        return False
    return True


def _apart(first: Fragment, later: Fragment) -> bool:
    """Return whether two fragments have different indexes; False if one of them has none."""
    return None not in (_index(first), _index(later)) and _index(first) != _index(later)


def _assembled(group: Sequence[Fragment]) -> Call:
    values = [fragment.value for fragment in group]
    functions = [function_of(fragment) for fragment in group]
    texts = [function["arguments"] for function in functions if "arguments" in function]
    return Call(
        fragments=tuple(group),
        id=_first_text(value.get("id") for value in values),
        type=_first_text(value.get("type") for value in values),
        name=_first_text(function.get("name") for function in functions),
        index=next((index for index in map(_index, group) if index is not None), None),
        arguments=(
            "".join(texts) if texts and all(isinstance(text, str) for text in texts) else None
        ),
    )


def _first_text(values: Iterable[object]) -> str | None:
    return next((value for value in values if isinstance(value, str) and value), None)


def _index(fragment: Fragment) -> int | None:
    index = fragment.value.get("index")
    return index if isinstance(index, int) and not isinstance(index, bool) else None
