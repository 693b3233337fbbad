"""Hunting: requests that nobody thought of, until one is answered wrongly, and then the smallest
that is."""

from conformance.runs.hunt.hunting import Failure, Hunt, hunt

__all__ = ["Failure", "Hunt", "hunt"]
