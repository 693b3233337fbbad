"""What a reading shows of an answer: on one line, not long, and without secrets."""

from conformance.traffic.redaction.excerpt import shown

_LONGEST = 160
_BRIEF = 60


def line(error: Exception) -> str:
    """An exception."""
    return ": ".join(filter(None, (type(error).__name__, _cut(_plain(str(error)), _LONGEST))))


def brief(value: object) -> str:
    """A value."""
    return _cut(_plain(repr(value)), _BRIEF)


def _plain(text: str) -> str:
    return " ".join(str(shown(text)).split())


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
