"""Structured output: JSON, JSON that matches a schema, and media types."""

from conformance.suites.case_suite import case_suite

test_response_format = case_suite("response_format")
