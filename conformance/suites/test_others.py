"""Cassettes of cases that belong to no other suite."""

from conformance.suites.case_suite import case_suite

test_others = case_suite("others")
