"""SEQ: faults of the envelope of chunks, such as id, object, created and model."""

from itertools import count

from conformance.faults.framing import is_framed
from conformance.faults.kit.body_edits import map_chunks
from conformance.faults.kit.conditions import asks_usage, has_usage
from conformance.faults.kit.event_edits import before_done, finishing, insert_chunk
from conformance.faults.kit.fault import fault
from conformance.faults.kit.part_edits import choices_of, without
from conformance.faults.sequence import has_several
from conformance.protocol.exchange import Exchange


@fault("chunk-object-of-a-text-completion", "SEQ-001", report="B186", applies=(is_framed,))
def chunk_object_of_a_text_completion(exchange: Exchange) -> Exchange | None:
    """The `object` of the chunks is `text_completion.chunk`."""
    return map_chunks(exchange, lambda chunk: chunk | {"object": "text_completion.chunk"})


@fault("chunk-object-of-a-completion", "SEQ-001", applies=(is_framed,))
def chunk_object_of_a_completion(exchange: Exchange) -> Exchange | None:
    """The `object` of the chunks is `chat.completion`."""
    return map_chunks(exchange, lambda chunk: chunk | {"object": "chat.completion"})


@fault(
    "cost-at-the-end",
    "SEQ-001",
    also=("SEQ-003", "SEQ-004", "SEQ-006", "SEQ-022", "SEQ-023", "SEQ-031"),
    report="B054",
    applies=(is_framed,),
)
def cost_at_the_end(exchange: Exchange) -> Exchange | None:
    """The stream ends with the gateway's own cost object, which lacks `id` and `object`."""
    return insert_chunk(exchange, before_done, lambda chunk: {"choices": [], "cost": "0"})


@fault("id-of-its-own-in-each-chunk", "SEQ-002", report="B051", applies=(has_several,))
def id_of_its_own_in_each_chunk(exchange: Exchange) -> Exchange | None:
    """Each chunk has a different `id`."""
    number = count()
    return map_chunks(exchange, lambda chunk: chunk | {"id": f"{chunk.get('id')}{next(number)}"})


@fault(
    "chunks-without-id-and-created",
    "SEQ-003",
    also=("SEQ-022",),
    report="B122",
    applies=(is_framed,),
)
def chunks_without_id_and_created(exchange: Exchange) -> Exchange | None:
    """The chunks have neither `id` nor `created`."""
    return map_chunks(exchange, lambda chunk: without(chunk, "id", "created"))


@fault("chunks-with-empty-id", "SEQ-003", applies=(is_framed,))
def chunks_with_empty_id(exchange: Exchange) -> Exchange | None:
    """The `id` of the chunks is an empty string."""
    return map_chunks(exchange, lambda chunk: chunk | {"id": ""})


@fault(
    "last-chunk-without-object",
    "SEQ-001",
    note="a variant in which only the last chunk is wrong; another requirement reports it",
    report="B122",
    applies=(is_framed,),
)
def last_chunk_without_object(exchange: Exchange) -> Exchange | None:
    """The chunk with the finish reason has no `object`."""
    return map_chunks(
        exchange, lambda chunk: without(chunk, "object") if finishing(chunk) else chunk
    )


@fault("created-of-each-chunk", "SEQ-004", applies=(has_several,))
def created_of_each_chunk(exchange: Exchange) -> Exchange | None:
    """Each chunk has a later `created` time than the chunk before."""
    number = count()
    return map_chunks(exchange, lambda chunk: chunk | {"created": chunk["created"] + next(number)})


@fault("created-goes-back", "SEQ-005", also=("SEQ-004",), applies=(has_several,))
def created_goes_back(exchange: Exchange) -> Exchange | None:
    """Each chunk has an earlier `created` time than the chunk before."""
    number = count()
    return map_chunks(exchange, lambda chunk: chunk | {"created": chunk["created"] - next(number)})


@fault("model-changes", "SEQ-006", applies=(has_several,))
def model_changes(exchange: Exchange) -> Exchange | None:
    """The chunk with the finish reason names a different model."""
    return map_chunks(
        exchange, lambda chunk: chunk | {"model": "fallback-model"} if finishing(chunk) else chunk
    )


@fault("created-0", "SEQ-022", report="B052", applies=(is_framed,))
def created_0(exchange: Exchange) -> Exchange | None:
    """The `created` time of the chunks is 0."""
    return map_chunks(exchange, lambda chunk: chunk | {"created": 0})


@fault("model-empty", "SEQ-023", report="B076", applies=(is_framed,))
def model_empty(exchange: Exchange) -> Exchange | None:
    """The `model` of the chunks is an empty string."""
    return map_chunks(exchange, lambda chunk: chunk | {"model": ""})


@fault("chunks-without-model", "SEQ-023", report="B126", applies=(is_framed,))
def chunks_without_model(exchange: Exchange) -> Exchange | None:
    """The chunks have no `model`."""
    return map_chunks(exchange, lambda chunk: without(chunk, "model"))


@fault(
    "chunk-without-choices",
    "SEQ-024",
    also=("SEQ-015",),
    applies=(is_framed, asks_usage, has_usage),
)
def chunk_without_choices(exchange: Exchange) -> Exchange | None:
    """The chunk with the usage has no `choices` key."""
    return map_chunks(
        exchange, lambda chunk: chunk if choices_of(chunk) else without(chunk, "choices")
    )


@fault("opening-chunk-without-choices", "SEQ-024", applies=(is_framed,))
def opening_chunk_without_choices(exchange: Exchange) -> Exchange | None:
    """The stream starts with a chunk that has no `choices` key."""
    return insert_chunk(
        exchange, lambda events: 0, lambda chunk: without(chunk, "choices", "usage")
    )


@fault("fingerprint-changes", "SEQ-031", applies=(has_several,))
def fingerprint_changes(exchange: Exchange) -> Exchange | None:
    """The `system_fingerprint` changes after the first chunk."""
    number = count()
    return map_chunks(
        exchange, lambda chunk: chunk | {"system_fingerprint": "fp_1" if next(number) else "fp_2"}
    )


FAULTS = (
    chunk_object_of_a_text_completion,
    chunk_object_of_a_completion,
    cost_at_the_end,
    id_of_its_own_in_each_chunk,
    chunks_without_id_and_created,
    chunks_with_empty_id,
    last_chunk_without_object,
    created_of_each_chunk,
    created_goes_back,
    model_changes,
    created_0,
    model_empty,
    chunks_without_model,
    chunk_without_choices,
    opening_chunk_without_choices,
    fingerprint_changes,
)
