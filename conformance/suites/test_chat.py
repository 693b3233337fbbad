"""Plain requests and message histories: roles, content parts, names, text in many scripts."""

from conformance.suites.case_suite import case_suite

test_chat = case_suite("chat")
