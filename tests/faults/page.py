"""Generate docs/faults.md: ``python -m tests.faults.page > docs/faults.md``."""

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.faults import Fault, faults, group_faults
from conformance.judging.requirements import chapters, requirements
from tests.faults.bases import SPREAD
from tests.faults.matrix import caught, matrix
from tests.faults.test_kill_matrix import NEVER_ALONE

_HEAD = f"""\
# Faults

<!-- Generated from conformance/faults/ and the kill matrix: do not edit. Regenerate with `python -m tests.faults.page > docs/faults.md`. -->

Faults test this suite: each fault below is a pure function that puts one mistake of real servers into a response that conforms, and the suite must report it.
The kill matrix puts every fault into every response (a *base*) that it applies to:

- goldens, written by hand from the documentation;
- the shipped cassettes of llama.cpp's server for documented cases;
- up to {SPREAD} of the other shipped cassettes: those of llama.cpp's server for minted cases, and all of LiteLLM and vLLM. The name of the fault decides which;
- recordings of OpenAI and Google, if they are present. They do not count for the score.

Illegal requests that a server answered with success are left out. For each pair of fault and base, the requirement under *Caught by* must report the fault. Only the
requirements under *May also report* may report it too. A control is legal, so nothing may report it. Findings that the base already had do not count.

## Score

*Requirements* are those that one exchange can show. *Broken* counts the requirements that a fault breaks. *Caught* counts the faults that are put into at
least two bases and reported in all of them.
"""

_ROW_HEAD = (
    "| Fault | What the server does | Caught by | May also report | Profile | Public reports"
    " |\n|---|---|---|---|---|---|"
)


def page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join(
        [_HEAD.rstrip("\n"), "", *_score(), *_by_chapter(), *_controls(), *_of_groups(), *_limits()]
    )


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _score() -> Iterator[str]:
    yield "| Chapter | Requirements | Broken | Faults | Caught |\n|---|--:|--:|--:|--:|"
    total = [0, 0, 0, 0]
    for chapter in chapters():
        ids = {
            requirement.id
            for requirement in chapter.requirements
            if requirement.needs in ("exchange", "probe")
        }
        of_chapter = [fault for fault in faults().values() if fault.caught_by in ids]
        caught_everywhere = [
            fault
            for fault in of_chapter
            if all(caught(fault, cell) for cell in _cells(fault)) and len(_cells(fault)) > 1
        ]
        broken = {fault.caught_by for fault in caught_everywhere}
        counts = [len(ids), len(broken), len(of_chapter), len(caught_everywhere)]
        total = [before + more for before, more in zip(total, counts, strict=True)]
        if ids:
            yield _line((f"{chapter.prefix} – {chapter.title}", *counts))
    yield _line(("all", *total))


def _cells(fault: Fault[Any]) -> Sequence[Any]:
    return matrix(with_recordings=False)[fault.name]


def _by_chapter() -> Iterator[str]:
    for chapter in chapters():
        ids = {requirement.id for requirement in chapter.requirements}
        of_chapter = [fault for fault in faults().values() if fault.caught_by in ids]
        if of_chapter:
            yield f"\n## {chapter.prefix} – {chapter.title}\n\n{_ROW_HEAD}"
            yield from map(_row, sorted(of_chapter, key=lambda fault: str(fault.caught_by)))


def _row(fault: Fault[Any]) -> str:
    reports = ", ".join(fault.source) or "–"
    return _line(
        (
            f"`{fault.name}`",
            fault.does,
            fault.caught_by or "–",
            ", ".join(sorted(fault.also)) or "–",
            fault.profile,
            reports,
        )
    )


def _controls() -> Iterator[str]:
    yield f"\n## Controls\n\nThese are legal, or normal for OpenAI, so nothing may report them.\n\n{_ROW_HEAD}"
    yield from (_row(fault) for fault in faults().values() if fault.caught_by is None)


def _of_groups() -> Iterator[str]:
    yield (
        "\n## Twins and conversations\n\nThese faults only show in two responses to equivalent"
        " requests, or in the turns of a conversation."
    )
    yield f"They are not part of the score.\n\n{_ROW_HEAD}"
    yield from (
        _row(fault)
        for fault in sorted(
            group_faults().values(),
            key=lambda fault: list(requirements()).index(str(fault.caught_by)),
        )
    )


def _limits() -> Iterator[str]:
    yield (
        "\n## Requirements that cannot be broken alone\n\nEvery requirement above has a fault that"
        " breaks only this requirement, except:\n"
    )
    yield from (f"- {requirement}: {why}" for requirement, why in NEVER_ALONE.items())
    yield "\n## Faults that differ from their public report\n"
    every: list[Fault[Any]] = [*faults().values(), *group_faults().values()]
    yield from (f"- `{fault.name}`: {fault.note}" for fault in every if fault.note)
    known = sorted(
        f"`{fault.name}`"
        for fault in faults().values()
        if any(fault.caught_by in cell.known for cell in _cells(fault))
    )
    yield (
        "\n## Faults that match a known deviation\n\nThe profile lists a known deviation that explains"
        f" these faults in at least one base: {', '.join(known)}."
    )


if __name__ == "__main__":
    print(page())
