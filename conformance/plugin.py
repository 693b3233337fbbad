"""The pytest surface: options, fixtures and hooks, and nothing else."""
