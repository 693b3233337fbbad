"""One step of a streamed choice."""

from typing import Any, NamedTuple


class Step(NamedTuple):
    """One delta of a choice, with the logprobs of its text; ``finish`` is set on the last one."""

    choice: int
    delta: dict[str, Any]
    logprobs: dict[str, Any] | None = None
    finish: str | None = None
