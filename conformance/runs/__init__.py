"""Run cases: read or request the responses, judge them, and sum them up in one report."""
