"""THK: thinking and ``extra_content``; schemas/parts.json states its form."""

import base64
import re
from collections.abc import Iterator

from conformance.judging.predicates.conditions import (
    has_calls,
    has_text,
    has_usage,
    is_complete,
    is_intact,
)
from conformance.judging.predicates.error_wording import (
    gives_no_reason,
    without_echo,
    without_links,
)
from conformance.judging.predicates.google import (
    asks_thought_tags,
    asks_thoughts,
    extras,
    gemini_3,
    google_extra,
    may_have_thought,
    signatures,
    thinking_off,
    thought_deltas,
)
from conformance.judging.rule import ANSWER, ANY, COMPLETION, STREAM, finding, rule
from conformance.judging.rules.errors import error_message
from conformance.judging.rules.multimodal import remote_images
from conformance.judging.rules.usage import reasoning
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.request_schema import breaks_schema
from conformance.protocol.exchange import Finding

_TAG = re.compile(r"</?(thought|think|thinking)>")
_REASONING_WORDS = (
    "think",
    "thought",
    "THINK",
)  # faster to search for; every tag has one of them
_REASONING_TAG = re.compile(
    r"</?think(ing)?>|(?<![</\w])/think>|</?thought>|\[/?THINK\]|\u25c1/?think\u25b7|<\|(begin|end)_of_thought\|>"
)
_EFFORT_WORDS = re.compile(
    r"effort|(?:thinking|reasoning|token)[ _.]?budget|budget[ _]tokens|thinking["
    r" _.]?(?:level|config)",
    re.IGNORECASE,
)
_CANNOT_THINK = re.compile(
    r"not support|unsupported|unknown|unrecogni[sz]ed|cannot find|not allowed|not available|extra"
    r" inputs|simultaneous|together|only one|both",
    re.IGNORECASE,
)


def tags(facts: Facts) -> list[str]:
    """Return the names of the tags in which a text may have thoughts."""
    marker = facts.chat_request.google_options.get("thought_tag_marker")
    return ["thought", "think", "thinking", *([marker] if isinstance(marker, str) else [])]


def unmentioned_tags(facts: Facts) -> list[str]:
    """Return the names of thought tags that the messages of the request do not contain."""
    messages = facts.chat_request.messages_text
    return [
        name for name in tags(facts) if f"<{name}>" not in messages and f"</{name}>" not in messages
    ]


def tagged(facts: Facts) -> Iterator[tuple[Choice, str]]:
    """Yield the choices whose text has a thought tag, each with its first one.

    A tag that the messages of the request contain does not count.
    """
    mentioned: dict[str, bool] = {}
    for choice in facts.choices:
        tag = _TAG.search(choice.text)
        if tag and tag[0] not in mentioned:
            mentioned[tag[0]] = tag[0] in facts.chat_request.messages_text
        if tag and not mentioned[tag[0]]:
            yield choice, tag[0]


def has_thought_tag(facts: Facts) -> bool:
    """A choice has an opening or closing thought tag."""
    return any(
        f"<{tag}>" in choice.text or f"</{tag}>" in choice.text
        for tag in unmentioned_tags(facts)
        for choice in facts.choices
    )


@rule(
    "THK-001",
    ANSWER,
    lambda facts: not asks_thoughts(facts),
    lambda facts: not facts.failures,
    needs=("request",),
)
def no_thoughts_unasked(facts: Facts) -> Iterator[Finding]:
    for extra in thought_deltas(facts):
        if extra.text and "thought_signature" not in extra.google:
            yield finding(
                "the answer has thoughts, although the request does not ask for them",
                expected="no thought",
                actual=extra.text[:200],
                event=extra.event,
                pointer=extra.pointer,
            )
    for choice, tag in tagged(facts) if not asks_thought_tags(facts) else ():
        yield finding(
            f"the text has the tag {tag}, although the request does not ask for thoughts",
            expected="no thought tag",
            actual=choice.text[:200],
        )


@rule(
    "THK-002",
    STREAM,
    asks_thoughts,
    lambda facts: not thinking_off(facts),
    may_have_thought,
    is_intact,
    needs=("end",),
)
def asked_thoughts_are_flagged(facts: Facts) -> Iterator[Finding]:
    if not thought_deltas(facts):
        yield finding(
            "no delta is marked as thought, although the request asks for thoughts",
            expected={"extra_content": {"google": {"thought": True}}},
        )


@rule("THK-004", COMPLETION, asks_thought_tags, asks_thoughts, may_have_thought, has_text)
def thoughts_stand_in_the_tag_asked_for(facts: Facts) -> Iterator[Finding]:
    marker = facts.chat_request.google_options["thought_tag_marker"]
    for choice in facts.choices:
        if (
            choice.text
            and not choice.finished_early
            and (
                not choice.text.startswith(f"<{marker}>") or choice.text.count(f"</{marker}>") != 1
            )
        ):
            yield finding(
                "the thoughts are not in the tag that the request names",
                expected=f"<{marker}>…</{marker}>…",
                actual=choice.text[:200],
            )


@rule(
    "THK-005", ANY, lambda facts: not asks_thought_tags(facts) and facts.choices, needs=("request",)
)
def no_thought_tags_unasked(facts: Facts) -> Iterator[Finding]:
    for choice, tag in tagged(facts):
        yield finding(
            f"the text has the tag {tag}, although the request sets no thought_tag_marker",
            expected="no thought tag",
            actual=choice.text[:200],
        )


@rule("THK-006", ANSWER, asks_thoughts, may_have_thought, has_text, is_complete, needs=("end",))
def thoughts_come_first_and_once(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        text = choice.text
        if choice.finished_early or not text:
            continue
        _, closed, answer = text.partition("</thought>")
        if not (
            text.startswith("<thought>")
            and closed
            and (answer.strip() or choice.calls)
            and text.count("thought>") == 2
        ):
            yield finding(
                "the text is not one <thought> element followed by the answer",
                expected="<thought>…</thought>answer",
                actual=text[:200],
            )


@rule("THK-007", STREAM, thought_deltas)
def thoughts_come_before_the_answer(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        answered = False
        for piece in choice.messages:
            thought = google_extra(piece.value).get("thought") is True
            if thought and answered and piece.value.get("content"):
                yield finding(
                    "the thought comes after the beginning of the answer",
                    expected="thoughts first",
                    actual=piece.value["content"],
                    event=piece.event,
                )
            answered = answered or bool(not thought and piece.value.get("content"))


@rule("THK-009", ANSWER, has_usage, thinking_off)
def thinking_can_be_switched_off(facts: Facts) -> Iterator[Finding]:
    for event, tokens in reasoning(facts):
        if tokens:
            pointer = "/usage/completion_tokens_details/reasoning_tokens"
            yield finding(
                "the answer has reasoning tokens, although the request switches thinking off",
                expected=0,
                actual=tokens,
                event=event,
                pointer=pointer,
            )


@rule("THK-010", ANSWER, signatures)
def signature_is_base64(facts: Facts) -> Iterator[Finding]:
    for event, pointer, signature in signatures(facts):
        if not _is_base64(signature):
            yield finding(
                "the thought signature is empty or not base64",
                expected="base64",
                actual=signature,
                event=event,
                pointer=pointer,
            )


def _is_base64(text: object) -> bool:
    if not isinstance(text, str) or not text:
        return False
    try:
        return bool(
            base64.b64decode(
                text + "=" * (-len(text) % 4),
                altchars=b"-_" if "-" in text or "_" in text else None,
                validate=True,
            )
        )
    except ValueError:
        return False


@rule("THK-011", ANSWER, has_calls, gemini_3, is_complete)
def first_call_is_signed(facts: Facts) -> Iterator[Finding]:
    elsewhere: bool | None = None
    for choice in facts.choices:
        call = choice.calls[0] if choice.calls else None
        if call and not any(
            google_extra(fragment.value).get("thought_signature") for fragment in call.fragments
        ):
            if elsewhere is None:
                elsewhere = any(extra.google.get("thought_signature") for extra in extras(facts))
            actual = "a signature on a delta or message of its own" if elsewhere else "no signature"
            yield finding(
                "the first call has no thought signature that the next turn can send back",
                expected="thought_signature is present in the call",
                actual=actual,
                event=call.first.event,
                pointer=call.first.pointer,
            )


@rule("THK-018", ANSWER, needs=("request",))
def text_holds_no_reasoning_tag(facts: Facts) -> Iterator[Finding]:
    mentioned: bool | None = None
    for choice in facts.choices:
        tag = (
            _REASONING_TAG.search(choice.text)
            if any(word in choice.text for word in _REASONING_WORDS)
            else None
        )
        if tag and mentioned is None:
            mentioned = _REASONING_TAG.search(str(facts.request)) is not None
        if tag and not mentioned:
            yield finding(
                "the text contains the markup of reasoning",
                expected="no reasoning tag",
                actual=choice.text[max(0, tag.start() - 40) : tag.start() + 120],
            )


def asks_effort(facts: Facts) -> bool:
    """The request asks for low, medium or high effort and has no thinking_config."""
    return (
        facts.chat_request.reasoning_effort
        in (
            "low",
            "medium",
            "high",
        )
        and not facts.chat_request.thinking_config
    )


@rule("THK-019", ANY, asks_effort, needs=("request",))
def effort_is_accepted(facts: Facts) -> Iterator[Finding]:
    message = error_message(facts)
    words = without_links(without_echo(message))
    names_effort = (message and gives_no_reason(message) and not remote_images(facts)) or (
        _EFFORT_WORDS.search(words) and not _CANNOT_THINK.search(words)
    )
    if facts.status == 400 and names_effort and not breaks_schema(facts.request):
        yield finding(
            "a documented reasoning_effort is rejected", expected="status 200", actual=message[:200]
        )


def _says_only_thoughts(choice: Choice) -> bool:
    """True if all text of a choice with calls is flagged as thought.

    The flags tell where the thoughts end; an endpoint that closes the tag in front of the answer
    has nowhere to close it.
    """
    texts = [piece.value for piece in choice.messages if piece.value.get("content")]
    return bool(choice.calls) and all(google_extra(value).get("thought") is True for value in texts)


@rule("THK-021", ANSWER, has_thought_tag, is_complete, needs=("end",))
def thought_tags_are_balanced(facts: Facts) -> Iterator[Finding]:
    names = unmentioned_tags(facts)
    for choice in facts.choices:
        for tag in names if not choice.finished_early else ():
            opened, closed = choice.text.count(f"<{tag}>"), choice.text.count(f"</{tag}>")
            if opened != closed and not (opened > closed and _says_only_thoughts(choice)):
                yield finding(
                    f"the text has unequal numbers of <{tag}> and </{tag}>",
                    expected=opened,
                    actual=closed,
                )


RULES = (
    no_thoughts_unasked,
    asked_thoughts_are_flagged,
    thoughts_stand_in_the_tag_asked_for,
    no_thought_tags_unasked,
    thoughts_come_first_and_once,
    thoughts_come_before_the_answer,
    thinking_can_be_switched_off,
    signature_is_base64,
    first_call_is_signed,
    text_holds_no_reasoning_tag,
    effort_is_accepted,
    thought_tags_are_balanced,
)
