"""Growing the corpus adds what is missing and does not change existing cases."""

from dataclasses import replace

from conformance.cases import CORPUS, DOCUMENTED, Case, read_cases
from conformance.cases.corpus_check import problems
from conformance.cases.corpus_growth import grow, open_pairs

TOLD, MINTED = tuple(read_cases(DOCUMENTED)), tuple(read_cases(CORPUS))
LOST = set(sorted(case.id for case in MINTED)[::60])
LEFT = tuple(case for case in MINTED if case.id not in LOST)


def grown(seed: int = 0) -> list[Case]:
    return list(grow(LEFT, TOLD, seed))


def test_a_complete_corpus_does_not_grow() -> None:
    assert list(grow(MINTED, TOLD, 0)) == list(grow(MINTED, TOLD, 1)) == []


def test_what_is_missing_is_minted() -> None:
    assert len(LOST) > 5 and open_pairs(LEFT)
    new = grown()
    assert list(problems(TOLD, (*LEFT, *new))) == []
    assert {pair for case in new for pair in case.covers} == open_pairs(LEFT)
    assert not {case.id for case in new} & {case.id for case in LEFT}


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    assert grown() == grown()
    assert grown(1) != grown()


def test_a_request_that_is_asked_already_is_not_minted_again() -> None:
    first = next(case for case in grown() if case.covers)
    asked = (*TOLD, replace(first, id="asked-already"))
    assert all(case.body != first.body for case in grow(LEFT, asked, 0))
