"""What a reader yields: an exchange, or one line about what is not one."""

from dataclasses import dataclass
from typing import TypeAlias

from conformance.protocol.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that should have been an exchange and could not be read.

    ``where`` is ``file:line``, ``file#entry`` (both from 1) or the file; ``why`` one short
    sentence, with the mend where there is one.
    """

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An exchange that is not a Chat Completions call: ``where`` as for ``Unreadable``, ``why``
    names the method and path."""

    where: str
    why: str


Outcome: TypeAlias = Exchange | Unreadable | Skipped
