"""Read a user's own cases: a file of JSON lines, or a folder of such files."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from conformance.cases import Case, CaseError, case_of_line, cases
from conformance.cases.behaviour import behaviour_cases

_MOST_NAMED = 10
_LARGEST = 64 * 1024 * 1024  # bytes of a file
_DEFAULTS = {"feature": "a question of your own", "needs": []}
_REQUEST_DEFAULTS = {"method": "POST", "path": "/chat/completions"}


class OwnCaseError(CaseError):
    """Files have cases that cannot be used; ``problems`` has one line for each, with its place."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        named = self.problems[:_MOST_NAMED]
        more = len(self.problems) - len(named)
        super().__init__("\n".join((*named, *([f"and {more:,} more"] if more else []))))


def read_own_cases(*paths: Path) -> tuple[Case, ...]:
    """Return the cases of files and folders, sorted by id.

    A line may leave out ``feature``, ``source``, ``needs``, and the method and path of the request.

    Raises:
        OwnCaseError: a line is not a valid case, an id is used twice or belongs to a case that
            ships, or there is no case.
        OSError: a file cannot be read.
    """
    problems: list[str] = []
    found: dict[str, tuple[Case, str]] = {}
    shipped = {case.id for case in (*cases(), *behaviour_cases())}
    for path in _files(paths):
        if path.stat().st_size > _LARGEST:
            problems.append(f"{path}: larger than 64 MB, which is not a file of cases")
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                case = case_of_line(place, _completed(line, place))
            except CaseError as error:
                problems.append(str(error))
                continue
            if case.id in shipped:
                problems.append(f"{place}: id: {case.id!r} is a case that ships: choose another id")
            elif case.id in found:
                first = found[case.id][1]
                problems.append(f"{place}: id: {case.id!r} is also the id of {first}")
            else:
                found[case.id] = (case, place)
    if not found and not problems:
        problems.append(f"{', '.join(map(str, paths))}: no case: each line must be one, as JSON")
    if problems:
        raise OwnCaseError(problems)
    return tuple(found[name][0] for name in sorted(found))


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.glob("*.jsonl") if each.is_file())
        elif path.exists() and not path.is_file():
            raise OwnCaseError([f"{path}: not a file"])
        else:
            yield path


def _completed(line: bytes, place: str) -> bytes:
    """Return the line with what may be left out; unchanged if it is not an object."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(row, dict):
        return line
    row = {**_DEFAULTS, "source": place, **row}
    if isinstance(row.get("request"), dict):
        row["request"] = {**_REQUEST_DEFAULTS, **row["request"]}
    return json.dumps(row).encode()
