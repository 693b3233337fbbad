"""CHO: faults of choices."""

from conformance.faults.kit.body_edits import (
    Object,
    frames,
    map_body,
    request_body,
    with_frames,
)
from conformance.faults.kit.conditions import (
    asks,
    has_several_choices,
    is_answer,
    is_complete,
    is_completion,
    is_stream,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices_of, envelopes, map_choices, without
from conformance.protocol.exchange import Exchange, Json


def _choices_become(exchange: Exchange, value: Json) -> Exchange | None:
    return map_body(exchange, lambda body: body | {"choices": value})


@fault("choices-empty", "CHO-001", report="B049", applies=(is_completion,))
def choices_empty(exchange: Exchange) -> Exchange | None:
    """The `choices` of the completion are an empty list."""
    return _choices_become(exchange, [])


@fault("choices-absent", "CHO-001", report="B114", applies=(is_completion,))
def choices_absent(exchange: Exchange) -> Exchange | None:
    """The completion has no `choices` key."""
    return map_body(exchange, lambda body: without(body, "choices"))


@fault("choices-null", "CHO-001", report="B165", applies=(is_completion,))
def choices_null(exchange: Exchange) -> Exchange | None:
    """The `choices` of the completion are null."""
    return _choices_become(exchange, None)


@fault("choice-without-index", "CHO-002", report="B115", applies=(is_completion,))
def choice_without_index(exchange: Exchange) -> Exchange | None:
    """The choices have no `index`."""
    return map_choices(exchange, lambda choice: without(choice, "index"))


@fault("choice-index-as-text", "CHO-002", applies=(is_completion,))
def choice_index_as_text(exchange: Exchange) -> Exchange | None:
    """The `index` of each choice is a string."""
    return map_choices(exchange, lambda choice: choice | {"index": str(choice.get("index"))})


@fault("choices-from-1", "CHO-002", applies=(is_completion,))
def choices_from_1(exchange: Exchange) -> Exchange | None:
    """The server numbers the choices from 1 instead of 0."""
    return map_choices(exchange, lambda choice: choice | {"index": choice.get("index", 0) + 1})


@fault("all-choices-index-0", "CHO-002", applies=(is_completion, has_several_choices))
def all_choices_index_0(exchange: Exchange) -> Exchange | None:
    """All choices of a completion have the `index` 0."""
    return map_choices(exchange, lambda choice: choice | {"index": 0})


@fault(
    "n-ignored",
    "CHO-003",
    also=("SEQ-026",),
    report="B105",
    applies=(is_answer, is_complete, has_several_choices, asks("n")),
)
def n_ignored(exchange: Exchange) -> Exchange | None:
    """The server returns one choice although the request asks for several."""

    def first(envelope: Object) -> Object:
        return envelope | {
            "choices": [choice for choice in choices_of(envelope) if choice.get("index") == 0]
        }

    if not is_stream(exchange):
        return map_body(exchange, first)
    kept = [
        frame if chunk is None or first(chunk) == chunk else frame.with_data(first(chunk))
        for frame in frames(exchange)
        if (chunk := frame.chunk) is None or not choices_of(chunk) or choices_of(first(chunk))
    ]
    return with_frames(exchange, kept)


@fault("one-choice-too-many", "CHO-003", also=("CHO-019",), applies=(is_completion, asks("n")))
def one_choice_too_many(exchange: Exchange) -> Exchange | None:
    """The server returns one choice more than `n` asks for."""

    def more(body: Object) -> Object:
        made = choices_of(body)
        return body | {"choices": [*made, made[0] | {"index": len(made)}]}

    return map_body(exchange, more) if choices_of(envelopes(exchange)[0]) else None


def asks_one(exchange: Exchange) -> bool:
    """The request is a JSON object without ``n``."""
    return "n" not in (request_body(exchange) or {"n": 0})


@fault("three-choices-unasked", "CHO-019", also=("USG-010",), applies=(is_answer, asks_one))
def three_choices_unasked(exchange: Exchange) -> Exchange | None:
    """The server returns three choices although the request does not ask for several."""

    def more(envelope: Object) -> Object:
        made = choices_of(envelope)
        return envelope | {
            "choices": [choice | {"index": index} for index in range(3) for choice in made]
        }

    if not is_stream(exchange):
        return map_body(exchange, more) if choices_of(envelopes(exchange)[0]) else None
    return with_frames(
        exchange,
        [
            frame.with_data(more(chunk)) if (chunk := frame.chunk) and choices_of(chunk) else frame
            for frame in frames(exchange)
        ],
    )


@fault("no-logprobs-key", "CHO-007", profile="vertex-gemini", applies=(is_completion,))
def no_logprobs_key(exchange: Exchange) -> Exchange | None:
    """The choices have no `logprobs` key."""
    return map_choices(exchange, lambda choice: without(choice, "logprobs"))


FAULTS = (
    choices_empty,
    choices_absent,
    choices_null,
    choice_without_index,
    choice_index_as_text,
    choices_from_1,
    all_choices_index_0,
    n_ignored,
    one_choice_too_many,
    three_choices_unasked,
    no_logprobs_key,
)
