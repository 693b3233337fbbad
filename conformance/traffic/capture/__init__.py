"""Capture the Chat Completions traffic of a running Python program."""
