"""Give a model that thinks room for its thoughts, which count towards the token limit."""

from dataclasses import replace

from conformance.cases import Case
from conformance.protocol.exchange import Json

ROOM = 8192
"""The tokens that are added to a limit. Models spend 30 to 1,300 tokens on thoughts about a trivial
question, and several thousand with a high effort; only those that are spent cost money."""

_LIMITS = ("max_tokens", "max_completion_tokens")


def with_room(case: Case) -> Case:
    """Return the case with ``ROOM`` added to its token limits.

    Unchanged are cases without a limit, those that test what happens at the limit
    (``Case.tests_limit``), and those whose limit is below 2, not an integer, or must be rejected.
    """
    body = case.body
    if not isinstance(body, dict) or case.tests_limit or case.wants_refusal:
        return case
    raised: dict[str, Json] = {
        key: limit + ROOM for key in _LIMITS if type(limit := body.get(key)) is int and limit > 1
    }
    return replace(case, body={**body, **raised}, room=ROOM) if raised else case
