"""Capture the Chat Completions traffic of a Python program while it runs."""
