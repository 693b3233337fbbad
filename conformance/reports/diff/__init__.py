"""Two saved reports compared, as text and as JSON."""
