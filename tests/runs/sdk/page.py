"""The page of the docs about the official SDK: ``python -m tests.runs.sdk.page > docs/sdk.md``
writes it anew."""

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
"""Into how many answers each fault is put."""

_HEAD = f"""\
# The official SDK

<!-- Generated from conformance/runs/sdk/ with openai {VERSION}: do not edit. `python -m tests.runs.sdk.page > docs/sdk.md` writes it anew. -->

`conformance run --sdk` (`pip install ".[sdk]"`) plays each answer from memory to the official Python SDK, to its blocking and to its asynchronous client, and
says what it makes of it. So does the suite `test_sdk.py`. The SDK is no judge: no verdict and no exit code depends on it, and as the tables show, most of what
servers get wrong it takes without a word. What it does break on, though, every program that is written with it breaks on.

| Call | For | Asked is |
|---|---|---|
| `create()` | answers that are not streamed | whether text, refusal, tool calls, finish reason and usage are in the object |
| `parse()` | requests with a JSON Schema | the same, with a class such as one writes for the schema |
| `create(stream=True)` | streams | whether the chunks hold all text, fragments of calls, finish reasons and usage, and are as many as there are |
| `stream()` | streams | whether the completion that the helper puts together holds them |
| tools round trip | answers with tool calls | whether the message goes back with the id, name, arguments and extra_content of each call |

An error, a stream that is cut and one that ends with an error have to be raised as the class that stands for it, with message, type, param and code. *Raised*
is whatever else it raises, *lost* what the bytes hold and its objects do not. Beside that, its own types are made to check, which the SDK never does.

## Real answers

Counted once, in November 2026, with openai 3.54.0. Nothing that llama.cpp answered breaks the SDK. Of 651 genuine recordings of OpenAI, Google and others
that others published, seven do:

| Whose | Answers | What the SDK makes of it |
|---|--:|---|
| Gemini API, tool calls in a stream without an index | 2 | `stream()` raises TypeError |
| Gemini API, the error in an array | 2 | its message and code are not in the exception |
| Vertex AI, a call whose first fragment has an index of its own | 1 | `stream()` raises IndexError |
| OpenRouter, annotations in a delta without an index | 1 | `stream()` raises RuntimeError |
| OpenAI, a chunk with the moderation after the one with the usage | 1 | `stream()` loses the usage |

Its types object to 118 of them: 48 times to a `service_tier` that they do not know, 31 times to a tool call without a type, 20 times to the object of a chunk.
"""


class Cell(NamedTuple):
    """A fault, what the SDK makes of the answers it was put into, and what it says of them that it
    does not say without the fault."""

    fault: Fault[Exchange]
    readings: tuple[Reading, ...]
    new: tuple[Break, ...]

    @property
    def outcome(self) -> str:
        """Whether the SDK raises, or loses something, or does not notice."""
        told = {each.outcome for each in self.new}
        return "raised" if "raised" in told else "lost" if told else "unnoticed"


@cache
def cells() -> tuple[Cell, ...]:
    """A cell for each fault that can be put into an answer."""
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
    """The answers that faults are put into."""
    return (*goldens(), *probed())


@cache
def _clean(index: int) -> Reading:
    """What the SDK makes of an answer without a fault."""
    return read_by_sdk(bases()[index].exchange)


def _about(each: Break) -> str:
    """What is lost, without the values."""
    return each.what.partition(": ")[0].partition(",")[0]


def page() -> str:
    """The whole page."""
    return "\n".join(
        [_HEAD, *_score(), *_broken("raised"), *_broken("lost"), *_controls(), *_unnoticed()]
    )


def _line(*texts: object) -> str:
    return "| " + " | ".join(str(text).replace("|", "\\|") for text in texts) + " |"


def _score() -> Iterator[str]:
    yield "\n## The faults\n"
    yield (
        f"Each fault of [the catalogue](faults.md) was put into up to {ANSWERS} answers written"
        " from the documentation. What the SDK says of an answer"
    )
    yield (
        "without the fault does not count. Faults that none of these answers can show are left"
        " out.\n"
    )
    yield "| | Faults | of which its own types object |\n|---|--:|--:|"
    found = [cell for cell in cells() if cell.fault.caught_by]
    counts = Counter(cell.outcome for cell in found)
    strict = Counter(
        cell.outcome for cell in found if any(reading.strict for reading in cell.readings)
    )
    yield from (
        _line(outcome, counts[outcome], strict[outcome])
        for outcome in ("raised", "lost", "unnoticed")
    )
    yield _line("all", len(found), strict.total())


def _broken(outcome: str) -> Iterator[str]:
    yield (
        f"\n### {outcome.capitalize()}\n\n| Fault | What the server does | Caught by | What the SDK"
        " makes of it |\n|---|---|---|---|"
    )
    for cell in cells():
        if cell.outcome == outcome and cell.fault.caught_by:
            first = next(each for each in cell.new if each.outcome == outcome)
            yield _line(cell.fault.name, cell.fault.does, cell.fault.caught_by, _shown(first))


def _controls() -> Iterator[str]:
    yield "\n### Legal, and it breaks the SDK all the same\n"
    yield from (
        f"- {cell.fault.name}: {cell.fault.does} {_shown(cell.new[0])}."
        for cell in cells()
        if cell.fault.caught_by is None and cell.new
    )


def _unnoticed() -> Iterator[str]:
    yield (
        "\n### Unnoticed\n\nNothing is lost, and nothing raised but the error that an answer is.\n"
    )
    by_chapter: dict[str, list[str]] = {}
    for cell in cells():
        if cell.outcome == "unnoticed" and cell.fault.caught_by:
            by_chapter.setdefault(cell.fault.caught_by.rpartition("-")[0], []).append(
                cell.fault.name
            )
    yield from (f"- {chapter}: {', '.join(names)}" for chapter, names in by_chapter.items())


def _shown(each: Break) -> str:
    """A break in the words of the page; of an exception only its class, as its words are those of
    Python or pydantic, and change."""
    what = each.what.partition(":")[0] if each.outcome == "raised" else each.what
    return f"{each.call} {each.outcome} {printable(what)}"


if __name__ == "__main__":
    print(page())
