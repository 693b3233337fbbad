"""Known deviations: when one applies, which finding it explains, and when it is stale."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import orjson

from conformance.judging import rule
from conformance.judging.expectations import Expectation
from conformance.judging.predicates.conditions import (
    asks_json_object,
    asks_json_schema,
    asks_logprobs,
    asks_stream,
    asks_tool_named,
    asks_tool_required,
    asks_tools,
    asks_usage,
    finishes_length,
    has_calls,
    image_urls,
    stop_strings,
    tool_results,
)
from conformance.judging.predicates.google import (
    asks_thought_tags,
    google_extra,
    reports_blocked_prompt,
    signatures,
    thinking_off,
    thought_deltas,
)
from conformance.judging.profiles import Condition, Deviation
from conformance.judging.rules.message import speaks_otherwise
from conformance.judging.rules.thinking import tags
from conformance.judging.rules.usage import counts, last_usage, reasoning
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import Call
from conformance.protocol.exchange import Finding, Json

BEHIND = "behind"
"""The key of an exchange's meta that names the server behind a gateway, as the user says it."""


def _has_empty_content(facts: Facts) -> bool:
    return any(
        message.get("content") == "" and message.get("tool_calls")
        for message in facts.chat_request.messages
    )


def _asks_thinking(facts: Facts) -> bool:
    request = facts.chat_request
    asks = bool(request.reasoning_effort or request.thinking_config)
    return asks and not thinking_off(facts)


_REQUEST: Mapping[str, rule.Condition] = {
    "stream": asks_stream,
    "include-usage": asks_usage,
    "n": lambda facts: facts.chat_request.choices_asked > 1,
    "stop": stop_strings,
    "logprobs": asks_logprobs,
    "json-object": asks_json_object,
    "json-schema": asks_json_schema,
    "tools": asks_tools,
    "tool-results": tool_results,
    "tool-choice-required": asks_tool_required,
    "tool-choice-named": asks_tool_named,
    "image": image_urls,
    "reasoning-effort": lambda facts: "reasoning_effort" in facts.request,
    "thinking": _asks_thinking,
    "thinking-off": thinking_off,
    "thought-tag-marker": asks_thought_tags,
    "stream-function-call-arguments": lambda facts: (
        facts.chat_request.google_options.get("stream_function_call_arguments") is True
    ),
    "empty-content": _has_empty_content,
}


def _filtered(facts: Facts) -> bool:
    return any(
        (choice.finish_reason or "").startswith(("content_filter", "function_call_filter"))
        for choice in facts.choices
    )


def _is_empty(facts: Facts) -> bool:
    return any(
        choice.finish_reason is not None
        and not choice.finished_early
        and not choice.says_something
        and not choice.reasoning
        for choice in facts.choices
    )


def _is_silent(facts: Facts) -> bool:
    return reports_blocked_prompt(facts) or not any(
        speaks_otherwise(choice) or _text_besides_thoughts(choice, facts)
        for choice in facts.choices
    )


def _text_besides_thoughts(choice: Choice, facts: Facts) -> str:
    """Return the text of a choice without thoughts that are flagged or in a tag at its start."""
    names = tags(facts)
    text = "".join(
        content
        for piece in choice.messages
        if isinstance(content := piece.value.get("content"), str)
        and not (
            google_extra(piece.value).get("thought") is True
            and not any(f"</{name}>" in content for name in names)
        )
    )
    for name in names:
        _, closing, after = text.partition(f"</{name}>")
        if closing or text.lstrip().startswith(f"<{name}>"):
            text = after
    return text.strip()


def _calls_function(facts: Facts) -> bool:
    return any(choice.function_call for choice in facts.choices)


def _thinks(facts: Facts) -> bool:
    hidden = any(total > prompt + completion for _, prompt, completion, total in counts(facts))
    return hidden or bool(
        thought_deltas(facts)
        or any(choice.reasoning for choice in facts.choices)
        or any(tokens for _, tokens in reasoning(facts))
    )


def _prompt_filtered(facts: Facts) -> bool:
    return any("prompt_filter_results" in chunk for chunk in facts.chunks) or (
        isinstance(facts.body, dict) and "prompt_filter_results" in facts.body
    )


def _several_chunks(facts: Facts) -> bool:
    """A choice has a chunk before its last one, or a chunk after which more may have come."""
    counts_of_chunks = [
        len({piece.event for piece in choice.messages} | {end.event for end in choice.finishes})
        for choice in facts.choices
    ]
    least = 0 if _is_broken_off(facts) else 1
    return facts.kind == "stream" and max(counts_of_chunks, default=0) > least


def _is_broken_off(facts: Facts) -> bool:
    return "end" not in facts.evidence or bool(facts.failures)


def _repeats_usage(facts: Facts) -> bool:
    """The stream has several usage objects, the last with all three counts."""
    return len(facts.usages) > 1 and any(
        each.event == last_usage(facts).event for each in counts(facts)
    )


def _swaps_indexes(facts: Facts) -> bool:
    """A choice has calls with the indexes 0, 1, 1, ... and 1, 0, 0, ... in their fragments.

    The second of them may be missing if the stream is broken off.
    """
    enough = 1 if _is_broken_off(facts) else 2
    return any(
        len({_indexes(call) for call in choice.calls} & {((0,), (1,)), ((1,), (0,))}) >= enough
        for choice in facts.choices
    )


def _indexes(call: Call) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the index of the first fragment, and the different indexes of the later ones."""
    indexes = [fragment.value.get("index") for fragment in call.fragments]
    numbers = [index if type(index) is int else -1 for index in indexes]
    return (numbers[0],), tuple(sorted(set(numbers[1:])))


_ANSWER: Mapping[str, rule.Condition] = {
    "tool-calls": lambda facts: has_calls(facts) or _calls_function(facts),
    "filtered": _filtered,
    "cut": finishes_length,
    "empty": _is_empty,
    "silent": _is_silent,
    "refused": lambda facts: any(choice.refusal for choice in facts.choices),
    "thinking": _thinks,
    "signature": lambda facts: bool(signatures(facts)),
    "several-chunks": _several_chunks,
    "repeated-usage": _repeats_usage,
    "swapped-indexes": _swaps_indexes,
    "failure": lambda facts: bool(facts.failures),
    "prompt-filter-results": _prompt_filtered,
}


Entry = TypeVar("Entry", Deviation, Expectation)
"""A known deviation of a profile, or an expectation of a user: their conditions mean the same."""


def applicable(
    deviations: Iterable[Entry], requirement: str, exchanges: Sequence[Facts]
) -> list[Entry]:
    """The deviations from a requirement that apply to at least one of the exchanges.

    A deviation of one exchange also explains why it differs from the others.
    """
    return [
        deviation
        for deviation in deviations
        if deviation.requirement == requirement
        and any(matches(deviation.condition, facts) for facts in exchanges)
    ]


def explanation(deviations: Iterable[Entry], finding: Finding) -> Entry | None:
    """The first of the applicable deviations that explains a finding, or None."""
    return next((each for each in deviations if explains(each.condition, finding)), None)


def stale(
    deviations: Iterable[Deviation], requirement: str, exchanges: Sequence[Facts]
) -> tuple[Deviation, ...]:
    """The deviations that should have occurred in these exchanges; call it if nothing was found.

    Every key of a condition is consulted, except for ``actual``: it describes a finding, and there
    is none. So the other keys of an entry that always occurs must exclude each answer in which it
    cannot occur. An answer that does not say its day meets neither ``since`` nor ``until``.

    Empty if an answer is truncated, only partly recorded or ended by an error, or if the reference
    endpoint made it: the absence of a deviation proves nothing there.
    """
    if not all(_is_real_and_complete(facts) for facts in exchanges):
        return ()
    return tuple(
        deviation
        for deviation in deviations
        if deviation.requirement == requirement
        and deviation.must_occur
        and any(_certainly_matches(deviation.condition, facts) for facts in exchanges)
    )


def expected(
    expectations: Iterable[Expectation],
    requirement: str,
    exchanges: Sequence[Facts],
    *,
    broken: bool,
) -> tuple[Expectation, ...]:
    """The expectations about a tested requirement that these exchanges confirm or refute.

    If the requirement is not ``broken``, those whose absence proves something: there are none if an
    answer is truncated, only partly recorded or ended by an error.
    """
    if broken:
        return tuple(applicable(expectations, requirement, exchanges))
    if not all(_is_complete(facts) for facts in exchanges):
        return ()
    return tuple(
        each
        for each in expectations
        if each.requirement == requirement
        and any(_certainly_matches(each.condition, facts) for facts in exchanges)
    )


def _is_real_and_complete(facts: Facts) -> bool:
    return _is_complete(facts) and facts.exchange.meta.get("provenance") != "emulated"


def _is_complete(facts: Facts) -> bool:
    return "end" in facts.evidence and not facts.failures


def _certainly_matches(condition: Condition, facts: Facts) -> bool:
    dated = condition.since is not None or condition.until is not None
    return matches(condition, facts) and not (dated and _day(facts) is None)


def explains(condition: Condition, finding: Finding) -> bool:
    """True if the ``actual`` pattern of a condition that holds matches this finding."""
    return condition.actual is None or condition.actual.search(_as_text(finding.actual)) is not None


def _as_text(actual: Json) -> str:
    """A value as JSON text, or "" if it is nested too deeply."""
    try:
        return orjson.dumps(actual, default=str).decode()
    except orjson.JSONEncodeError:
        return ""


def matches(condition: Condition, facts: Facts) -> bool:
    """True if an exchange meets a condition, its ``actual`` pattern aside."""
    return (
        condition.kind in (None, facts.kind)
        and condition.status in (None, facts.status)
        and (
            condition.model is None or any(condition.model.search(name) for name in _models(facts))
        )
        and (condition.server is None or condition.server.search(_server(facts)) is not None)
        and all(_REQUEST[word](facts) for word in condition.request)
        and not any(_REQUEST[word](facts) for word in condition.unless_request)
        and (not condition.answer or any(_ANSWER[word](facts) for word in condition.answer))
        and not any(_ANSWER[word](facts) for word in condition.unless_answer)
        and _within(condition, _day(facts))
    )


def _models(facts: Facts) -> list[str]:
    if isinstance(asked := facts.request.get("model"), str):
        return [asked]
    answered = facts.body.get("model") if isinstance(facts.body, dict) else None
    return [*facts.models, *([answered] if isinstance(answered, str) else [])]


def _server(facts: Facts) -> str:
    """What the recording, the user and the response headers say about the server, in one line."""
    meta = facts.exchange.meta
    keys = ("server", "server_version", "target", BEHIND)
    said = [str(meta[key]) for key in keys if meta.get(key)]
    said += [facts.headers[name] for name in ("server", "x-powered-by") if name in facts.headers]
    return " ".join(
        said + ["LiteLLM" for name in facts.headers if name.startswith("x-litellm-")][:1]
    )


def _day(facts: Facts) -> date | None:
    """The day of the answer, from ``created`` or the Date header, or None."""
    said = (
        [facts.body.get("created")]
        if isinstance(facts.body, dict)
        else [created for _, created in facts.created]
    )
    created = next((each for each in said if type(each) is int and each > 0), None)
    try:
        when = (
            datetime.fromtimestamp(created, UTC)
            if created
            else parsedate_to_datetime(facts.headers.get("date", ""))
        )
    except (OverflowError, ValueError, OSError):
        return None
    return when.date()


def _within(condition: Condition, day: date | None) -> bool:
    return day is None or (
        (condition.since is None or condition.since <= day)
        and (condition.until is None or day <= condition.until)
    )
