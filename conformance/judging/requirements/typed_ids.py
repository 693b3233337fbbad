"""The ids of requirements as users type them."""

import re


def id_like(text: str) -> str:
    """Return the id that a user means by ``sse3``, ``sse-3`` or ``SSE 003``: ``SSE-003``.

    Text of another form is only changed to upper case.
    """
    parts = re.fullmatch(r"([A-Z]+)[-_ ]?0*([1-9][0-9]{0,2})", text.strip().upper())
    return f"{parts[1]}-{int(parts[2]):03}" if parts else text.strip().upper()
