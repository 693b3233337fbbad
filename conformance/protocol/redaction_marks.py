"""The mark that replaces a credential in a recording, and which credentials are replaced."""

REMOVED = "REDACTED-CREDENTIAL"
"""Replaces every occurrence of a credential, so an answer that repeats it still shows that."""

MIN_SECRET_LENGTH = 13
"""The least number of characters of a credential that is kept secret.

OpenAI's error messages quote the first 8 and the last 4 characters of a key, which is all of a
shorter one.
"""
