"""Requests without a credential, or with a wrong one."""

from conformance.suites.case_suite import case_suite

test_auth = case_suite("auth")
