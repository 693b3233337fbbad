"""Drafts: the content and the finish reason of each choice, before a dialect formats them."""

from dataclasses import dataclass, replace

from conformance.endpoints.reference.answers.tool_calls import (
    Call,
    as_text,
    called_tools,
    calls_of,
    question,
    within,
)
from conformance.endpoints.reference.dialects.dialect import Dialect, generation
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.generators.dice import Dice
from conformance.endpoints.reference.generators.schema_instances import NoInstance, instance_of
from conformance.endpoints.reference.generators.signatures import signature
from conformance.endpoints.reference.generators.texts import prose, thought, with_stop, words_of
from conformance.endpoints.reference.generators.tokens import tokens
from conformance.endpoints.reference.request.google_options import LEAST_THINKING
from conformance.endpoints.reference.request.parsing import Asked

_IMAGE_TOKENS = 258
_SHARES = ((LEAST_THINKING, 0.25), (1024, 0.5), (8192, 1.0))
"""The share of the usual thoughts that are thought with a budget of at most so many tokens."""
FILTERED = "[filtered answer]"
"""A user message that contains this gets an answer that a filter took away."""

BLOCKED = "[blocked prompt]"
"""A user message that contains this is not submitted to a model of Vertex AI."""

_NOT_SUBMITTED = (
    "The prompt could not be submitted. The prompt contains sensitive words that violate Google's"
    " Responsible AI practices. Try rephrasing the prompt."
)
_ANY_OBJECT = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "found": {"type": "boolean"}},
    "required": ["city", "found"],
}


@dataclass(frozen=True, slots=True)
class Draft:
    """One choice: its thoughts, then its text, its tool calls or an image.

    ``thought`` and ``text`` are tokens; thoughts may be hidden in the answer. ``spent`` counts the
    tokens of the answer without thinking, which may be more than the visible ones. ``signature`` is
    the thought signature of the message, "" for none. ``refused`` marks a text that says why the
    prompt was blocked.
    """

    index: int
    thought: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    image: bool = False
    finish: str = "stop"
    spent: int = 0
    signature: str = ""
    refused: bool = False

    @property
    def filtered(self) -> bool:
        """Whether a filter took the answer away."""
        return self.finish.startswith("content_filter")


def drafts(asked: Asked, dialect: Dialect) -> tuple[Draft, ...]:
    """Return a draft for each of the ``n`` choices. Raises Refused if a schema is too complex."""
    return tuple(_draft(asked, index, dialect) for index in range(asked.n))


def _draft(asked: Asked, index: int, dialect: Dialect) -> Draft:
    dice = asked.dice.under(f"choice {index}")
    if stopped := _stopped(asked, index, dialect):
        return stopped
    thoughts = tokens(thought(dice, _thinking(asked, dice, dialect)))
    left = None if asked.limit is None else asked.limit - len(thoughts)
    draft = Draft(index, thought=tuple(thoughts))
    if asked.wants_image:
        fits = left is None or left > _IMAGE_TOKENS
        return _signed(
            replace(
                draft,
                image=fits,
                finish="stop" if fits else "length",
                spent=_IMAGE_TOKENS if fits else left or 0,
            ),
            asked,
            dialect,
        )
    if tools := called_tools(asked.tooling, asked.turns):
        return _with_calls(
            draft,
            calls_of(tools, question(asked.turns), dice, asked.model, dialect),
            asked,
            left,
            dialect,
        )
    return _signed(_with_text(draft, _text(asked, dice), asked, left), asked, dialect)


def _stopped(asked: Asked, index: int, dialect: Dialect) -> Draft | None:
    """Return the draft for a prompt that a filter stops, None for any other prompt.

    Vertex AI says that a prompt is blocked in a text that costs nothing, with ``stop``.
    """
    prompt = question(asked.turns)
    if BLOCKED in prompt and dialect.profile == "vertex-gemini":
        return Draft(index, text=(_NOT_SUBMITTED,), refused=True)
    if FILTERED in prompt and dialect.vendor != "vllm":
        reason = "content_filter: PROHIBITED_CONTENT" if dialect.is_google else "content_filter"
        return Draft(index, finish=reason)
    return None


def _signed(draft: Draft, asked: Asked, dialect: Dialect) -> Draft:
    """Return the draft with the signature that Gemini 3 gives a text or image after thinking."""
    if not (dialect.is_google and generation(asked.model) >= 3):
        return draft
    if not draft.thought or not (draft.text or draft.image):
        return draft
    return replace(draft, signature=signature(asked.dice.under(f"signature {draft.index}")))


def _thinking(asked: Asked, dice: Dice, dialect: Dialect) -> int:
    """Return how many tokens to think: more with a larger budget, within the budget and the limit.

    Google's models may use up the whole limit; the others leave three quarters for the text.
    """
    budget, limit = asked.thinking.budget, asked.limit
    if not budget:
        return 0
    usual = 12 + dice.number("thinking", 20)
    share = next((share for most, share in _SHARES if budget <= most), 2.0)
    planned = min(round(usual * share), budget)
    if limit is None or dialect.is_google:
        return planned if limit is None else min(planned, limit)
    return min(planned, max(limit // 4, int(asked.thinking.shown)))


def _text(asked: Asked, dice: Dice) -> str:
    if asked.format.kind == "text":
        return with_stop(prose(dice, 2 + dice.number("sentences", 2)), asked.stops, dice)
    schema = asked.format.schema or _ANY_OBJECT
    try:
        return as_text(instance_of(schema, words_of(question(asked.turns)), dice.under("json")))
    except NoInstance:
        raise Refused(
            "The schema of the response_format is too complex for this endpoint.",
            param="response_format",
            code="invalid_json_schema",
        ) from None


def _with_text(draft: Draft, text: str, asked: Asked, left: int | None) -> Draft:
    """Return the draft with a text up to the first stop string or the limit, the earlier one."""
    places = [place for stop in asked.stops if (place := text.find(stop)) >= 0]
    visible = tokens(text[: min(places)]) if places else tokens(text)
    spent = len(visible) + bool(places)  # a model generates the stop string too
    if left is not None and spent >= left:
        return replace(draft, text=tuple(visible[:left]), finish="length", spent=left)
    return replace(draft, text=tuple(visible), spent=spent)


def _with_calls(
    draft: Draft, calls: tuple[Call, ...], asked: Asked, left: int | None, dialect: Dialect
) -> Draft:
    spent = sum(call.tokens for call in calls)
    if left is not None and spent >= left:
        return replace(draft, calls=within(calls, left), finish="length", spent=left)
    forced = asked.tooling.choice == "named" and not dialect.is_google
    finish = "stop" if forced else "function_call" if asked.tooling.legacy else "tool_calls"
    return replace(draft, calls=calls, finish=finish, spent=spent)
