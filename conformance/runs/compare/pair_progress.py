"""Say on standard error how many pairs of a comparison are asked."""

from dataclasses import dataclass

from conformance._text import duration, many, printable
from conformance.runs.live.live_progress import LiveProgress


@dataclass(slots=True)
class PairProgress(LiveProgress):
    """The state of a comparison: ``total`` pairs, each of a request to OLD and one to NEW."""

    def line(self) -> str:
        """Return how far the comparison is, on one line."""
        with self._lock:
            asking, answered = [*self.asking], self.answered
        parts = [f"{answered:,} of {many(self.total, 'pair')}"]
        if asking:
            more = f" and {len(asking) - 1:,} more" if len(asking) > 1 else ""
            parts.append(f"asking {asking[0]}{more}")
        if (left := self._left(answered)) is not None:
            parts.append(f"about {duration(left)} left")
        return printable(", ".join(parts))
