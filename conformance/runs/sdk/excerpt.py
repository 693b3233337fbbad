"""Show parts of an answer on one line: redacted and truncated."""

from conformance.traffic.redaction.excerpt import shown

_LONGEST = 160
_BRIEF = 60


def line(error: Exception) -> str:
    """Return the class and the message of an exception, at most 160 characters of it."""
    return ": ".join(
        filter(None, (type(error).__name__, _truncated(_one_line(str(error)), _LONGEST)))
    )


def brief(value: object) -> str:
    """Return the repr of a value, at most 60 characters."""
    return _truncated(_one_line(repr(value)), _BRIEF)


def _one_line(text: str) -> str:
    return " ".join(str(shown(text)).split())


def _truncated(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
