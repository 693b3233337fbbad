"""What is left of the credential of a request where it was taken out."""

REMOVED = "REDACTED-CREDENTIAL"
"""What a credential becomes, wherever it stands: a mark of its own, so that an answer that repeats
the credential still shows."""

MIN_SECRET_LENGTH = 13
"""Characters of a credential that is worth a secret: OpenAI itself quotes a shorter one whole, the
first 8 and the last 4 characters of any."""
