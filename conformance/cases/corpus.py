"""All cases that a run can choose from, as one value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from conformance.cases import Case, cases
from conformance.cases.digest import digest_of_all


@dataclass(frozen=True, eq=False)
class Corpus:
    """The cases by id, in the order of their ids.

    A front door makes one and passes it down. Corpora are equal only if they are the same object.
    """

    cases: Mapping[str, Case]

    @cached_property
    def digest(self) -> str:
        """The digest of all ids and requests: 16 hexadecimal digits."""
        return digest_of_all(self.cases.values())

    def probes_of(self, case_id: str) -> tuple[str, ...]:
        """Return the requirements that a case tests deliberately; () for an unknown id."""
        case = self.cases.get(case_id)
        return case.probes if case else ()

    def wants_refusal(self, case_id: str) -> bool | None:
        """Return whether a case must be rejected; None for an unknown id."""
        case = self.cases.get(case_id)
        return case.wants_refusal if case else None


def corpus_of(some_cases: Iterable[Case]) -> Corpus:
    """Return a corpus of these cases; of two with the same id, the later one."""
    by_id = {case.id: case for case in some_cases}
    return Corpus(MappingProxyType({name: by_id[name] for name in sorted(by_id)}))


@cache
def shipped_corpus() -> Corpus:
    """The cases that ship with the package. Raises CaseError."""
    return corpus_of(cases())
