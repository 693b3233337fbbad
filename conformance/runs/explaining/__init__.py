"""Explain a requirement: an example that breaks it, who breaks it, and where it comes from."""
