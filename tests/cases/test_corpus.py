"""All cases of a run as one value."""

from dataclasses import replace

from conformance.cases import cases
from conformance.cases.corpus import corpus_of, shipped_corpus
from conformance.cases.digest import digest_of_all


def test_a_corpus_says_what_a_case_tests_and_an_unknown_case_tests_nothing() -> None:
    corpus = shipped_corpus()
    assert corpus.probes_of("error-missing-messages") == ("ERR-009", "ERR-020")
    assert corpus.probes_of("chat-name") == corpus.probes_of("no-such-case") == ()


def test_a_corpus_says_which_cases_must_be_rejected() -> None:
    corpus = shipped_corpus()
    assert corpus.wants_refusal("error-missing-messages") is True
    assert corpus.wants_refusal("chat-plain") is False
    assert corpus.wants_refusal("no-such-case") is None


def test_the_digest_of_a_corpus_is_that_of_its_cases_in_order() -> None:
    assert shipped_corpus().digest == digest_of_all(cases())
    assert corpus_of(reversed(cases())).digest == shipped_corpus().digest
    assert corpus_of(cases()[1:]).digest != shipped_corpus().digest


def test_the_later_of_two_cases_with_one_id_is_kept() -> None:
    first = cases()[0]
    later = replace(first, feature="another")
    assert list(corpus_of([first, later]).cases.values()) == [later]
