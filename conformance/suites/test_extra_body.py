"""``extra_body``: request options that only Google has."""

from conformance.suites.case_suite import case_suite

test_extra_body = case_suite("extra_body")
