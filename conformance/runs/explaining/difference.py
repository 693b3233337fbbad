"""Find the smallest difference between a conforming and a violating response, as lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations, takewhile
from math import inf

import orjson

from conformance._text import shortened
from conformance.protocol.event_stream import OPENINGS
from conformance.protocol.exchange import Exchange, Json

LONGEST = 400
"""The most characters of a line of a difference."""

_KEPT = 12
"""Characters of an equal beginning or value that stay, so that the reader finds the place."""

_PLACE = re.compile(r"(?:event (\d+) ?)?(/.*)?")
_MOST_ALIGNED = 6
"""The most lines of a block whose lines are compared with each other, one with one."""

_FIELD = "data:"
_SAME_LENGTH = "content-length"  # a header that changes with every body


@dataclass(frozen=True, slots=True)
class Change:
    """Lines that differ at one place.

    ``place`` is words such as "status", "event 3" and "/choices/0". ``context`` is the unchanged
    line before, "" if there is none. ``removed`` is what conforms, ``added`` what violates.
    """

    place: str
    context: str
    removed: tuple[str, ...]
    added: tuple[str, ...]


def difference(conforming: Exchange, violating: Exchange) -> tuple[Change, ...]:
    """Return where two responses differ: status, headers, body, else arrival times."""
    return (
        *_of_status(conforming, violating),
        *_of_headers(conforming, violating),
        *(_of_bodies(conforming, violating) or _of_times(conforming, violating)),
    )


def decisive_first(
    changes: tuple[Change, ...], event: int | None, pointer: str
) -> tuple[Change, ...]:
    """Sort changes: those at the place of a finding first, then those near it; else as they were.

    Args:
        changes: what differs.
        event: the number of the event of the finding, None if it is about no event.
        pointer: the JSON pointer of the finding, "" if it is about no member.
    """

    def distance(change: Change) -> tuple[float, int, bool]:
        found = _PLACE.match(change.place)
        of_event, of_pointer = found.groups() if found else (None, None)
        away = 0.0 if event is None else abs(int(of_event) - event) if of_event else inf
        is_whole_event = any(line.startswith(_FIELD) for line in (*change.removed, *change.added))
        return away, -_common_parts(of_pointer or "", pointer), not is_whole_event

    return tuple(sorted(changes, key=distance))


def _common_parts(one: str, other: str) -> int:
    """Return how many parts two JSON pointers share from their beginning."""
    pairs = zip(one.split("/")[1:], other.split("/")[1:], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def contrasted(before: str, after: str, longest: int) -> tuple[str, str]:
    """Shorten two similar lines so that both still show where they differ.

    An equal beginning is left out as far as needed.
    """
    if max(len(before), len(after)) <= longest:
        return before, after
    same = next(
        (number for number, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )
    gone = same - _KEPT
    if gone > _KEPT and same > longest // 2:
        head = shortened(before, _KEPT)
        before, after = head + before[gone:], head + after[gone:]
    return shortened(before, longest), shortened(after, longest)


def _of_status(conforming: Exchange, violating: Exchange) -> Iterator[Change]:
    before, after = conforming.response.status, violating.response.status
    if before != after:
        yield Change("status", "", (str(before),), (str(after),))


def _of_headers(conforming: Exchange, violating: Exchange) -> Iterator[Change]:
    before, after = dict(conforming.response.headers), dict(violating.response.headers)
    for name in {**before, **after}:
        if before.get(name) != after.get(name) and name != _SAME_LENGTH:
            yield Change("headers", "", *(_header(name, of) for of in (before, after)))


def _header(name: str, headers: dict[str, str]) -> tuple[str, ...]:
    return (shortened(f"{name}: {headers[name]}", LONGEST),) if name in headers else ()


def _of_times(conforming: Exchange, violating: Exchange) -> Iterator[Change]:
    before, after = (_arrival(each) for each in (conforming, violating))
    if before != after:
        yield Change("arrival", "", (before,), (after,))


def _arrival(exchange: Exchange) -> str:
    reads = exchange.response.reads
    if not reads:
        return "no arrival times"
    times = "1 read" if len(reads) == 1 else f"{len(reads)} reads"
    return f"{times}, the first after {reads[0][0]:,.0f} ms, the last after {reads[-1][0]:,.0f} ms"


def _of_bodies(conforming: Exchange, violating: Exchange) -> list[Change]:
    before, after = (each.response.body or b"" for each in (conforming, violating))
    if before == after:
        return []
    if before.startswith(OPENINGS) and after.startswith(OPENINGS):
        return list(_of_lines(_lines(before), _lines(after)))
    old, new = _parsed(before), _parsed(after)
    changes = list(_of_values(old, new, "")) if _are_alike(old, new) else []
    return changes or [Change("body", "", *_cut((_text(before),), (_text(after),)))]


def _parsed(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _text(body: bytes) -> str:
    return body.decode(errors="backslashreplace")


def _lines(body: bytes) -> list[str]:
    return _text(body).splitlines()


def _of_lines(before: list[str], after: list[str]) -> Iterator[Change]:
    """Yield the changes between the lines of two event streams."""
    events = _event_numbers(before)
    for tag, start, end, new_start, new_end in SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        for old_range, new_range in _aligned(before, after, (start, end), (new_start, new_end)):
            yield from _of_block(before, events, old_range, after[slice(*new_range)])


def _of_block(
    before: list[str], events: list[int], old: tuple[int, int], added: list[str]
) -> Iterator[Change]:
    """Yield the changes between some lines of a stream and those that replace them."""
    start, end = old
    removed = before[start:end]
    pairs = list(zip(removed, added, strict=False))
    values = [(_data(a), _data(b)) for a, b in pairs]
    if len(removed) == len(added) and all(
        old == new or _are_alike(a, b) for (a, b), (old, new) in zip(values, pairs, strict=True)
    ):
        for number, (a, b) in enumerate(values):
            yield from _of_values(a, b, "", f"event {events[start + number]}")
        return
    context = next((line for line in reversed(before[:start]) if line), "")
    shown = (_shown([_without_common(line, context) for line in each]) for each in (removed, added))
    first = next((at for at in range(start, end) if before[at]), start)
    yield Change(f"event {events[first]}", shortened(context, LONGEST), *_cut(*shown))


def _aligned(
    before: list[str], after: list[str], old: tuple[int, int], new: tuple[int, int]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Split a block that lost chunks: each chunk that is left stands beside the one most like it.

    Yields the first line and the line after the last, of both streams.
    """
    kept = [at for at in range(*old) if _data(before[at])]
    given = [at for at in range(*new) if _data(after[at])]
    if not 0 < len(given) < len(kept) <= _MOST_ALIGNED:
        yield old, new
        return
    best = max(
        combinations(kept, len(given)),
        key=lambda chosen: sum(
            _likeness(_data(before[a]), _data(after[b])) for a, b in zip(chosen, given, strict=True)
        ),
    )
    at, new_at = old[0], new[0]
    for a, b in zip(best, given, strict=True):
        if at < a or new_at < b:
            yield (at, a), (new_at, b)
        yield (a, a + 1), (b, b + 1)
        at, new_at = a + 1, b + 1
    if at < old[1] or new_at < new[1]:
        yield (at, old[1]), (new_at, new[1])


def _likeness(one: Json, other: Json) -> int:
    """Return how many members two objects share."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return 0
    return sum(name in other and other[name] == value for name, value in one.items())


def _without_common(line: str, context: str) -> str:
    """Return a chunk without the members that the chunk before has too, marked by dots."""
    value, earlier = _data(line), _data(context)
    if not isinstance(value, dict) or not isinstance(earlier, dict):
        return line
    own = {key: item for key, item in value.items() if key not in earlier or earlier[key] != item}
    if not own or len(own) == len(value):
        return line
    return f"{_FIELD} {{…, {_dumped(own).removeprefix('{')}"


def _event_numbers(lines: list[str]) -> list[int]:
    """Return the number of the event that each line belongs to, and one more for the end."""
    numbers, count = [], 0
    for line in lines:
        numbers.append(count)
        count += not line
    return [*numbers, count]


def _data(line: str) -> Json:
    return _parsed(line.removeprefix(_FIELD).encode()) if line.startswith(_FIELD) else None


def _shown(lines: list[str]) -> tuple[str, ...]:
    """Return the lines without blank ones, or a word for them if there are no others."""
    return tuple(filter(None, lines)) or (("(a blank line)",) if lines else ())


def _cut(removed: tuple[str, ...], added: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Return both with lines of at most ``LONGEST`` characters."""
    if len(removed) != len(added):
        return tuple(
            tuple(shortened(line, LONGEST) for line in lines) for lines in (removed, added)
        )
    pairs = [contrasted(a, b, LONGEST) for a, b in zip(removed, added, strict=True)]
    return tuple(a for a, _ in pairs), tuple(b for _, b in pairs)


def _of_values(before: Json, after: Json, pointer: str, event: str = "") -> Iterator[Change]:
    """Yield the members that two objects or arrays of JSON do not share, by their container."""
    old, new = _members(before), _members(after)
    removed: list[str] = []
    added: list[str] = []
    context, inner = "", []
    previous = ""
    for key in {**old, **new}:
        if key in old and key in new:
            if _dumped(old[key]) == _dumped(new[key]):
                previous = _member(before, key, old[key])
                continue
            if _are_alike(old[key], new[key]):
                inner.append((key, old[key], new[key]))
                continue
        if not removed and not added:
            context = previous
        removed += [_member(before, key, old[key])] if key in old else []
        added += [_member(after, key, new[key])] if key in new else []
    if removed or added:
        place = " ".join(filter(None, (event, pointer))) or "body"
        yield Change(place, context, *_cut(tuple(removed), tuple(added)))
    for key, a, b in inner:
        yield from _of_values(a, b, f"{pointer}/{key}", event)


def _members(value: Json) -> dict[str, Json]:
    """Return the members of an object or array by name or number."""
    if isinstance(value, dict):
        return value
    return {str(number): item for number, item in enumerate(value)}


def _are_alike(before: Json, after: Json) -> bool:
    """Return whether two values are compared member by member.

    They are if they are objects with a common key, or arrays that are not empty.
    """
    if isinstance(before, dict) and isinstance(after, dict):
        return bool(before.keys() & after.keys())
    return isinstance(before, list) and isinstance(after, list) and bool(before and after)


def _member(container: Json, key: str, value: Json) -> str:
    shown = _dumped(value)
    return f"{_dumped(key)}: {shown}" if isinstance(container, dict) else shown


def _dumped(value: Json) -> str:
    return orjson.dumps(value).decode()
