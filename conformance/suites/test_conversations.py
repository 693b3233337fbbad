"""Conversations: several turns, each of which sends back the previous answer."""

from conformance.suites.case_suite import case_suite

test_conversations = case_suite("conversations")
