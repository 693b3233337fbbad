"""A sample with its facts: what was asked for, and whether the answer can be used at all."""

import re
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from conformance.comparison.measures.refusals import reads_as_refusal
from conformance.comparison.sample import Sample
from conformance.judging.predicates.google import reports_blocked_prompt
from conformance.judging.predicates.json_in_text import document
from conformance.protocol.chat.answer_check import KINDS, AnswerCheck, CheckProblem, Kind, problems
from conformance.protocol.chat.choices import FILTERS, Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.tool_calls import Call
from conformance.protocol.exchange import Json

TEXT_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in ("tool", "arguments"))
"""The parts of a check that are about the text."""

TOOL_KINDS: tuple[Kind, ...] = ("tool", "arguments")
"""The parts of a check that are about the call."""

_CUT = ("length", "max_tokens", "max_output_tokens", "model_length", "max_length")
_FILTERED = (*FILTERS, "safety", "recitation", "blocklist", "prohibited_content", "spii")
"""Beginnings of finish reasons in lower case; also those that a gateway leaves untranslated."""

_THOUGHTS_BEGIN = re.compile(r"\s*+<(thought|think|thinking)>")


@dataclass(frozen=True)
class AskedAnswer:
    """A sample with an answer, and the facts of its exchange.

    All that is asked about an answer is about its first choice, unless it says otherwise.
    """

    sample: Sample
    facts: Facts

    @property
    def choice(self) -> Choice | None:
        """The first choice, None if the answer has none."""
        return self.facts.choices[0] if self.facts.choices else None

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls of the first choice."""
        return self.choice.calls if self.choice else ()

    @property
    def has_call(self) -> bool:
        """True if there is a tool call, or one in the older form ``function_call``."""
        return bool(self.calls) or (self.choice is not None and self.choice.function_call)

    @property
    def check(self) -> AnswerCheck | None:
        """What the case checks, None if it checks nothing or is not known."""
        return self.sample.asked.check if self.sample.asked else None

    def checks(self, *kinds: Kind) -> bool:
        """True if the case checks one of these."""
        return self.check is not None and any(kind in self.check.members for kind in kinds)

    def problems(self, *kinds: Kind) -> tuple[CheckProblem, ...]:
        """Return what the answer does differently from these parts of the check."""
        if self.check is None:
            return ()
        members: dict[str, Json] = {
            kind: self.check.members[kind] for kind in kinds if kind in self.check.members
        }
        return problems(AnswerCheck(members), self.choice)

    @property
    def requires_call(self) -> bool:
        """True if the case or ``tool_choice`` says that a tool must be called."""
        if self.checks(*TOOL_KINDS):
            return not self.no_tool_fits
        return self.facts.chat_request.tool_choice in ("required", "named")

    @property
    def no_tool_fits(self) -> bool:
        """True if the case says that no tool may be called."""
        return self.check is not None and self.check.members.get("tool", "") is None

    @property
    def may_call(self) -> bool:
        """True if a tool must be called, or is offered to answer a message of the user.

        False if the case or ``tool_choice`` forbids calls, and after the result of a tool.
        """
        request = self.facts.chat_request
        if self.requires_call or self.no_tool_fits or self.checks(*TEXT_KINDS):
            return self.requires_call
        ends_with_result = bool(request.messages) and request.messages[-1].get("role") in (
            "tool",
            "function",
        )
        return request.declares_tools and request.tool_choice != "none" and not ends_with_result

    @property
    def asks_json(self) -> bool:
        """True if ``response_format`` asks for JSON."""
        return self.facts.chat_request.response_format in ("json_object", "json_schema")

    @cached_property
    def is_cut(self) -> bool:
        """True if a token limit ended the answer."""
        return self.choice is not None and is_cut(self.choice)

    @cached_property
    def says_something(self) -> bool:
        """True if any choice has a call, audio, a refusal, or a text that is not only thoughts."""
        return any(_says_something(choice) for choice in self.facts.choices)

    @cached_property
    def is_refused(self) -> bool:
        """True if the answer refuses, in one of the ways that ``refusals`` lists."""
        facts = self.facts
        return (
            reports_blocked_prompt(facts)
            or any(choice.refusal or is_filtered(choice) for choice in facts.choices)
            or self._refuses_in_words()
        )

    @cached_property
    def is_usable(self) -> bool:
        """True for an answer that says something, is not cut and does not refuse."""
        return (
            self.facts.status == HTTPStatus.OK
            and self.choice is not None
            and _says_something(self.choice)
            and not self.is_cut
            and not self.is_refused
        )

    def _refuses_in_words(self) -> bool:
        """Return whether the text refuses, where a call or JSON was asked for and did not come."""
        if self.choice is None or self.has_call or not (self.may_call or self.asks_json):
            return False
        text = without_thoughts(self.choice.text)
        return reads_as_refusal(text) and not (self.asks_json and not document(text).reason)


def is_cut(choice: Choice) -> bool:
    """Return whether a token limit ended a choice."""
    return (choice.finish_reason or "").lower() in _CUT


def is_filtered(choice: Choice) -> bool:
    """Return whether a filter ended a choice."""
    return (choice.finish_reason or "").lower().startswith(_FILTERED)


def without_thoughts(text: str) -> str:
    """Return a text without the thoughts in a tag at its beginning; "" if they do not end."""
    begin = _THOUGHTS_BEGIN.match(text)
    return text.partition(f"</{begin[1]}>")[2] if begin else text


def _says_something(choice: Choice) -> bool:
    return bool(
        choice.calls
        or choice.function_call
        or choice.refusal
        or choice.audio
        or without_thoughts(choice.text).strip()
    )
