"""Deterministic texts, tokens, signatures and values that satisfy a JSON Schema."""
