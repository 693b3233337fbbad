"""Parse a request of any dialect into one form, or refuse it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused, unknown_model
from conformance.endpoints.reference.generators.dice import Dice, dice_for
from conformance.endpoints.reference.generators.tokens import prompt_tokens
from conformance.endpoints.reference.request.declared_tools import Tooling, tooling_of
from conformance.endpoints.reference.request.fields import checked
from conformance.endpoints.reference.request.google_options import Thinking, options_of, thinking_of
from conformance.endpoints.reference.request.google_refusals import check_support, ignores_n
from conformance.endpoints.reference.request.history import Turn, turns_of
from conformance.endpoints.reference.request.history_checks import check_history
from conformance.endpoints.reference.request.response_format import Format, format_of
from conformance.protocol.exchange import Headers, Json


@dataclass(frozen=True, slots=True)
class Asked:
    """A parsed request.

    Attributes:
        limit: The most tokens of each choice, None for no limit.
        top_logprobs: The number of alternatives for each token, None if the request does not ask
            for logprobs.
        fragments: Whether the arguments of tool calls are streamed in pieces.
        prompt: The tokens of the prompt.
        cached: The tokens of the prompt that come from a cache.
        tier: The service tier that the request chooses, "" for none.
        dice: Random numbers for the content, which depend on the meaning of the request.
        name_dice: Random numbers for the ids, which depend on the exact JSON of the request.
    """

    model: str
    turns: tuple[Turn, ...]
    stream: bool
    include_usage: bool
    n: int
    limit: int | None
    stops: tuple[str, ...]
    top_logprobs: int | None
    tooling: Tooling
    format: Format
    thinking: Thinking
    wants_image: bool
    fragments: bool
    prompt: int
    cached: int
    tier: str
    dice: Dice
    name_dice: Dice


def understand(body: Json, dialect: Dialect, headers: Headers = ()) -> Asked:
    """Parse the body of a request. Raises Refused if it is malformed or not supported.

    A header of the request may choose a service tier of Vertex AI.
    """
    fields = checked(body, dialect)
    model = _model(fields, dialect)
    options = options_of(fields, dialect)
    thinking = thinking_of(fields, options, model, dialect)
    turns = turns_of(fields["messages"], dialect, thinking.tag)
    check_history(turns, model, dialect)
    check_support(fields, turns, options, model, dialect)
    tooling = tooling_of(fields, dialect)
    stop = fields.get("stop", [])
    return Asked(
        model=model,
        turns=turns,
        stream=fields.get("stream", False),
        include_usage=(fields.get("stream_options") or {}).get("include_usage") is True,
        n=1 if ignores_n(model, dialect) else fields.get("n", 1),
        limit=fields.get("max_completion_tokens") or fields.get("max_tokens"),
        stops=tuple(text for text in ([stop] if isinstance(stop, str) else stop) if text),
        top_logprobs=_top_logprobs(fields, dialect),
        tooling=tooling,
        format=format_of(fields.get("response_format"), dialect),
        thinking=thinking,
        wants_image=_wants_image(fields, dialect),
        fragments=not dialect.is_google or options.get("stream_function_call_arguments", False),
        prompt=_prompt(turns, tooling, dialect),
        cached=turns[0].tokens if "cached_content" in options else 0,
        tier=_tier(fields, headers, dialect),
        dice=dice_for([model, [turn.meaning for turn in turns], fields.get("seed")]),
        name_dice=dice_for(fields),
    )


def _model(fields: Mapping[str, Any], dialect: Dialect) -> str:
    model: str = fields.get("model", "" if dialect.needs_model else dialect.listed[0])
    if not model:
        raise Refused(
            "Missing required parameter: 'model'.", param="model", code="missing_required_parameter"
        )
    if not dialect.models.fullmatch(model):
        raise unknown_model(model, dialect)
    return model


_TIER_HEADER = "x-vertex-ai-llm-shared-request-type"


def _tier(fields: Mapping[str, Any], headers: Headers, dialect: Dialect) -> str:
    tier = ""
    if dialect.profile == "vertex-gemini":
        tier = dict(headers).get(_TIER_HEADER, "").lower()
    elif dialect.profile == "gemini-api":
        tier = fields.get("service_tier", "")
    return tier if tier in ("flex", "standard", "priority") else ""


def _top_logprobs(fields: Mapping[str, Any], dialect: Dialect) -> int | None:
    if dialect.is_google:
        return None
    if "top_logprobs" in fields and not fields.get("logprobs"):
        raise Refused(
            "Invalid value for 'top_logprobs': it needs 'logprobs' to be true.",
            param="top_logprobs",
            code="invalid_value",
        )
    return fields.get("top_logprobs", 0) if fields.get("logprobs") else None


def _wants_image(fields: Mapping[str, Any], dialect: Dialect) -> bool:
    modalities = fields.get("modalities", [])
    if dialect.vendor == "openai" and set(modalities) - {"text"}:
        raise Refused(
            "Invalid value for 'modalities': this endpoint only returns text.",
            param="modalities",
            code="invalid_value",
        )
    return dialect.profile == "vertex-gemini" and "image" in modalities


def _prompt(turns: Sequence[Turn], tooling: Tooling, dialect: Dialect) -> int:
    tokens = sum(turn.tokens for turn in turns) + sum(
        prompt_tokens(str(tool)) for tool in tooling.tools
    )
    if tokens > dialect.context:
        message = (
            f"This model's maximum context length is {dialect.context} tokens, and the messages"
            f" come to {tokens}."
        )
        raise Refused(message, param="messages", code="context_length_exceeded")
    return tokens
