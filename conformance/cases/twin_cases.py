"""Which cases are twins of each other, so that their answers are compared."""

from collections.abc import Iterable, Iterator

from conformance.cases import Case
from conformance.protocol.chat.twins import twins
from conformance.protocol.exchange import Exchange, Request, Response


def twin_cases(cases: Iterable[Case]) -> Iterator[tuple[str, str]]:
    """Yield the ids of each pair of cases whose requests are twins, the baseline first.

    Cases that send no credential or a wrong one have no twin.
    """
    asked = [
        Exchange(case.id, Request(case.method, case.path, (), case.request_for("m")), Response(0))
        for case in cases
        if case.auth == "right"
    ]
    for baseline, variant in twins(asked):
        yield baseline.id, variant.id
