"""Conversations: rules over turns that send back what an earlier turn answered."""

import re
from collections.abc import Iterator, Sequence

from conformance.judging.group_rule import session_rule
from conformance.judging.predicates.conditions import is_complete
from conformance.judging.predicates.error_wording import without_links
from conformance.judging.predicates.google import gemini_3, google_extra
from conformance.judging.rule import finding
from conformance.judging.rules.errors import error_message
from conformance.judging.rules.probe_checks import (
    accepted,
    outcome,
    tells_of_context,
    was_authorized,
    was_processed,
)
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.conversation import (
    Replay,
    calls_sent_back,
    is_verbatim,
    keeps_settings,
    replays,
    stems_from,
)
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.request_schema import breaks_schema
from conformance.protocol.exchange import Finding, Json

_OTHER_REASONS = re.compile(
    r"context[ _](?:length|window|size)|too (?:long|large|many)|content["
    r" _-]?(?:filter|management|policy)|safety|usage polic",
    re.IGNORECASE,
)
_NAMES_SIGNATURE = re.compile(r"thought[ _-]?signature", re.IGNORECASE)


def _is_plain(message: Json) -> bool:
    """Return whether a message is a tool result or a text of the user.

    Such a message after the one that is sent back cannot be the reason why a request is rejected.
    """
    content = message.get("content") if isinstance(message, dict) else None
    parts = content if isinstance(content, list) else []
    return (
        isinstance(content, str | list)
        and message.get("role") in ("tool", "user")
        and all(isinstance(part, dict) and "text" in part for part in parts)
    )


def _has_other_reasons(facts: Facts) -> bool:
    """Return whether the request may be rejected for another reason than the message sent back."""
    words = without_links(error_message(facts))
    return facts.status >= 400 and bool(
        tells_of_context(facts)
        or _OTHER_REASONS.search(words)
        or breaks_schema(facts.exchange.request.body)
    )


def _judgeable(turns: Sequence[Facts]) -> Iterator[Replay]:
    """Yield the turns whose answer shows whether the message sent back was accepted.

    Nothing else in their requests is new except texts of the user and tool results.
    """
    for replay in replays(turns):
        answer, turn = replay.answer, replay.turn
        comparable = keeps_settings(answer.exchange.request, turn.exchange.request) and all(
            map(_is_plain, replay.added)
        )
        if (
            comparable
            and was_processed(turn)
            and was_authorized(turn)
            and not _has_other_reasons(turn)
        ):
            yield replay


def _results_follow(replay: Replay) -> bool:
    """Return whether the results of all calls sent back follow, and nothing else."""
    call_ids = [call.get("id") for call in calls_sent_back(replay.message)]
    result_ids = [
        message.get("tool_call_id") for message in replay.added if message.get("role") == "tool"
    ]
    return (
        bool(call_ids)
        and sorted(map(str, call_ids)) == sorted(map(str, result_ids))
        and len(result_ids) == len(replay.added)
    )


def _answered_signatures(choice: Choice) -> list[Json]:
    """Return the thought signatures of the first call of a choice, [] if it has none."""
    fragments = choice.calls[0].fragments if choice.calls else ()
    return [
        signature
        for fragment in fragments
        if (signature := google_extra(fragment.value).get("thought_signature"))
    ]


def _sent_signature(replay: Replay) -> Json:
    """Return the thought signature of the first call sent back, or None."""
    sent = next(iter(calls_sent_back(replay.message)), {})
    return google_extra(sent).get("thought_signature")


def _choice_sent_back(replay: Replay) -> Choice | None:
    """Return the choice from which the message sent back was built, or None."""
    return next(
        (choice for choice in replay.answer.choices if stems_from(replay.message, choice)), None
    )


def _tool_turns(turns: Sequence[Facts]) -> list[Replay]:
    """Return the turns that send all tool results, and the signature if the answer had one."""
    candidates = [
        (replay, _choice_sent_back(replay))
        for replay in _judgeable(turns)
        if _results_follow(replay)
    ]
    return [
        replay
        for replay, choice in candidates
        if choice and (_sent_signature(replay) or not _answered_signatures(choice))
    ]


@session_rule("TOOL-017", _tool_turns)
def tool_results_are_answered(turns: Sequence[Facts]) -> Iterator[Finding]:
    for replay in _tool_turns(turns):
        turn = replay.turn
        if refusals := list(accepted(turn)):
            yield finding(
                f"turn {replay.number}: a request with tool results is rejected",
                expected=refusals[0].expected,
                actual=refusals[0].actual,
            )
        elif (
            is_complete(turn)
            and "end" in turn.evidence
            and not any(choice.says_something or choice.finished_early for choice in turn.choices)
        ):
            yield finding(
                f"turn {replay.number}: the answer to the tool results is empty",
                expected="a text, or another call",
                actual="",
            )


def _ids(facts: Facts) -> set[str]:
    return {call.id for choice in facts.choices for call in choice.calls if call.id}


def _calling(turns: Sequence[Facts]) -> list[Replay]:
    """Return the turns with calls that continue a conversation with earlier calls."""
    return [
        replay
        for replay in replays(turns)
        if _ids(replay.turn) and any(_ids(turn) for turn in turns[: replay.number - 1])
    ]


@session_rule("TOOL-029", _calling)
def call_ids_are_unique_over_turns(turns: Sequence[Facts]) -> Iterator[Finding]:
    before = {id(replay.turn): replay.answer for replay in replays(turns)}
    for replay in _calling(turns):
        earlier_ids: set[str] = set()
        earlier: Facts | None = replay.answer
        while earlier is not None:
            earlier_ids |= _ids(earlier)
            earlier = before.get(id(earlier))
        if repeated := sorted(earlier_ids & _ids(replay.turn)):
            yield finding(
                f"turn {replay.number}: a call has the id of a call in an earlier turn",
                expected="another id",
                actual=repeated[0],
            )


def _signed_turns(turns: Sequence[Facts]) -> list[Replay]:
    """Return the turns that send tool results for signed calls of a Gemini 3.

    The calls sent back must have the signature of the answer or none.
    """
    candidates = [
        (replay, _choice_sent_back(replay))
        for replay in _judgeable(turns)
        if gemini_3(replay.turn) and _results_follow(replay)
    ]
    return [
        replay
        for replay, choice in candidates
        if choice
        and (signed := _answered_signatures(choice))
        and _sent_signature(replay) in (None, signed[0])
    ]


@session_rule("THK-012", _signed_turns)
def signature_is_demanded_back(turns: Sequence[Facts]) -> Iterator[Finding]:
    for replay in _signed_turns(turns):
        turn = replay.turn
        if _sent_signature(replay):
            for refusal in accepted(turn):
                yield finding(
                    f"turn {replay.number}: a request with the right signature is rejected",
                    expected=refusal.expected,
                    actual=refusal.actual,
                )
        elif turn.status != 400 or not _NAMES_SIGNATURE.search(error_message(turn)):
            expected = "status 400 and a message that names thought_signature"
            yield finding(
                f"turn {replay.number}: a request without the signature is not rejected for that",
                expected=expected,
                actual=outcome(turn),
            )


def _verbatim(turns: Sequence[Facts]) -> list[Replay]:
    """Return the turns that send back a message exactly as it was answered."""
    return [
        replay
        for replay in _judgeable(turns)
        if any(is_verbatim(replay.message, choice) for choice in replay.answer.choices)
    ]


@session_rule("THK-020", _verbatim)
def own_message_is_accepted(turns: Sequence[Facts]) -> Iterator[Finding]:
    for replay in _verbatim(turns):
        for refusal in accepted(replay.turn):
            yield finding(
                f"turn {replay.number}: a request with the server's own message is rejected",
                expected=refusal.expected,
                actual=refusal.actual,
            )


RULES = (
    tool_results_are_answered,
    call_ids_are_unique_over_turns,
    signature_is_demanded_back,
    own_message_is_accepted,
)
