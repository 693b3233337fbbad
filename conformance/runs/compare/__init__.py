"""Compare two endpoints, or what was recorded of them: ask, save, measure, judge."""
