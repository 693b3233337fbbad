"""Parse and check requests."""
