"""Readers of recorded traffic, a module a file format."""
