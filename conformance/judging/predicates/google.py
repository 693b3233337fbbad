"""Google's extensions: ``extra_body`` of a request, and ``extra_content`` of an answer."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from conformance.judging.rule import needs_request_key
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts

_COUNTS = ("prompt", "completion", "total")
_ELIDED = re.compile(r"[.…]+|<[^>]*>|\[[^]]*\]")
_PROMPT_BLOCKED = re.compile(r"\s*+The prompt could not be submitted\b")


@needs_request_key("extra_body")
def asks_thoughts(facts: Facts) -> bool:
    """The request asks for thoughts (``include_thoughts``)."""
    return facts.chat_request.thinking_config.get("include_thoughts") is True


@needs_request_key("extra_body")
def asks_thought_tags(facts: Facts) -> bool:
    """The request names a tag for thoughts (``thought_tag_marker``)."""
    return bool(facts.chat_request.google_options.get("thought_tag_marker"))


def may_have_thought(facts: Facts) -> bool:
    """False if the usage shows that the model did not think.

    It does if prompt and completion tokens add up to the total and no reasoning tokens are counted:
    a model may answer a simple question without thoughts, even if it is asked to show them.
    """
    return not any(_counts_no_thoughts(usage) for _, usage in facts.usages)


def _counts_no_thoughts(usage: Mapping[str, Any]) -> bool:
    prompt, completion, total = (usage.get(f"{part}_tokens") for part in _COUNTS)
    details = usage.get("completion_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else None
    return (
        type(prompt) is type(completion) is type(total) is int
        and prompt + completion == total
        and not reasoning
    )


@needs_request_key("reasoning_effort", "extra_body")
def thinking_off(facts: Facts) -> bool:
    """The request switches thinking off, by its effort or by a budget of 0."""
    request = facts.chat_request
    return request.reasoning_effort == "none" or request.thinking_config.get("thinking_budget") == 0


def gemini_3(facts: Facts) -> bool:
    """The model is a Gemini of generation 3 or later, by the name in the request or the answer."""
    body = facts.body if isinstance(facts.body, dict) else {}
    names = [facts.chat_request.model, body.get("model"), *facts.models]
    return any(isinstance(name, str) and _generation(name) >= 3 for name in names)


def _generation(model: str) -> int:
    _, family, version = model.rpartition("gemini-")
    digits = version.partition("-")[0].partition(".")[0]
    return int(digits) if family and digits.isdecimal() and len(digits) < 3 else 0


def says_prompt_blocked(choice: Choice) -> bool:
    """Return whether the text of a choice is Google's message that the prompt was blocked."""
    return _PROMPT_BLOCKED.match(choice.text) is not None


def reports_blocked_prompt(facts: Facts) -> bool:
    """A choice has Google's message that the prompt was blocked."""
    return any(
        says_prompt_blocked(choice) or _PROMPT_BLOCKED.match(choice.refusal)
        for choice in facts.choices
    )


class Extra(NamedTuple):
    """An ``extra_content.google`` and its place; ``text`` is the content next to it, or ""."""

    event: int | None
    pointer: str
    google: dict[str, Any]
    text: str


def google_extra(value: dict[str, Any]) -> dict[str, Any]:
    """Return ``extra_content.google`` of a message, delta or tool call; {} if it has none."""
    extra = value.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return google if isinstance(google, dict) else {}


def extras(facts: Facts) -> Iterator[Extra]:
    """Yield each ``extra_content.google`` of a message or delta that is not empty."""
    key = "delta" if facts.kind == "stream" else "message"
    for choice in facts.choices:
        for piece in choice.messages:
            if google := google_extra(piece.value):
                content = piece.value.get("content")
                yield Extra(
                    piece.event,
                    f"/choices/{piece.position}/{key}",
                    google,
                    content if isinstance(content, str) else "",
                )


def signatures(facts: Facts) -> list[tuple[int | None, str, Any]]:
    """Return event, pointer and value of each thought signature that the recording has in full."""
    places = [(extra.event, extra.pointer, extra.google) for extra in extras(facts)]
    places += [
        (fragment.event, fragment.pointer, google_extra(fragment.value))
        for choice in facts.choices
        for call in choice.calls
        for fragment in call.fragments
    ]
    elided = facts.elided
    path = "/extra_content/google/thought_signature"
    all_signatures = [
        (event, pointer + path, google["thought_signature"])
        for event, pointer, google in places
        if "thought_signature" in google
    ]
    return [
        (event, pointer, value)
        for event, pointer, value in all_signatures
        if pointer not in elided
        and not (isinstance(value, str) and value and _ELIDED.fullmatch(value))
    ]


def thought_deltas(facts: Facts) -> list[Extra]:
    """Return each ``extra_content.google`` that marks its message or delta as thought."""
    return [extra for extra in extras(facts) if extra.google.get("thought") is True]
