"""SEQ: faults of the usage in a stream."""

from itertools import count

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import (
    Frame,
    Object,
    frames,
    map_chunks,
    map_frames,
    request_body,
    with_frames,
)
from conformance.faults.kit.conditions import (
    asks_no_usage,
    asks_usage,
    has_no_limit,
    has_one_choice,
    has_usage,
)
from conformance.faults.kit.event_edits import (
    before_done,
    finishing,
    insert_chunk,
    moved,
    positions,
)
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices_of, map_usages, usages, without
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import get_path

_USAGE = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}


@fault("chunk-with-nothing", "SEQ-013", applies=(is_framed,))
def chunk_with_nothing(exchange: Exchange) -> Exchange | None:
    """A chunk has an empty `choices` list and no usage."""
    return insert_chunk(
        exchange,
        lambda events: positions(events, choices_of)[0],
        lambda chunk: without(chunk, "usage") | {"choices": []},
    )


@fault(
    "asked-usage-missing",
    "SEQ-014",
    also=("SEQ-015",),
    report="B043",
    applies=(is_framed, asks_usage, has_usage),
)
def asked_usage_missing(exchange: Exchange) -> Exchange | None:
    """The stream has no usage although the request asks for it."""
    events = frames(exchange)
    kept = [
        frame
        for frame in events
        if not (frame.chunk and frame.chunk.get("usage") and not choices_of(frame.chunk))
    ]
    return map_chunks(with_frames(exchange, kept), lambda chunk: without(chunk, "usage"))


def _usage_on(exchange: Exchange, usage: Object) -> Exchange | None:
    return map_chunks(
        exchange, lambda chunk: chunk | {"usage": usage} if finishing(chunk) else chunk
    )


@fault("usage-on-the-finish", "SEQ-015", applies=(is_framed, asks_usage, has_usage, has_one_choice))
def usage_on_the_finish(exchange: Exchange) -> Exchange | None:
    """The requested usage is in the chunk with the finish reason, not in its own chunk."""
    usage = usages(exchange)[-1]
    made = asked_usage_missing.change(exchange)
    return made and _usage_on(made, usage)


@fault("usage-before-the-finish", "SEQ-015", applies=(is_framed, asks_usage, has_usage))
def usage_before_the_finish(exchange: Exchange) -> Exchange | None:
    """The chunk with the usage comes before the chunk with the finish reason."""

    def changed(events: list[Frame]) -> list[Frame] | None:
        at, finish = (
            positions(events, lambda chunk: chunk.get("usage")),
            positions(events, finishing),
        )
        return (
            moved(events, at[0], finish[0])
            if len(at) == 1 and finish and at[0] >= finish[0]
            else None
        )

    return map_frames(exchange, changed)


@fault(
    "counts-go-back",
    "SEQ-016",
    also=("SEQ-015", "SEQ-029"),
    applies=(is_framed, asks_usage, has_usage, has_one_choice),
)
def counts_go_back(exchange: Exchange) -> Exchange | None:
    """The last usage counts fewer tokens than the usage before it."""
    usage = usages(exchange)[-1]
    more = {
        "prompt_tokens": usage["prompt_tokens"] + 100,
        "total_tokens": usage["total_tokens"] + 100,
    }
    return _usage_on(exchange, usage | more)


def _asks_counts(exchange: Exchange) -> bool:
    """Return whether the request asks for usage on every chunk, an option of vLLM."""
    return get_path(request_body(exchange), "stream_options", "continuous_usage_stats") is True


@fault(
    "running-counts-go-back",
    "SEQ-016",
    profile="vertex-vllm",
    applies=(is_framed, _asks_counts, has_usage),
)
def running_counts_go_back(exchange: Exchange) -> Exchange | None:
    """The prompt token count of the running usage decreases from chunk to chunk."""
    number = count()
    return map_usages(
        exchange,
        lambda usage: (
            usage
            | {
                "prompt_tokens": usage["prompt_tokens"] - (less := next(number)),
                "total_tokens": usage["total_tokens"] - less,
            }
        ),
    )


@fault(
    "usage-unasked",
    "SEQ-017",
    also=("USG-010",),
    report="B044",
    applies=(is_framed, asks_no_usage, lambda exchange: not has_usage(exchange), has_no_limit),
)
def usage_unasked(exchange: Exchange) -> Exchange | None:
    """The stream has a chunk with usage although the request does not ask for it."""
    return insert_chunk(
        exchange, before_done, lambda chunk: chunk | {"choices": [], "usage": _USAGE}
    )


@fault(
    "usage-on-the-last-chunk-unasked",
    "SEQ-017",
    also=("USG-010",),
    report="B181",
    applies=(is_framed, asks_no_usage, has_one_choice, has_no_limit),
)
def usage_on_the_last_chunk_unasked(exchange: Exchange) -> Exchange | None:
    """The chunk with the finish reason has usage that the request does not ask for."""
    return _usage_on(exchange, _USAGE)


@fault(
    "usage-on-every-chunk",
    "SEQ-029",
    also=("SEQ-015",),
    report="B041",
    applies=(is_framed, asks_usage, has_usage),
)
def usage_on_every_chunk(exchange: Exchange) -> Exchange | None:
    """Every chunk has usage with growing counts."""
    last, number = usages(exchange)[-1], count()

    def counted(chunk: Object) -> Object:
        spent = (
            min(next(number), last["completion_tokens"])
            if choices_of(chunk)
            else last["completion_tokens"]
        )
        grown = {
            "prompt_tokens": last["prompt_tokens"],
            "completion_tokens": spent,
            "total_tokens": last["prompt_tokens"] + spent,
        }
        return chunk if chunk.get("usage") else chunk | {"usage": grown}

    return map_chunks(exchange, counted)


@fault(
    "usage-on-every-chunk-of-google",
    "SEQ-029",
    profile="vertex-gemini",
    applies=(is_framed, has_usage),
)
def usage_on_every_chunk_of_google(exchange: Exchange) -> Exchange | None:
    """Every chunk has the complete usage."""
    usage = usages(exchange)[-1]
    return map_chunks(exchange, lambda chunk: chunk | {"usage": usage})


FAULTS = (
    chunk_with_nothing,
    asked_usage_missing,
    usage_on_the_finish,
    usage_before_the_finish,
    counts_go_back,
    running_counts_go_back,
    usage_unasked,
    usage_on_the_last_chunk_unasked,
    usage_on_every_chunk,
    usage_on_every_chunk_of_google,
)
