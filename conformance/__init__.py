"""A conformance suite for Google's OpenAI-compatible Chat Completions endpoints, and for whatever claims the same protocol."""

__version__ = "0.1.0"
