"""Find a known secret value in a text, in any encoding."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from conformance.protocol.base64_forms import base64_forms
from conformance.traffic.redaction.spellings import Sources, Span, plain

_SHORTEST = 6
"""The least characters that are looked for: what is left of a value that is almost all escapes may
be an ordinary word."""


@dataclass(frozen=True, slots=True)
class Known:
    """A secret whose value is known: its forms in a text whose escapes were read.

    ``spellings`` are the forms in lower case, ``forms`` finds them in upper and lower case.
    """

    forms: re.Pattern[str] = field(repr=False)
    mark: str
    spellings: tuple[str, ...] = field(repr=False)


class Place(NamedTuple):
    """A part of a text that holds a secret, and what replaces it."""

    start: int
    end: int
    mark: str


@lru_cache(maxsize=256)
def wherever(secret: str, mark: str) -> Known:
    """Return a rule that replaces a secret value in any encoding.

    The rule finds the value unchanged, with any characters escaped in any way for JSON, URLs or
    HTML, as hexadecimal digits, and inside base64.

    Args:
        secret: The value.
        mark: The replacement.
    """
    data = secret.encode(errors="surrogatepass")
    units = secret.encode("utf-16-be", "surrogatepass")
    written = {
        plain(form)
        for form in (
            secret,
            secret.replace(" ", "+"),  # in a form of HTML
            data.decode("latin-1"),  # the bytes of a body, or read from %-escapes
            "".join(chr(int.from_bytes(units[at : at + 2])) for at in range(0, len(units), 2)),
        )
    }
    forms = {form for form in {*written, *base64_forms(data)} if len(form) >= _SHORTEST}
    every = [*sorted(forms, key=len, reverse=True), data.hex()]
    return Known(
        re.compile("|".join(map(re.escape, every)), re.ASCII | re.IGNORECASE),
        mark,
        tuple({form.lower() for form in every}),
    )


def places(text: str, secrets: Sequence[Known]) -> list[Place]:
    """Return where the secrets stand in a text, in order. Where several overlap, the mark is that
    of the first in ``secrets``."""
    found: list[tuple[int, int, int]] = []
    searched = plain(text)
    for rank, secret in enumerate(secrets):
        found += ((*match.span(), rank) for match in secret.forms.finditer(searched))
    if not found:
        return []
    sources = Sources(text)
    return [
        Place(*sources.source(Span(start, end)), secrets[rank].mark)
        for start, end, rank in _apart(sorted(found))
    ]


def _apart(found: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Join what overlaps."""
    start, end, rank = found[0]
    for next_start, next_end, next_rank in found[1:]:
        if next_start < end:
            end, rank = max(end, next_end), min(rank, next_rank)
        else:
            yield start, end, rank
            start, end, rank = next_start, next_end, next_rank
    yield start, end, rank
