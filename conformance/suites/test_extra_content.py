"""``extra_content``: Google's additions to messages, content parts and tool calls."""

from conformance.suites.case_suite import case_suite

test_extra_content = case_suite("extra_content")
