"""Requests that must be rejected, and the form of the error."""

from conformance.suites.case_suite import case_suite

test_errors = case_suite("errors")
