"""Generate the page about the SDK with ``python -m tests.runs.sdk.page > docs/sdk.md``."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from conformance._text import printable
from conformance.faults import Fault, faults
from conformance.protocol.exchange import Exchange
from conformance.runs.sdk.read_by_sdk import VERSION, read_by_sdk
from conformance.runs.sdk.reading import Break, Reading
from tests.faults.bases import Base, goldens, probed

ANSWERS = 2
"""The maximum number of answers that each fault is put into."""

_HEAD = f"""\
# The official SDK

<!-- Generated from conformance/runs/sdk/ with openai {VERSION}: do not edit. Regenerate it with `python -m tests.runs.sdk.page > docs/sdk.md`. -->

`conformance run --sdk` (`pip install ".[sdk]"`) reads each answer with the official Python SDK, with the blocking and the asynchronous client, and reports what
fails. The answers come from memory; nothing is sent. The feature test `test_sdk.py` does the same. No verdict and no exit code depends on the SDK. As the tables show,
the SDK accepts most faults without an exception. Where it fails, every program that uses it fails too.

| Call | Used for | Check |
|---|---|---|
| `create()` | answers that are not streamed | the object has the text, refusal, tool calls, finish reason and usage |
| `parse()` | requests with a JSON Schema | the same, with a class made for the schema |
| `create(stream=True)` | streams | the number of chunks is right, and they have all text, tool call fragments, finish reasons and usage |
| `stream()` | streams | the completion that the helper assembles has all of them |
| tools round trip | answers with tool calls | the SDK sends the message back with the id, name, arguments and extra_content of each tool call |

For an error, a truncated stream and a stream that ends with an error, the SDK must raise the documented exception class, with message, type, param and code of
the error. *Raised* means that the SDK raises any other exception; *lost* means that content of the bytes is missing in its objects. In addition, each answer is
validated strictly with the SDK's own types, which the SDK itself never does.

## Real answers

Counted once, in November 2026, with openai 3.54.0. The SDK reads all answers of llama.cpp. Of 651 published recordings of OpenAI, Google and other servers, it
fails on seven:

| Server and answer | Answers | Result |
|---|--:|---|
| Gemini API: streamed tool calls without an index | 2 | `stream()` raises TypeError |
| Gemini API: the error is in an array | 2 | message and code are missing in the exception |
| Vertex AI: the first fragment of a tool call has a different index than the others | 1 | `stream()` raises IndexError |
| OpenRouter: annotations in a delta have no index | 1 | `stream()` raises RuntimeError |
| OpenAI: a chunk with the moderation follows the chunk with the usage | 1 | `stream()` loses the usage |

Strict validation finds errors in 118 of them: 48 times an unknown `service_tier`, 31 times a tool call without a type, 20 times a wrong `object` in a chunk.
"""


class Cell(NamedTuple):
    """A fault, the readings of the answers with it, and the breaks that only the fault causes."""

    fault: Fault[Exchange]
    readings: tuple[Reading, ...]
    new: tuple[Break, ...]

    @property
    def outcome(self) -> str:
        """The worst effect of the fault on the SDK: raised, lost or unnoticed."""
        outcomes = {broken.outcome for broken in self.new}
        return "raised" if "raised" in outcomes else "lost" if outcomes else "unnoticed"


@cache
def cells() -> tuple[Cell, ...]:
    """Return a cell for each fault that applies to at least one answer."""
    return tuple(cell for cell in map(_cell, faults().values()) if cell.readings)


def _cell(fault: Fault[Exchange]) -> Cell:
    of_profile = (number for number, base in enumerate(bases()) if fault.profile in base.profiles)
    pairs = list(
        islice(
            (
                (number, faulty)
                for number in of_profile
                if (faulty := fault(bases()[number].exchange)) is not None
            ),
            ANSWERS,
        )
    )
    before = {(each.call, _about(each)) for number, _ in pairs for each in _clean(number).breaks}
    readings = tuple(read_by_sdk(faulty) for _, faulty in pairs)
    return Cell(
        fault,
        readings,
        tuple(
            each
            for reading in readings
            for each in reading.breaks
            if (each.call, _about(each)) not in before
        ),
    )


@cache
def bases() -> tuple[Base, ...]:
    """Return the answers that faults are put into."""
    return (*goldens(), *probed())


@cache
def _clean(index: int) -> Reading:
    """Read an answer without a fault."""
    return read_by_sdk(bases()[index].exchange)


def _about(each: Break) -> str:
    """Return what is lost, without the values."""
    return each.what.partition(": ")[0].partition(",")[0]


def page() -> str:
    """Return the whole page."""
    return "\n".join(
        [_HEAD, *_score(), *_broken("raised"), *_broken("lost"), *_controls(), *_unnoticed()]
    )


def _line(*texts: object) -> str:
    return "| " + " | ".join(str(text).replace("|", "\\|") for text in texts) + " |"


def _score() -> Iterator[str]:
    yield "\n## The faults\n"
    yield (
        f"Each fault of [the catalogue](faults.md) was put into up to {ANSWERS} answers written"
        " from the documentation. Failures of the SDK on the"
    )
    yield (
        "answer without the fault do not count. Faults that none of these answers can show are left"
        " out.\n"
    )
    yield "| | Faults | Strict validation finds errors |\n|---|--:|--:|"
    shown = [cell for cell in cells() if cell.fault.caught_by]
    counts = Counter(cell.outcome for cell in shown)
    strict = Counter(
        cell.outcome for cell in shown if any(reading.strict for reading in cell.readings)
    )
    yield from (
        _line(outcome, counts[outcome], strict[outcome])
        for outcome in ("raised", "lost", "unnoticed")
    )
    yield _line("all", len(shown), strict.total())


def _broken(outcome: str) -> Iterator[str]:
    yield (
        f"\n### {outcome.capitalize()}\n\n| Fault | What the server does | Caught by | Effect on"
        " the SDK |\n|---|---|---|---|"
    )
    for cell in cells():
        if cell.outcome == outcome and cell.fault.caught_by:
            first = next(each for each in cell.new if each.outcome == outcome)
            yield _line(
                f"`{cell.fault.name}`", cell.fault.does, cell.fault.caught_by, _shown(first)
            )


def _controls() -> Iterator[str]:
    yield "\n### Legal, but the SDK fails\n"
    yield from (
        f"- `{cell.fault.name}`: {cell.fault.does} {_shown(cell.new[0])}."
        for cell in cells()
        if cell.fault.caught_by is None and cell.new
    )


def _unnoticed() -> Iterator[str]:
    yield (
        "\n### Unnoticed\n\nThe SDK loses nothing and raises nothing, except for the error that an answer"
        " reports.\n"
    )
    by_chapter: dict[str, list[str]] = {}
    for cell in cells():
        if cell.outcome == "unnoticed" and cell.fault.caught_by:
            by_chapter.setdefault(cell.fault.caught_by.rpartition("-")[0], []).append(
                f"`{cell.fault.name}`"
            )
    yield from (f"- {chapter}: {', '.join(names)}" for chapter, names in by_chapter.items())


def _shown(each: Break) -> str:
    """Describe a break for the page; of an exception show only the class.

    The messages of exceptions come from Python or pydantic and change with their versions.
    """
    what = each.what.partition(":")[0] if each.outcome == "raised" else each.what
    return f"{each.call} {each.outcome} {printable(what)}"


if __name__ == "__main__":
    print(page())
