"""Archives of live runs: pack answers without secrets, and turn them into cassettes."""
