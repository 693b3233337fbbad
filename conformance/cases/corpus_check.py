"""Check that the corpus keeps its promises. This module works without Hypothesis."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from conformance.cases import CORPUS, DOCUMENTED, Case, Violation
from conformance.cases.core import CORE, core
from conformance.cases.corpus_writer import line_of
from conformance.cases.digest import digest
from conformance.cases.features import FEATURES, features_of, needs_of, pairs, pairs_of
from conformance.cases.minting import NEGATIVE, id_of, minted, minted_negative
from conformance.cases.schema_violations import BREACHES
from conformance.judging.profiles import capabilities, profile
from conformance.judging.profiles.model import CAPABILITIES
from conformance.protocol import schema
from conformance.protocol.chat.request_schema import breaks_schema


def problems(
    documented: Sequence[Case], corpus: Sequence[Case], cassettes: Iterable[Path] = ()
) -> Iterator[str]:
    """Yield one line for each problem of the cases and of the cassettes that answer them.

    Args:
        documented: The documented cases.
        corpus: The generated cases.
        cassettes: Paths of cassettes, which must be named after a case.
    """
    for name, cases in ((DOCUMENTED.name, documented), (CORPUS.name, corpus)):
        for case in cases:
            yield from (f"{name}: {case.id}: {problem}" for problem in _check_needs(case))
    for case in corpus:
        yield from (f"{CORPUS.name}: {case.id}: {problem}" for problem in _check_generated(case))
    yield from _find_duplicates((*documented, *corpus))
    yield from _check_coverage(corpus)
    yield from _check_core(documented)
    ids = {case.id for case in (*documented, *corpus)}
    yield from (
        f"{path.parent.name}/{path.name}: no case has this name"
        for path in cassettes
        if path.stem not in ids
    )


def rewritten(path: Path, cases: Sequence[Case]) -> Iterator[str]:
    """Yield a problem if ``conformance corpus grow`` would write the file differently.

    Yields one line about the first such line, for example one with a duplicate key, and one if the
    last line has no line end.

    Args:
        path: The file of generated cases.
        cases: The cases read from it, in order.
    """
    lines = path.read_bytes().split(b"\n")
    wrong = [
        (number, case.id)
        for number, (line, case) in enumerate(zip(lines, cases, strict=False), 1)
        if line != line_of(case).encode()
    ]
    if wrong:
        more = f", as do {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield (
            f"{path.name}:{wrong[0][0]}: {wrong[0][1]}: the line differs from what"
            f" `conformance corpus grow` writes{more}"
        )
    if lines[-1]:
        yield f"{path.name}:{len(lines)}: the last line has no line end"


def _check_needs(case: Case) -> Iterator[str]:
    if unknown := sorted(case.needs - set(CAPABILITIES)):
        yield f"needs: no profile has the capability {', '.join(unknown)}"
    elif not any(case.needs <= able for able in capabilities()):
        yield f"needs: no profile has all capabilities {', '.join(sorted(case.needs))}"


def _check_generated(case: Case) -> Iterator[str]:
    if not (case.covers or case.probes or case.violates or case.found):
        yield "the case has no purpose: `covers`, `probes`, `violates` and `found` are all empty"
    shown = features_of(case.body)
    areas = {NEGATIVE} if case.violates else {FEATURES[name].area for name in shown}
    if not any(case.id == id_of(case, area) for area in areas):
        yield (
            "id: does not match the request, which has the digest"
            f" {digest(case)[:8]} and belongs to {', '.join(sorted(areas)) or 'no area'}"
        )
    if wrong := sorted(set(case.covers) - pairs_of(shown)):
        yield f"covers: the request does not have both features of {wrong[0]}"
    yield from _check_texts(case)
    yield from _check_negative(case, case.violates) if case.violates else _check_positive(case)


def _check_texts(case: Case) -> Iterator[str]:
    breach = _breaches().get(case.violates) if case.violates else None
    expected = minted_negative(case.body, breach) if breach else minted(case.body, "text", ())
    for name in ("feature", "source"):
        if getattr(case, name) != getattr(expected, name):
            yield f"{name}: expected {getattr(expected, name)!r} for this request"


def _check_positive(case: Case) -> Iterator[str]:
    if breaks_schema(case.body):
        yield f"request.body: violates the request schema: {_describe(_violations(case)[:1])}"
    if case.needs != needs_of(case.body):
        yield f"needs: expected {', '.join(sorted(needs_of(case.body))) or 'none'} for its features"


def _check_negative(case: Case, violation: Violation) -> Iterator[str]:
    breach = _breaches().get(violation)
    if breach is None:
        yield f"violates: no violation of {violation.keyword} at {violation.pointer!r} is defined"
        return
    if _violations(case) != [violation]:
        yield f"violates: the body violates {_describe(_violations(case)) or 'nothing'}"
    if case.needs != breach.needs | needs_of(case.body):
        needs = ", ".join(sorted(breach.needs | needs_of(case.body)))
        yield f"needs: expected {needs or 'none'} for its features and its violation"
    if case.probes != breach.probes:
        yield f"probes: expected {', '.join(breach.probes) or 'none'} for what it violates"


def _describe(violations: Iterable[Violation]) -> str:
    return ", ".join(
        f"{violation.keyword} at {violation.pointer or 'the top'}" for violation in violations
    )


def _violations(case: Case) -> list[Violation]:
    errors = schema.compiled("request", ()).validator.iter_errors(case.body)
    return [Violation(schema.pointer(error.instance_path), error.kind.name) for error in errors]


def _find_duplicates(cases: Sequence[Case]) -> Iterator[str]:
    first: dict[str, Case] = {}
    for case in cases:
        if before := first.get(digest(case)):
            yield f"{case.id}: same request as {before.id}"
        first.setdefault(digest(case), case)
    yield from (
        f"{name}: {count} cases have this id"
        for name, count in Counter(case.id for case in cases).items()
        if count > 1
    )


def _check_coverage(corpus: Sequence[Case]) -> Iterator[str]:
    claims: dict[str, list[str]] = {}
    for case in corpus:
        for pair in case.covers:
            claims.setdefault(pair, []).append(case.id)
    for pair, by in sorted(claims.items()):
        if pair not in pairs():
            yield (
                f"{CORPUS.name}: {by[0]}: covers: {pair} is not a pair of features"
                " that can be combined"
            )
        elif len(by) > 1:
            yield f"{CORPUS.name}: {by[1]}: covers: {pair} is already covered by {by[0]}"
    if missing := sorted(pairs() - claims.keys()):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        yield (
            f"{CORPUS.name}: no case covers {missing[0]}{more}; run `conformance corpus grow` to"
            " generate what is missing"
        )
    violated = {case.violates for case in corpus}
    yield from (
        f"{CORPUS.name}: no case violates {name}; run `conformance corpus grow` to generate one"
        for name, breach in BREACHES.items()
        if breach.violation not in violated
    )


def _check_core(documented: Sequence[Case]) -> Iterator[str]:
    """Yield the core cases that are not documented, or that their profile does not support."""
    by_id = {case.id: case for case in documented}
    for name, purposes in core().items():
        for case_id in purposes:
            if case_id not in by_id:
                yield f"{CORE.name}: {name}: {case_id}: no documented case has this name"
            elif why := by_id[case_id].needs - profile(name).capabilities:
                yield f"{CORE.name}: {name}: {case_id}: the profile lacks {', '.join(sorted(why))}"


@cache
def _breaches() -> Mapping[Violation, Any]:
    return {breach.violation: breach for breach in BREACHES.values()}
