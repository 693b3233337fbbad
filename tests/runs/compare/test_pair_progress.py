"""The line of progress counts pairs, and says nothing about requirements."""

from conformance.runs.compare.pair_progress import PairProgress


def test_the_line_counts_pairs() -> None:
    now = 0.0
    progress = PairProgress(4, clock=lambda: now)
    assert progress.line() == "0 of 4 pairs"
    progress.begins("ask-a")
    progress.begins("ask-b")
    now = 10.0
    progress.ends("ask-a")
    assert progress.line() == "1 of 4 pairs, asking ask-b, about 30 s left"
    progress.begins("ask-c")
    assert "asking ask-b and 1 more" in progress.line()
