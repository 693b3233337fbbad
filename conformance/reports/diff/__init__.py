"""Compare two saved reports; print the changes as text or JSON."""
