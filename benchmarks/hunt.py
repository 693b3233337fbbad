"""What asking and judging cost a hunt: requests made alone, and requests made, answered in process
and judged, in one run."""

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


def made(ask: Endpoint | None) -> None:
    """Make requests, and where there is somebody to ask, ask and judge."""

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
    asked = embedded(BY.name)
    made(asked)  # caches filled
    taken = interleaved({"made": lambda: made(None), "asked": lambda: made(asked)}, rounds=5)
    rates = {name: EXAMPLES / each for name, each in taken.items()}
    print(
        f"{rates['made']:,.0f} requests/s made, {rates['asked']:,.0f}/s also answered and judged:"
        f" {rates['asked'] / rates['made']:.2f} of the speed"
    )


if __name__ == "__main__":
    main()
