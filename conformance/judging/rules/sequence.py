"""SEQ: the order of the chunks of a stream; schemas/chunk.json states their fields."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from conformance.judging.predicates.conditions import (
    asks_no_usage,
    asks_usage,
    has_choices,
    has_chunks,
    has_usage,
    is_intact,
    tells_choices_apart,
)
from conformance.judging.rule import STREAM, finding, rule
from conformance.protocol.chat.choices import Choice, Message
from conformance.protocol.chat.facts import Facts
from conformance.protocol.event_stream import FIELDS
from conformance.protocol.exchange import Finding

ENVELOPE = frozenset(
    {
        "id",
        "object",
        "created",
        "model",
        "choices",
        "usage",
        "system_fingerprint",
        "service_tier",
        "obfuscation",
    }
)
COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")


def at(piece: Message) -> str:
    """Return the JSON pointer of a delta."""
    return f"/choices/{piece.position}/delta"


def _changes(events: Mapping[str, int], key: str) -> Iterator[Finding]:
    """Yield a finding for each value after the first; ``events`` has the first event of each."""
    values = iter(events.items())
    first = next(values, None)
    for value, event in values:
        yield finding(
            f"{key} changes within the stream",
            expected=first and first[0],
            actual=value,
            event=event,
            pointer=f"/{key}",
        )


@rule("SEQ-002", STREAM, has_chunks)
def id_never_changes(facts: Facts) -> Iterator[Finding]:
    return _changes(facts.ids, "id")


@rule("SEQ-004", STREAM, has_chunks)
def created_never_changes(facts: Facts) -> Iterator[Finding]:
    for event, created in facts.created:
        if created != facts.created[0].value:
            yield finding(
                "created changes within the stream",
                expected=facts.created[0].value,
                actual=created,
                event=event,
                pointer="/created",
            )


@rule("SEQ-005", STREAM, has_chunks)
def created_never_decreases(facts: Facts) -> Iterator[Finding]:
    for before, after in pairwise(facts.created):
        if after.value < before.value:
            yield finding(
                "created decreases",
                expected=f"{before.value} or later",
                actual=after.value,
                event=after.event,
                pointer="/created",
            )


@rule("SEQ-006", STREAM, has_chunks)
def model_never_changes(facts: Facts) -> Iterator[Finding]:
    return _changes(facts.models, "model")


@rule("SEQ-007", STREAM, has_choices)
def assistant_speaks(facts: Facts) -> Iterator[Finding]:
    unread = min((event for event, _ in facts.non_chunk_events if event is not None), default=None)
    for choice in facts.choices:
        first = choice.messages[0] if choice.messages else None
        if (
            first
            and not (choice.roles and choice.roles[0].piece == 0)
            and not facts.exchange.meta.get("partial")
            # an event that cannot be read may have had the first delta
            and (unread is None or first.event is None or unread > first.event)
        ):
            yield finding(
                f"the first delta of choice {choice.index} has no role",
                expected="assistant",
                event=first.event,
                pointer=at(first),
            )
        for _, event, position, role in choice.roles:
            if role != "assistant":
                yield finding(
                    "the role is not assistant",
                    expected="assistant",
                    actual=role,
                    event=event,
                    pointer=f"/choices/{position}/delta/role",
                )


@rule("SEQ-008", STREAM, has_choices)
def role_comes_once(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        for piece, event, position, role in choice.roles:
            if piece and role:
                yield finding(
                    "the role is sent again",
                    expected="no role",
                    actual=role,
                    event=event,
                    pointer=f"/choices/{position}/delta/role",
                )


def reasons(choice: Choice) -> list[tuple[int | None, str]]:
    """Return the finish reasons of a choice that are not empty, each with its event."""
    return [(finish.event, finish.reason) for finish in choice.finishes if finish.reason]


@rule("SEQ-010", STREAM, is_intact, needs=("end",))
def each_choice_finishes_once(facts: Facts) -> Iterator[Finding]:
    if not facts.choices:
        yield finding(
            "the stream has no choice that finishes",
            expected="one finish_reason",
            event=facts.chunk_events[-1],
        )
    for choice in facts.choices:
        finishes = reasons(choice)
        if not finishes:
            event = choice.messages[-1].event if choice.messages else facts.chunk_events[-1]
            yield finding(
                f"choice {choice.index} has no finish_reason",
                expected="one finish_reason",
                event=event,
            )
        elif len(finishes) > 1:
            yield finding(
                f"choice {choice.index} has {len(finishes)} finish reasons",
                expected="one finish_reason",
                actual=[reason for _, reason in finishes],
                event=finishes[1][0],
            )


@rule(
    "SEQ-011",
    STREAM,
    lambda facts: any(choice.finishes for choice in facts.choices),
    tells_choices_apart,
)
def nothing_follows_the_finish(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        for piece in choice.late:
            more = piece.value.get("content") or piece.value.get("tool_calls")
            yield finding(
                f"choice {choice.index} continues after its finish_reason",
                expected="nothing more",
                actual=more,
                event=piece.event,
                pointer=at(piece),
            )


@rule("SEQ-013", STREAM, lambda facts: facts.choiceless_chunks)
def chunk_without_choice_carries_something(facts: Facts) -> Iterator[Finding]:
    for event, chunk in facts.choiceless_chunks:
        if (
            chunk.get("choices") == []
            and chunk.get("usage") is None
            and not any(chunk[key] is not None for key in chunk.keys() - ENVELOPE)
        ):
            yield finding(
                "the chunk has no choices and nothing else",
                expected="usage or another payload",
                actual=chunk,
                event=event,
                pointer="/choices",
            )


def asks_usage_once(facts: Facts) -> bool:
    """The request does not ask for usage in every chunk, which vLLM supports."""
    return not facts.chat_request.stream_options.get("continuous_usage_stats")


@rule("SEQ-014", STREAM, asks_usage, is_intact, needs=("end",))
def usage_comes_when_asked(facts: Facts) -> Iterator[Finding]:
    if not facts.usages:
        yield finding(
            "the stream has no usage, although the request asks for it",
            expected="a chunk with usage",
            event=facts.chunk_events[-1],
        )


@rule("SEQ-015", STREAM, asks_usage, asks_usage_once, has_usage, is_intact, needs=("end",))
def usage_has_a_chunk_of_its_own(facts: Facts) -> Iterator[Finding]:
    event = facts.usages[0].event
    finish = max(
        [
            finish.event or 0
            for choice in facts.choices
            for finish in choice.finishes
            if finish.reason
        ],
        default=-1,
    )
    if len(facts.usages) > 1:
        yield finding(
            f"the stream has {len(facts.usages)} chunks with usage",
            expected=1,
            actual=len(facts.usages),
            event=facts.usages[1].event,
            pointer="/usage",
        )
    elif not [
        1
        for number, chunk in facts.choiceless_chunks
        if number == event and chunk.get("choices") == []
    ]:
        chunk = facts.chunks[facts.chunk_events.index(event or 0)]
        pointer = "/choices" if "choices" in chunk else ""
        yield finding(
            "the chunk with usage has choices",
            expected=[],
            actual=chunk.get("choices"),
            event=event,
            pointer=pointer,
        )
    elif event is not None and event < finish:
        yield finding(
            "usage comes before the last finish_reason",
            expected=f"after event {finish}",
            actual=f"event {event}",
            event=event,
            pointer="/usage",
        )


@rule("SEQ-016", STREAM, has_usage, lambda facts: len(facts.usages) > 1)
def counts_never_decrease(facts: Facts) -> Iterator[Finding]:
    for before, after in pairwise(facts.usages):
        for key in COUNTS:
            was, now = before.value.get(key), after.value.get(key)
            if type(was) is int and type(now) is int and now < was:
                yield finding(
                    f"{key} decreases",
                    expected=f"{was} or more",
                    actual=now,
                    event=after.event,
                    pointer=f"/usage/{key}",
                )


@rule("SEQ-017", STREAM, asks_no_usage, has_chunks, needs=("request",))
def no_usage_unasked(facts: Facts) -> Iterator[Finding]:
    for event, usage in facts.usages:
        yield finding(
            "the stream has usage, although the request does not ask for it",
            actual=usage,
            event=event,
            pointer="/usage",
        )


@rule(
    "SEQ-019",
    STREAM,
    lambda facts: not facts.failures and not facts.non_chunk_events,
    needs=("end",),
)
def stream_has_a_chunk(facts: Facts) -> Iterator[Finding]:
    if not facts.chunks and facts.stream.fields <= FIELDS:
        yield finding("the stream is empty", expected="a chunk")


@rule("SEQ-026", STREAM, is_intact, needs=("end",))
def choices_are_numbered_from_zero(facts: Facts) -> Iterator[Finding]:
    for event, position in facts.choices_without_index:
        yield finding(
            "the choice has no integer index",
            expected="an integer",
            event=event,
            pointer=f"/choices/{position}",
        )
    indexes = [choice.index for choice in facts.choices]
    wanted = facts.chat_request.n or len(indexes)
    if (
        indexes
        and not facts.choices_without_index
        and (len(indexes) != wanted or indexes != list(range(len(indexes))))
    ):
        yield finding(
            "the indexes of the choices are not 0, 1, 2, ..., one for each requested choice",
            expected=list(range(min(wanted, 128))),
            actual=indexes,
        )


@rule("SEQ-029", STREAM, has_usage, asks_usage_once)
def usage_comes_once(facts: Facts) -> Iterator[Finding]:
    for event, usage in facts.usages[1:]:
        yield finding(
            f"the stream has {len(facts.usages)} chunks with usage",
            expected=1,
            actual=usage,
            event=event,
            pointer="/usage",
        )


@rule("SEQ-031", STREAM, lambda facts: facts.fingerprints)
def fingerprint_never_changes(facts: Facts) -> Iterator[Finding]:
    return _changes(facts.fingerprints, "system_fingerprint")


RULES = (
    id_never_changes,
    created_never_changes,
    created_never_decreases,
    model_never_changes,
    assistant_speaks,
    role_comes_once,
    each_choice_finishes_once,
    nothing_follows_the_finish,
    chunk_without_choice_carries_something,
    usage_comes_when_asked,
    usage_has_a_chunk_of_its_own,
    counts_never_decrease,
    no_usage_unasked,
    stream_has_a_chunk,
    choices_are_numbered_from_zero,
    usage_comes_once,
    fingerprint_never_changes,
)
