"""Find a known secret that a body holds in several strings, which a client joins.

A stream splits a text over many deltas, and the arguments of a tool call over many fragments. What
is joined with what is not a matter of the protocol here: all strings that stand at the same path
are taken to be one text, once with and once without the positions in lists.
"""

import re
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from conformance.traffic.redaction.request_secrets import Known, Place, places
from conformance.traffic.redaction.spellings import plain

_TOKEN = re.compile(
    r'"((?:[^"\\\r\n]++|\\.)*+)("?)(\s*+:)?|([{\[])|[}\]]|((?>\r\n|\n|\r)(?:\r\n|\n|\r))'
)
"""A string, which may be the name of a member, or a bracket, or a blank line."""
_INDEX = re.compile(r"\s*+([0-9]{1,4})(?![0-9.eE])")
_IN_EVENTS = re.compile(r"(?:^|[\r\n])data:")

_SPLIT_BACKSLASH = re.compile(r'\\(?<!\\\\)\\(?:\\\\)*+(?:[ux][0-9a-f]{0,3})?"', re.ASCII)
_SPLIT_WRITTEN_BACKSLASH = re.compile(r'(?:5c|92;|bsol;)(?:[ux][0-9a-f]{0,3})?\\*"', re.ASCII)
_SPLIT_ESCAPE = re.compile(r'%[0-9a-f]?"|&(?:amp;?|#?[a-z0-9]{0,31})"', re.ASCII)
"""The start of an escape at the end of a string; the rest may be the start of another string."""

_DEEPEST = 64
"""What is nested deeper counts as standing at this depth."""
_MOST_PATHS = 20_000
"""Strings at further paths count as standing at one path."""
_COMMON = "zqjxkvbywgpfmucdlhrsnioate"
"""The letters from rare to common; what is no letter is rarer."""
_ANY = -1
"""Any position in a list."""


def may_hold(text: str, secrets: Sequence[Known]) -> bool:
    """Return False if a text holds none of the secrets, neither in one string nor in several.

    Each two neighboring characters of a secret are neighbors in a string, or stand at the end of
    one string and the start of another, unless an escape is split. This takes much less time than
    to look at the strings themselves.
    """
    read, low = plain(text).lower(), text.lower()
    return (
        any(_consists_of(read, form) for secret in secrets for form in secret.spellings)
        or _SPLIT_BACKSLASH.search(low) is not None
        or (
            ("5c" in low or "92;" in low or "bsol;" in low)
            and _SPLIT_WRITTEN_BACKSLASH.search(low) is not None
        )
        or _SPLIT_ESCAPE.search(read) is not None
    )


def split_places(text: str, secrets: Sequence[Known], *, by_index: bool) -> list[Place]:
    """Return the parts of the secrets that stand in several strings of a JSON text or event stream.

    The marks of the parts of one secret are together the mark of the secret.

    Args:
        text: The body; it need not be valid.
        secrets: What is looked for.
        by_index: Whether list items with different ``index`` (or position) are apart.
    """
    strings = _Strings(text, by_index=by_index)
    found: list[Place] = []
    for starts, ends in strings.by_path():
        joined = "".join(text[start:end] for start, end in zip(starts, ends, strict=True))
        if spots := places(joined, secrets):
            found += _parts(spots, starts, ends)
    return sorted(found)


def _consists_of(text: str, form: str) -> bool:
    return not form.isascii() or all(
        pair in text or (before in text and after in text) for pair, before, after in _pairs(form)
    )


@lru_cache(maxsize=1024)
def _pairs(form: str) -> tuple[tuple[str, str, str], ...]:
    """Return each two neighboring characters, and both of them beside a quotation mark.

    Those that are rare in text come first, because most texts do not hold them.
    """
    rarest_first = sorted(set(pairwise(form)), key=lambda pair: min(map(_COMMON.find, pair)))
    return tuple((first + second, f'{first}"', f'"{second}') for first, second in rarest_first)


def _parts(spots: Sequence[Place], starts: Sequence[int], ends: Sequence[int]) -> Iterator[Place]:
    """Yield the parts of places in the joined text as places in the body."""
    offsets = [0, *accumulate(end - start for start, end in zip(starts, ends, strict=True))]
    for spot in spots:
        first = bisect_right(offsets, spot.start) - 1
        parts = []
        for at in range(first, len(starts)):
            if offsets[at] >= spot.end:
                break
            start = starts[at] + max(spot.start - offsets[at], 0)
            end = starts[at] + min(spot.end, offsets[at + 1]) - offsets[at]
            if start < end:
                parts.append((start, end))
        cuts = [len(spot.mark) * part // len(parts) for part in range(len(parts) + 1)]
        for (start, end), begin, stop in zip(parts, cuts, cuts[1:], strict=False):
            yield Place(start, end, spot.mark[begin:stop])


class _Strings:
    """The strings of a body with the path of each, as numbers.

    The index of a list item may stand after the strings in it, so that paths are known at the end
    of the outermost value only.
    """

    def __init__(self, text: str, *, by_index: bool) -> None:
        self._by_index = by_index
        self._numbers: dict[tuple[int, str | int], int] = {}
        self._starts, self._ends, self._paths = array("q"), array("q"), array("q")
        self._clear()
        self._read(text)

    def by_path(self) -> Iterator[tuple["array[int]", "array[int]"]]:
        """Yield where the strings at one path start and end, if there are several, in order."""
        groups: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))
        for number, path in enumerate(self._paths):
            groups[path].append(number)
        for group in groups.values():
            if len(group) > 1:
                yield (
                    array("q", (self._starts[number] for number in group)),
                    array("q", (self._ends[number] for number in group)),
                )

    def _clear(self) -> None:
        """Forget the containers of the value that ended. The first contains all values."""
        self._parents, self._indexes, self._items = (
            array("q", [0]),
            array("q", [_ANY]),
            array("q", [0]),
        )
        self._names: list[str | None] = [None]
        self._open, self._deeper = [0], 0
        self._owners = array("q")
        self._members: list[str] = []

    def _read(self, text: str) -> None:
        in_events = _IN_EVENTS.search(text) is not None
        name: str | None = None
        for token in _TOKEN.finditer(text):
            if token[1] is not None:
                if token[3] is not None:
                    name = token[1]
                    if name == "index" and (number := _INDEX.match(text, token.end())):
                        self._indexes[self._open[-1]] = int(number[1])
                    continue
                if token[1]:
                    self._starts.append(token.start(1))
                    self._ends.append(token.end(1))
                    self._owners.append(self._open[-1])
                    self._members.append(name or "")
            elif token[4] is not None:
                self._enter(name)
            elif token[5] is None:
                self._leave()
            elif in_events:
                self._flush()
            name = None
        self._flush()

    def _enter(self, name: str | None) -> None:
        if len(self._open) > _DEEPEST:
            self._deeper += 1
            return
        parent = self._open[-1]
        self._items[parent] += 1
        self._parents.append(parent)
        self._names.append(name)
        self._indexes.append(self._items[parent] if parent and name is None else _ANY)
        self._items.append(0)
        self._open.append(len(self._parents) - 1)

    def _leave(self) -> None:
        if self._deeper:
            self._deeper -= 1
        elif len(self._open) > 1:
            self._open.pop()
            if len(self._open) == 1:
                self._flush()

    def _flush(self) -> None:
        known = {0: 0}
        for container, name in zip(self._owners, self._members, strict=True):
            self._paths.append(self._number(self._path(container, known), name))
        self._clear()

    def _path(self, container: int, known: dict[int, int]) -> int:
        chain = []
        while container not in known:
            chain.append(container)
            container = self._parents[container]
        path = known[container]
        for inner in reversed(chain):
            path = self._number(path, self._names[inner] or "")
            if self._by_index and self._indexes[inner] != _ANY:
                path = self._number(path, self._indexes[inner])
            known[inner] = path
        return path

    def _number(self, path: int, name: str | int) -> int:
        if len(self._numbers) < _MOST_PATHS:
            return self._numbers.setdefault((path, name), len(self._numbers) + 1)
        return self._numbers.get((path, name), path)
