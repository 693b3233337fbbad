"""LOG: token log-probabilities, whose entries are stated in schemas/parts.json."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from conformance.judging.predicates.conditions import (
    asks_logprobs,
    asks_no_logprobs,
    has_choices,
    has_logprobs,
    has_text,
    is_complete,
    stop_strings,
)
from conformance.judging.rule import ANSWER, finding, rule
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding
from conformance.protocol.json_access import dict_items

_ROUNDING = 1e-6


def entries(choice: Choice) -> list[dict[str, Any]]:
    """The well-shaped entries of a choice."""
    return dict_items(choice.tokens)


def alternatives(entry: dict[str, Any]) -> list[float]:
    """The log-probabilities of an entry's alternatives, in their order."""
    values = [each.get("logprob") for each in dict_items(entry.get("top_logprobs"))]
    return [value for value in values if isinstance(value, int | float)]


def place(choice: Choice) -> tuple[int | None, str]:
    """The event and the pointer of the first log-probabilities of a choice, or of where they should
    be in one that has a message."""
    event, position, _ = choice.logprobs[0] if choice.logprobs else choice.messages[0]
    return event, f"/choices/{position}/logprobs"


@rule("LOG-001", ANSWER, asks_logprobs, is_complete, has_text, needs=("end",))
def asked_logprobs_come(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        refusal = any(
            isinstance(each.value, dict) and each.value.get("refusal") for each in choice.logprobs
        )
        if choice.text and not choice.tokens and not refusal:
            event, pointer = place(choice)
            actual = choice.logprobs[0].value if choice.logprobs else None
            yield finding(
                f"choice {choice.index} has no log-probabilities",
                expected="logprobs.content",
                actual=actual,
                event=event,
                pointer=pointer,
            )


@rule("LOG-004", ANSWER, has_logprobs)
def alternatives_are_few_and_sorted(facts: Facts) -> Iterator[Finding]:
    asked = facts.chat_request.top_logprobs
    for choice in facts.choices:
        for event, position, number, entry in _placed(choice):
            top = alternatives(entry)
            many = asked is not None and len(top) > asked
            if many or (
                top != sorted(top, reverse=True)
                and any(after > before + _ROUNDING for before, after in pairwise(top))
            ):
                message = (
                    f"a token has more than {asked} alternatives"
                    if many
                    else "the alternatives of a token are not sorted"
                )
                pointer = f"/choices/{position}/logprobs/content/{number}/top_logprobs"
                yield finding(
                    message,
                    expected=asked if many else sorted(top, reverse=True),
                    actual=len(top) if many else top,
                    event=event,
                    pointer=pointer,
                )


def _placed(choice: Choice) -> Iterator[tuple[int | None, int, int, dict[str, Any]]]:
    """The well-formed entries, each with its event, its choice's position and its own number."""
    for event, position, value in choice.logprobs:
        content = value.get("content") if isinstance(value, dict) else None
        for number, entry in enumerate(content if isinstance(content, list) else ()):
            if isinstance(entry, dict):
                yield event, position, number, entry


@rule("LOG-005", ANSWER, has_logprobs, is_complete, needs=("end",))
def bytes_spell_the_text(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        tokens = entries(choice)
        spelt = _spelt(tokens)
        if (
            tokens
            and spelt is not None
            and is_all_text(choice)
            and not _is_spelt(choice, spelt, stop_strings(facts))
        ):
            event, pointer = place(choice)
            expected, actual = choice.text[:200], spelt[:200].decode(errors="replace")
            yield finding(
                "the tokens of the log-probabilities are not those of the text",
                expected=expected,
                actual=actual,
                event=event,
                pointer=pointer,
            )


def is_all_text(choice: Choice) -> bool:
    """Whether all tokens of a choice ended up in its text: none in a refusal, in calls or in a
    filter."""
    return (
        bool(choice.text)
        and not choice.refusal
        and not choice.calls
        and not (choice.finish_reason or "").startswith("content_filter")
    )


def _is_spelt(choice: Choice, spelt: bytes, stops: list[str]) -> bool:
    """Whether bytes spell the text of a choice: a character may be cut at its end, and a stop
    string, or what came of it, taken off it."""
    texts = spelt.decode(errors="replace"), spelt.decode(errors="ignore")
    if choice.text in texts:
        return True
    if choice.finish_reason != "stop" or not texts[0].startswith(choice.text):
        return False
    rest = texts[0].removeprefix(choice.text)
    return any(rest.startswith(stop) or stop.startswith(rest) for stop in stops)


def _spelt(tokens: list[dict[str, Any]]) -> bytes | None:
    """The bytes of all entries, None where one of them has none."""
    spelt = [token.get("bytes") for token in tokens]
    if not all(
        isinstance(each, list) for each in spelt
    ):  # of a number, bytes() would make that many zeros
        return None
    try:
        return b"".join(map(bytes, spelt))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


@rule("LOG-006", ANSWER, asks_no_logprobs, has_choices, needs=("request",))
def no_logprobs_unasked(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        for event, position, value in choice.logprobs:
            if isinstance(value, dict) and not any(value.values()):
                continue  # an object that holds nothing is as good as null
            yield finding(
                "log-probabilities come although nobody asked for them",
                actual=value,
                event=event,
                pointer=f"/choices/{position}/logprobs",
            )


@rule("LOG-007", ANSWER, has_logprobs)
def alternatives_differ_from_token_to_token(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        lists = [entry.get("top_logprobs") for entry in entries(choice)]
        if len(lists) >= 3 and lists[0] and all(each == lists[0] for each in lists):
            event, pointer = place(choice)
            yield finding(
                "every token has the same alternatives",
                expected="alternatives of each token",
                actual=lists[0],
                event=event,
                pointer=pointer,
            )
