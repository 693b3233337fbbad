"""Which answers in a saved report had a tool call, and which cases lost theirs.

A report does not save the answers. But each answer with a tool call tests whether the arguments of
all calls are strings, so the verdict on that requirement tells that there was a call.
"""

from http import HTTPStatus

from conformance.reports.diff.saved_report import ReadTarget

SHOWN_BY = "TOOL-002"
"""The requirement that each answer with a tool call tests, for any kind of target."""


def calls_by_case(
    old: ReadTarget, new: ReadTarget, offering: frozenset[str]
) -> dict[str, tuple[bool, bool]]:
    """Return, by case, whether the answers of OLD and of NEW have a tool call.

    Only the first turns of cases count that offer tools, or that got a call from one side although
    this suite does not know the case. Both sides must say something about themselves: no rate
    limit, failure of the server, or incomplete answer. Returns {} if a report did not judge the
    requirement that shows calls.
    """
    if SHOWN_BY not in old.judged & new.judged:
        return {}
    before, after = ({case for case, id in side.verdicts if id == SHOWN_BY} for side in (old, new))
    tell = _telling(old) & _telling(new)
    return {
        case: (case in before, case in after) for case in sorted(tell & (offering | before | after))
    }


def _telling(target: ReadTarget) -> set[str]:
    """Return the cases whose first answer is complete and comes from the model."""
    return {
        case
        for case in target.whole()
        if (reply := target.replies.get(case))
        and reply.wants_refusal is not True
        and reply.status != HTTPStatus.TOO_MANY_REQUESTS
        and reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
    }
