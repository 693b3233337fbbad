"""Read exchanges as Chat Completions: requests, facts, choices, calls, twins, conversations."""
