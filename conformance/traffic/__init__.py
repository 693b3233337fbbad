"""Read recorded traffic and write cassettes.

``read`` turns JSONL exchange records, HAR files and vcrpy cassettes into exchanges, one at a time.
"""

from conformance.traffic.read import read, size_of
from conformance.traffic.read_result import LeftOut, Outcome, Skipped, Unreadable

__all__ = ["LeftOut", "Outcome", "Skipped", "Unreadable", "read", "size_of"]
