"""The texts by which base64 shows that it contains certain bytes."""

import base64
from collections.abc import Iterator


def base64_forms(data: bytes) -> Iterator[str]:
    """Yield texts of which base64 must contain one if it contains the bytes, in both alphabets.

    The bytes may start at each of the three positions in a group of bytes. Characters that also
    hold bits of neighboring bytes are left out.
    """
    for lead in range(3):
        text = base64.b64encode(bytes(lead) + data).decode()
        certain = text[(0, 2, 3)[lead] : 8 * (lead + len(data)) // 6]
        yield certain
        yield certain.replace("+", "-").replace("/", "_")
