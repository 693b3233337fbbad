"""Measure what answering and judging add to the time of a hunt.

Compares requests that are only generated with requests that are also answered in process and
judged.
"""

from hypothesis import HealthCheck, Phase, given, seed, settings
from timing import interleaved

from conformance.cases import Case
from conformance.cases.features import Body
from conformance.endpoints.endpoint import Endpoint
from conformance.endpoints.reference.in_process import embedded
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange
from conformance.runs.hunt.hunting import broken
from conformance.runs.hunt.pair_covering import crowded

EXAMPLES = 400
BY = profile("vertex-gemini")


def hunt(ask: Endpoint | None) -> None:
    """Generate ``EXAMPLES`` requests; with an endpoint, also send each and judge the answer."""

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(crowded((), BY.capabilities))
    def attempt(body: Body) -> None:
        if ask and isinstance(
            answer := ask(Case("hunt", "x", "x", frozenset(), "/chat/completions", body)), Exchange
        ):
            list(broken(answer, BY))

    attempt()


def main() -> None:
    """Print both rates, and their ratio."""
    endpoint = embedded(BY.name)
    hunt(endpoint)  # fills the caches
    taken = interleaved(
        {"generated": lambda: hunt(None), "judged": lambda: hunt(endpoint)}, rounds=5
    )
    rates = {name: EXAMPLES / seconds for name, seconds in taken.items()}
    print(
        f"{rates['generated']:,.0f} requests/s generated, {rates['judged']:,.0f}/s also answered"
        f" and judged: {rates['judged'] / rates['generated']:.2f} of the speed"
    )


if __name__ == "__main__":
    main()
