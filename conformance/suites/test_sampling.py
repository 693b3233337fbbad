"""Temperature and similar options, token limits, stop strings, several choices, logprobs."""

from conformance.suites.case_suite import case_suite

test_sampling = case_suite("sampling")
