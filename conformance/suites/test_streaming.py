"""Streaming: event streams, their usage and how they end."""

from conformance.suites.case_suite import case_suite

test_streaming = case_suite("streaming")
