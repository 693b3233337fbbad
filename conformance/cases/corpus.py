"""All cases that a run can choose from, as one value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from types import MappingProxyType

from conformance.cases import Case, cases
from conformance.cases.core import core
from conformance.cases.digest import digest_of_all
from conformance.judging.profiles import FALLBACK


@dataclass(frozen=True, eq=False)
class Corpus:
    """The cases by id, in the order of their ids.

    ``core`` has the purposes of the core cases, by profile and case id. A front door makes a corpus
    and passes it down. Corpora are equal only if they are the same object.
    """

    cases: Mapping[str, Case]
    core: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """The digest of all ids and requests: 16 hexadecimal digits."""
        return digest_of_all(self.cases.values())

    def core_of(self, profile: str) -> Mapping[str, str]:
        """Return the purposes of a profile's core cases, by case id.

        A profile without core cases has those of ``openai-compatible``; {} without those.
        """
        return self.core.get(profile) or self.core.get(FALLBACK, {})

    def probes_of(self, case_id: str) -> tuple[str, ...]:
        """Return the requirements that a case tests deliberately; () for an unknown id."""
        case = self.cases.get(case_id)
        return case.probes if case else ()

    def wants_refusal(self, case_id: str) -> bool | None:
        """Return whether a case must be rejected; None for an unknown id."""
        case = self.cases.get(case_id)
        return case.wants_refusal if case else None


def corpus_of(
    some_cases: Iterable[Case], core: Mapping[str, Mapping[str, str]] | None = None
) -> Corpus:
    """Return a corpus of these cases; of two with the same id, the later one."""
    by_id = {case.id: case for case in some_cases}
    return Corpus(MappingProxyType({name: by_id[name] for name in sorted(by_id)}), core or {})


@cache
def shipped_corpus() -> Corpus:
    """The cases that ship with the package. Raises CaseError and TableError."""
    return corpus_of(cases(), core())
