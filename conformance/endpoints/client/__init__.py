"""The client for live servers: target, credential, rate and budget, retries, and diagnosis."""
