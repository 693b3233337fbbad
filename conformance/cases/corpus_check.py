"""Checking the corpus: what it promises, told where it does not hold. Without Hypothesis."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from conformance.cases import CORPUS, DOCUMENTED, Case, Violation
from conformance.cases.corpus_writer import line_of
from conformance.cases.digest import digest
from conformance.cases.features import FEATURES, features_of, needs_of, pairs, pairs_of
from conformance.cases.minting import NEGATIVE, id_of, minted, minted_negative
from conformance.cases.schema_violations import BREACHES
from conformance.judging.profiles import capabilities
from conformance.judging.profiles.model import CAPABILITIES
from conformance.protocol import schema
from conformance.protocol.chat.request_schema import breaks_schema

CORE = 40
"""Cases that are asked of a target that costs money."""


def problems(
    documented: Sequence[Case], corpus: Sequence[Case], cassettes: Iterable[Path] = ()
) -> Iterator[str]:
    """What is wrong with the cases and with the cassettes that answer them, a line each; nothing
    where all holds."""
    for name, found in ((DOCUMENTED.name, documented), (CORPUS.name, corpus)):
        for case in found:
            yield from (f"{name}: {case.id}: {problem}" for problem in _of_any(case))
    for case in corpus:
        yield from (f"{CORPUS.name}: {case.id}: {problem}" for problem in _of_minted(case))
    yield from _repeated((*documented, *corpus))
    yield from _of_pairs(corpus)
    yield from _of_core((*documented, *corpus))
    known = {case.id for case in (*documented, *corpus)}
    yield from (
        f"{path.parent.name}/{path.name}: a cassette of no case"
        for path in cassettes
        if path.stem not in known
    )


def rewritten(path: Path, cases: Sequence[Case]) -> Iterator[str]:
    """Where the file of minted cases is not what ``grow`` would write, such as a key that stands
    twice: a line about the first place, nothing where it is."""
    lines = path.read_bytes().split(b"\n")
    wrong = [
        (number, case.id)
        for number, (line, case) in enumerate(zip(lines, cases, strict=False), 1)
        if line != line_of(case).encode()
    ]
    if wrong:
        more = f", nor are {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield (
            f"{path.name}:{wrong[0][0]}: {wrong[0][1]}: the row is not written as `conformance"
            f" corpus grow` writes it{more}"
        )
    if lines[-1]:
        yield f"{path.name}:{len(lines)}: the last line has no end"


def _of_any(case: Case) -> Iterator[str]:
    if unknown := sorted(case.needs - set(CAPABILITIES)):
        yield f"needs: no profile knows {', '.join(unknown)}"
    elif not any(case.needs <= able for able in capabilities()):
        yield f"needs: no kind of target has all of {', '.join(sorted(case.needs))}"


def _of_minted(case: Case) -> Iterator[str]:
    if not (case.covers or case.probes or case.violates or case.found):
        yield (
            "it is for nothing: it covers no pair, probes no requirement, violates nothing, and no"
            " hunt found anything with it"
        )
    shown = features_of(case.body)
    areas = {NEGATIVE} if case.violates else {FEATURES[name].area for name in shown}
    if not any(case.id == id_of(case, area) for area in areas):
        yield (
            f"id: what it asks has the digest {digest(case)[:8]}, and is of"
            f" {', '.join(sorted(areas)) or 'no area'}"
        )
    if wrong := sorted(set(case.covers) - pairs_of(shown)):
        yield f"covers: {wrong[0]} is not shown by its request"
    yield from _of_words(case)
    yield from _of_negative(case, case.violates) if case.violates else _of_positive(case)


def _of_words(case: Case) -> Iterator[str]:
    breach = _breaches().get(case.violates) if case.violates else None
    told = minted_negative(case.body, breach) if breach else minted(case.body, "text", ())
    for name in ("feature", "source"):
        if getattr(case, name) != getattr(told, name):
            yield f"{name}: what it asks is {getattr(told, name)!r}"


def _of_positive(case: Case) -> Iterator[str]:
    if breaks_schema(case.body):
        yield f"request.body: it breaks the schema of requests: {_told(_violations(case)[:1])}"
    if case.needs != needs_of(case.body):
        yield f"needs: its features need {', '.join(sorted(needs_of(case.body))) or 'nothing'}"


def _of_negative(case: Case, violation: Violation) -> Iterator[str]:
    breach = _breaches().get(violation)
    if breach is None:
        yield f"violates: no breach is known at {violation.pointer!r} of {violation.keyword}"
        return
    if _violations(case) != [violation]:
        yield f"violates: its body breaks {_told(_violations(case)) or 'nothing'}"
    if case.needs != breach.needs | needs_of(case.body):
        yield (
            "needs: its features and its breach need"
            f" {', '.join(sorted(breach.needs | needs_of(case.body))) or 'nothing'}"
        )
    if case.probes != breach.probes:
        yield f"probes: what it violates is probed by {', '.join(breach.probes) or 'nothing'}"


def _told(violations: Iterable[Violation]) -> str:
    return ", ".join(f"{each.keyword} at {each.pointer or 'the top'}" for each in violations)


def _violations(case: Case) -> list[Violation]:
    errors = schema.compiled("request", ()).validator.iter_errors(case.body)
    return [Violation(schema.pointer(error.instance_path), error.kind.name) for error in errors]


def _repeated(cases: Sequence[Case]) -> Iterator[str]:
    first: dict[str, Case] = {}
    for case in cases:
        if before := first.get(digest(case)):
            yield f"{case.id}: it asks the same as {before.id}"
        first.setdefault(digest(case), case)
    yield from (
        f"{name}: {count} cases have this id"
        for name, count in Counter(case.id for case in cases).items()
        if count > 1
    )


def _of_pairs(corpus: Sequence[Case]) -> Iterator[str]:
    claims: dict[str, list[str]] = {}
    for case in corpus:
        for pair in case.covers:
            claims.setdefault(pair, []).append(case.id)
    for pair, by in sorted(claims.items()):
        if pair not in pairs():
            yield (
                f"{CORPUS.name}: {by[0]}: covers: {pair} is no pair of features that may go"
                " together"
            )
        elif len(by) > 1:
            yield f"{CORPUS.name}: {by[1]}: covers: {pair} is claimed by {by[0]} already"
    if missing := sorted(pairs() - claims.keys()):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        yield (
            f"{CORPUS.name}: no row covers {missing[0]}{more}; `conformance corpus grow` mints what"
            " is missing"
        )
    violated = {case.violates for case in corpus}
    yield from (
        f"{CORPUS.name}: no row violates {name}; `conformance corpus grow` mints it"
        for name, each in BREACHES.items()
        if each.violation not in violated
    )


def _of_core(cases: Sequence[Case]) -> Iterator[str]:
    core = [case for case in cases if case.core]
    if len(core) != CORE:
        yield f"core: {len(core)} cases are marked, and {CORE} are to be"
    shown = frozenset().union(*(features_of(case.body) for case in core))
    if missing := [name for name in FEATURES if name not in shown]:
        yield f"core: no case that is marked shows {', '.join(missing)}"


@cache
def _breaches() -> Mapping[Violation, Any]:
    return {breach.violation: breach for breach in BREACHES.values()}
