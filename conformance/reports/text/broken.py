"""Broken requirements as text: one entry for each, and the details of the worst."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from shlex import quote

from conformance._text import BRIEF, many, one_line, shortened
from conformance.judging.requirements import Level
from conformance.judging.requirements.client_impact import measured_impact
from conformance.reports.text.findings import brief_evidence, located, message
from conformance.reports.text.page import Line, filled, fitting, height
from conformance.runs.broken import Broken, Sighting

_LEVEL_STYLES: dict[Level, str] = {"must": "bold red", "should": "yellow", "may": ""}
_DOES = {"hangs": "hang", "raises": "raise an error", "loses": "lose content"}
_HANG = 8
_DETAILED = 3  # broken requirements with details


@dataclass(frozen=True, slots=True)
class Form:
    """How to show broken requirements: the width in columns, and what the run was.

    ``repeat`` is the command that asks a case again if ``--case ID`` is added, "" if there is none.
    ``targets`` says whether the name of the target precedes each case. ``code_of`` returns the
    request of a sighting as code, "" if it is not known or not wanted.
    """

    width: int
    repeat: str = ""
    targets: bool = False
    code_of: Callable[[Sighting], str] = lambda _: ""


def worst_of(broken: Sequence[Broken], form: Form, room: int) -> Iterator[Line]:
    """Yield the worst broken requirements and the details of a few, in at most ``room`` lines."""
    if not broken:
        return
    blocks = [entry(each, form) for each in broken]
    examples = [[*details(each, form), Line("")] for each in broken[:_DETAILED]]
    musts = [_label(each) == "must" for each in broken[:_DETAILED]]
    for_count = 1 if any(musts[1:]) else 0  # the line about details that are left out
    listed = fitting(blocks, form.width, room - height(examples[0], form.width) - 2 - for_count)
    kept = [line for block in blocks[:listed] for line in block]
    if listed < len(broken):
        kept.append(Line(_more(broken[listed:])))
    kept.append(Line(""))
    yield from kept
    left = room - height(kept, form.width)
    shown = fitting(examples, form.width, left)
    if any(musts[shown:]):
        shown = fitting(examples, form.width, left - 1)
    for each, block in zip(broken, examples[:shown], strict=False):
        yield from block[:-1]
        yield from _code(each.examples[0], form)
        if block is not examples[shown - 1]:
            yield block[-1]
    if without := sum(musts[shown:]):
        yield Line(f"details of {without} more: -v")
    yield Line("")


def _more(broken: Sequence[Broken]) -> str:
    """Return how many entries are left out, how many requirements if some have several, and whether
    they matter.
    """
    requirements = sum(1 + len(each.also) for each in broken)
    counted = f" ({requirements:,} requirements)" if requirements > len(broken) else ""
    fails = any(each.fails_run for each in broken)
    code = "" if fails else ", which do not change the exit code"
    return f"+{len(broken):,} more{counted}{code}: -v"


def all_of(broken: Iterable[Broken], form: Form) -> Iterator[Line]:
    """Yield all broken requirements with the details of all their examples."""
    for each in broken:
        yield from entry(each, form)
        yield from details(each, form, examples=len(each.examples))
        yield from _code(each.examples[0], form)
        yield Line("")


def _code(sighting: Sighting, form: Form) -> Iterator[Line]:
    """Yield the request of the first example as code, as it must be pasted: not wrapped."""
    if code := form.code_of(sighting):
        yield Line("")
        yield from (Line(f"    {line}".rstrip()) for line in code.splitlines())


def entry(broken: Broken, form: Form) -> list[Line]:
    """Return the lines that name a broken requirement: level, id, how often, what, and where."""
    first = broken.examples[0]
    what = one_line(first.findings[0].message) if first.findings else broken.entry.sentence
    also = f" (also {', '.join(each.id for each in broken.also)})" if broken.also else ""
    where = _where(first, form)
    style = _LEVEL_STYLES[broken.level] if broken.fails_run else ""
    return filled(
        f"{_label(broken):<6}  {broken.entry.id:<8} {broken.share_of_answers}{also}:"
        f" {shortened(what, BRIEF)}; first in {where}",
        form.width,
        hang=_HANG,
        style=style,
    )


def _label(broken: Broken) -> str:
    """Return what stands at the start of the entry: the level, or why it is listed."""
    if broken.outcome == "fail":
        of_model = all(each.about == "model" for each in (broken.entry, *broken.also))
        return "model" if of_model else broken.level
    return "crash" if broken.outcome == "error" else "stale"


def _where(sighting: Sighting, form: Form) -> str:
    """Return the answer with the event and JSON pointer of its first finding."""
    answer = f"{sighting.target}/{sighting.case}" if form.targets else sighting.case
    return located(answer, sighting.findings[0]) if sighting.findings else one_line(answer)


def details(broken: Broken, form: Form, examples: int = 1) -> Iterator[Line]:
    """Yield what was expected and found in the first examples, who it breaks, and what to do next.
    ``examples`` is how many examples are shown.
    """
    entry, width = broken.entry, form.width
    yield from filled(f"{entry.id}  {entry.sentence}", width, hang=4, style="bold")
    shown = broken.examples[:examples]
    for number, sighting in enumerate(shown):
        others = broken.answers - len(shown) if number == len(shown) - 1 else 0
        more = f" and {many(others, 'more answer')}" if others else ""
        yield from filled(f"in {_where(sighting, form)}{more}", width, 2, 2)
        for finding in sighting.findings:
            if examples > 1:
                yield from filled(message(finding), width, 2, 2)
            for line in brief_evidence(finding):
                yield from filled(line, width, 2, 10, break_words=True)
    if breaks := breaks_clients(entry.id):
        yield from filled(f"breaks:   {breaks}", width, 2, 10)
    if form.repeat and broken.outcome != "error":
        yield Line(f"  again:    {repeat_command(form.repeat, broken)}")
    yield Line(f"  more:     conformance explain {entry.id}")


def repeat_command(repeat: str, broken: Broken) -> str:
    """Return the command that asks the case of the first example again.

    A replay needs the name of the target, because not all targets are replayed by default.
    """
    first = broken.examples[0]
    words = repeat.split()
    asks = "--live" in words or any("://" in word for word in words)
    named = asks or "--target" in words
    target = "" if named else f" --target {quote(one_line(first.target))}"
    cases = dict.fromkeys(part.partition("#")[0] for part in first.case.split("+"))
    options = " ".join(f"--case {quote(one_line(case))}" for case in cases)
    return f"{repeat}{target} {options} --requirement {broken.entry.id}"


def breaks_clients(requirement: str) -> str:
    """Return how many clients a violation breaks and how, the worst effect first; "" for none.

    "1 of 7 clients hang, 5 of 7 clients raise an error"
    """
    measured = measured_impact()
    return ", ".join(
        f"{len(clients)} of {len(measured.clients)} clients {_DOES[effect]}"
        for effect, clients in measured.of(requirement).by_effect().items()
        if effect in _DOES
    )
