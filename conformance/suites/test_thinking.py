"""Thinking: reasoning effort, budgets, thoughts and their signatures."""

from conformance.suites.case_suite import case_suite

test_thinking = case_suite("thinking")
