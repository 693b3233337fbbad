"""Recorded traffic in and out: JSONL exchange records, HAR files and vcrpy cassettes become exchanges, one at a time."""

from conformance.traffic.outcome import Outcome, Skipped, Unreadable
from conformance.traffic.read import read, size_of

__all__ = ["Outcome", "Skipped", "Unreadable", "read", "size_of"]
