"""The page of the docs about the fault catalogue: ``python -m tests.faults.page > docs/faults.md``
writes it anew."""

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.faults import Fault, faults, group_faults
from conformance.judging.requirements import chapters, requirements
from tests.faults.bases import SPREAD
from tests.faults.matrix import caught, matrix
from tests.faults.test_kill_matrix import NEVER_ALONE

_HEAD = f"""\
# Faults

<!-- Generated from conformance/faults/ and the kill matrix: do not edit. `python -m tests.faults.page > docs/faults.md` writes it anew. -->

A conformance suite is worth what it catches. Each fault below is a pure function that puts one thing that servers get wrong into an answer that conforms.
The kill matrix puts every fault into every answer it applies to: goldens written by hand from the documentation, the shipped cassettes of llama.cpp's server
that answer a documented case, and recordings of what OpenAI and Google really answered, where they are there. Of its cassettes of minted cases and of all
those of LiteLLM and vLLM, each fault is put into {SPREAD} it applies to, or all where there are fewer; its name decides into which. An illegal request that
was answered all the same is left out. For each pair the requirement named must speak, none but those that *may speak too* may speak beside it, and what
is legal must stay silent. Compared is with the answer before: what was found there already does not count.

## Score

On the goldens and cassettes that everyone has. *Broken* are the requirements that a fault breaks, of those that one exchange can show; *caught* are the
faults that are caught in every answer they are put into, at least two.
"""

_ROW_HEAD = (
    "| Fault | What the server does | Caught by | May speak too | Profile | Seen in"
    " |\n|---|---|---|---|---|---|"
)


def page() -> str:
    """The whole page."""
    return "\n".join(
        [_HEAD.rstrip("\n"), "", *_score(), *_by_chapter(), *_controls(), *_of_groups(), *_limits()]
    )


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def _score() -> Iterator[str]:
    yield "| Chapter | Requirements | Broken | Faults | Caught |\n|---|--:|--:|--:|--:|"
    total = [0, 0, 0, 0]
    for chapter in chapters():
        rows = {row.id for row in chapter.requirements if row.needs in ("exchange", "probe")}
        of_chapter = [fault for fault in faults().values() if fault.caught_by in rows]
        right = [
            fault
            for fault in of_chapter
            if all(caught(fault, cell) for cell in _cells(fault)) and len(_cells(fault)) > 1
        ]
        broken = {fault.caught_by for fault in right}
        counts = [len(rows), len(broken), len(of_chapter), len(right)]
        total = [before + more for before, more in zip(total, counts, strict=True)]
        if rows:
            yield _line((f"{chapter.prefix} – {chapter.title}", *counts))
    yield _line(("all", *total))


def _cells(fault: Fault[Any]) -> Sequence[Any]:
    return matrix(with_recordings=False)[fault.name]


def _by_chapter() -> Iterator[str]:
    for chapter in chapters():
        rows = {row.id for row in chapter.requirements}
        of_chapter = [fault for fault in faults().values() if fault.caught_by in rows]
        if of_chapter:
            yield f"\n## {chapter.prefix} – {chapter.title}\n\n{_ROW_HEAD}"
            yield from map(_row, sorted(of_chapter, key=lambda fault: str(fault.caught_by)))


def _row(fault: Fault[Any]) -> str:
    seen = ", ".join(fault.source) or "–"
    return _line(
        (
            fault.name,
            fault.does,
            fault.caught_by or "–",
            ", ".join(sorted(fault.also)) or "–",
            fault.profile,
            seen,
        )
    )


def _controls() -> Iterator[str]:
    yield f"\n## Controls\n\nLegal, or OpenAI's own habit: nothing may speak.\n\n{_ROW_HEAD}"
    yield from (_row(fault) for fault in faults().values() if fault.caught_by is None)


def _of_groups() -> Iterator[str]:
    yield (
        "\n## Twins and conversations\n\nWhat it takes two answers to requests that mean the same,"
        " or the turns of one conversation, to show."
    )
    yield f"They are no part of the score.\n\n{_ROW_HEAD}"
    yield from (
        _row(fault)
        for fault in sorted(
            group_faults().values(),
            key=lambda fault: list(requirements()).index(str(fault.caught_by)),
        )
    )


def _limits() -> Iterator[str]:
    yield (
        "\n## What cannot be told apart\n\nFor every requirement above there is a fault that breaks"
        " it and no other, but for these:\n"
    )
    yield from (f"- {row}: {why}" for row, why in NEVER_ALONE.items())
    yield "\nA fault that differs from the report it was taken from does so for a reason:\n"
    every: list[Fault[Any]] = [*faults().values(), *group_faults().values()]
    yield from (f"- {fault.name}: {fault.note}" for fault in every if fault.note)
    known = sorted(
        fault.name
        for fault in faults().values()
        if any(fault.caught_by in cell.known for cell in _cells(fault))
    )
    yield (
        "\nOf a kind that a profile knows of its target, so that it is told as known:"
        f" {', '.join(known)}."
    )


if __name__ == "__main__":
    print(page())
