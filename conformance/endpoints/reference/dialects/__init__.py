"""The differences between the servers that the reference endpoint imitates."""
