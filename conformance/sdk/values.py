"""What came of reading an answer with the SDK."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal["fine", "lost", "raised", "not read", "error"]
"""fine: all that the bytes hold is in the SDK's objects, and an error is raised as the class that stands for it;
lost: the SDK reads on, and something that the bytes hold is missing;
raised: the SDK raises what the answer does not tell of;
not read: there is nothing to play, or only a part;
error: the player broke, which says nothing of the answer."""


@dataclass(frozen=True, slots=True)
class Break:
    """A call of the SDK that does not work on an answer: which call, whether it raised or lost something, and in one line what."""

    call: str
    outcome: Literal["lost", "raised"]
    what: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the SDK makes of one answer.

    ``breaks`` are the calls that do not work. ``strict`` says in one line what the SDK's own types say of the answer when they are made to check, which the
    SDK itself never does; "" where it is in order. ``not_read`` says why it was not read, ``error`` how the player broke; "" where neither is so.
    """

    breaks: tuple[Break, ...] = ()
    strict: str = ""
    not_read: str = ""
    error: str = ""

    @property
    def outcome(self) -> Outcome:
        """The worst that there is to say."""
        if self.error:
            return "error"
        if self.not_read:
            return "not read"
        told = {each.outcome for each in self.breaks}
        return "raised" if "raised" in told else "lost" if told else "fine"

    @property
    def broken(self) -> bool:
        """Whether the answer breaks the SDK."""
        return bool(self.breaks)
