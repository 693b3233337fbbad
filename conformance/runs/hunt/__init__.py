"""Generate new requests with Hypothesis and shrink the ones that a target answers wrongly."""

from conformance.runs.hunt.hunting import Failure, Hunt, hunt

__all__ = ["Failure", "Hunt", "hunt"]
