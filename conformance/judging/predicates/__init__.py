"""Predicates over the facts of an exchange, shared by rules and known deviations."""
