"""LOG: token log-probabilities; schemas/parts.json states their entries."""

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
from conformance.judging.rules.choices import MOST_STOP_STRINGS
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Finding
from conformance.protocol.json_access import dict_items

_ROUNDING = 1e-6


def entries(choice: Choice) -> list[dict[str, Any]]:
    """Return the log-probability entries of a choice that are objects."""
    return dict_items(choice.tokens)


def alternatives(entry: dict[str, Any]) -> list[float]:
    """Return the log-probabilities of the alternatives of an entry, in their order."""
    values = [top.get("logprob") for top in dict_items(entry.get("top_logprobs"))]
    return [value for value in values if isinstance(value, int | float)]


def place(choice: Choice) -> tuple[int | None, str]:
    """Return event and pointer of the first log-probabilities of a choice.

    If it has none, those of the place where they should be; the choice must have a message.
    """
    event, position, _ = choice.logprobs[0] if choice.logprobs else choice.messages[0]
    return event, f"/choices/{position}/logprobs"


@rule("LOG-001", ANSWER, asks_logprobs, is_complete, has_text, needs=("end",))
def asked_logprobs_come(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        refusal = any(
            isinstance(logprobs.value, dict) and logprobs.value.get("refusal")
            for logprobs in choice.logprobs
        )
        if choice.text and not choice.tokens and not refusal:
            event, pointer = place(choice)
            actual = choice.logprobs[0].value if choice.logprobs else None
            yield finding(
                f"choice {choice.index} has no log-probabilities, which the request asks for",
                expected="logprobs.content is present",
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
                    f"the token has more than {asked} alternatives"
                    if many
                    else "the alternatives of the token are not sorted"
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
    """Yield the entries that are objects, with event, position of the choice, and own number."""
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
                "the tokens of the log-probabilities do not make up the text",
                expected=expected,
                actual=actual,
                event=event,
                pointer=pointer,
            )


def is_all_text(choice: Choice) -> bool:
    """Return whether all tokens of a choice are in its text, none in a refusal, call or filter."""
    return (
        bool(choice.text)
        and not choice.refusal
        and not choice.calls
        and not (choice.finish_reason or "").startswith("content_filter")
    )


def _is_spelt(choice: Choice, spelt: bytes, stops: list[str]) -> bool:
    """Return whether bytes are the text of a choice.

    The last character may be incomplete, and a stop string, or a part of it, may be removed from
    the text. True if there are too many stop strings to try.
    """
    texts = spelt.decode(errors="replace"), spelt.decode(errors="ignore")
    if choice.text in texts:
        return True
    if choice.finish_reason != "stop" or not texts[0].startswith(choice.text):
        return False
    rest = texts[0].removeprefix(choice.text)
    return len(stops) > MOST_STOP_STRINGS or any(
        rest.startswith(stop) or stop.startswith(rest) for stop in stops
    )


def _spelt(tokens: list[dict[str, Any]]) -> bytes | None:
    """Return the joined bytes of all entries; None if those of one are missing or malformed."""
    spelt = [token.get("bytes") for token in tokens]
    if not all(
        isinstance(item, list) for item in spelt
    ):  # bytes() of a number would be that many zeros
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
                continue  # an object without values is treated like null
            yield finding(
                "the answer has log-probabilities, although the request does not ask for them",
                actual=value,
                event=event,
                pointer=f"/choices/{position}/logprobs",
            )


@rule("LOG-007", ANSWER, has_logprobs)
def alternatives_differ_from_token_to_token(facts: Facts) -> Iterator[Finding]:
    for choice in facts.choices:
        lists = [entry.get("top_logprobs") for entry in entries(choice)]
        if len(lists) >= 3 and lists[0] and lists.count(lists[0]) == len(lists):
            event, pointer = place(choice)
            yield finding(
                "every token has the same alternatives",
                expected="each token's own alternatives",
                actual=lists[0],
                event=event,
                pointer=pointer,
            )


RULES = (
    asked_logprobs_come,
    alternatives_are_few_and_sorted,
    bytes_spell_the_text,
    no_logprobs_unasked,
    alternatives_differ_from_token_to_token,
)
