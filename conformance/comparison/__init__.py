"""Compare what two endpoints answer to the same questions: metrics, statistics, verdicts.

Everything here is a pure function over samples; nothing is sent, read or written.
"""
