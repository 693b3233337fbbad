"""Generate texts, tokens, signatures and JSON values, always the same for the same request."""
