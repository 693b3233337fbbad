"""Tool calls: tool choice, arguments and results, and the deprecated functions."""

from conformance.suites.case_suite import case_suite

test_tools = case_suite("tools")
