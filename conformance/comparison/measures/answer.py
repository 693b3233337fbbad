"""A sample with its facts, and whether its answer can be used at all."""

from dataclasses import dataclass
from http import HTTPStatus

from conformance.cases.answer_check import KINDS, AnswerCheck, CheckProblem, Kind, problems
from conformance.comparison.sample import Sample
from conformance.judging.predicates.google import reports_blocked_prompt
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts
from conformance.protocol.exchange import Json

_FILTERS = ("content_filter", "function_call_filter")


@dataclass(frozen=True, slots=True)
class AskedAnswer:
    """A sample with an answer, and the facts of its exchange."""

    sample: Sample
    facts: Facts

    @property
    def choice(self) -> Choice | None:
        """The first choice, None if the answer has none."""
        return self.facts.choices[0] if self.facts.choices else None

    @property
    def check(self) -> AnswerCheck | None:
        """What the case checks, None if it checks nothing or is not known."""
        return self.sample.asked.check if self.sample.asked else None

    def problems(self, *kinds: Kind) -> tuple[CheckProblem, ...]:
        """Return what the answer does differently from these parts of the check."""
        if self.check is None:
            return ()
        members: dict[str, Json] = {
            kind: self.check.members[kind] for kind in kinds if kind in self.check.members
        }
        return problems(AnswerCheck(members), self.choice)

    def checks(self, *kinds: Kind) -> bool:
        """True if the case checks one of these."""
        return self.check is not None and any(kind in self.check.members for kind in kinds)


TEXT_KINDS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in ("tool", "arguments"))
"""The parts of a check that are about the text."""


def is_refused(facts: Facts) -> bool:
    """True for an answer whose message is a refusal, or that a filter ended or blocked."""
    return reports_blocked_prompt(facts) or any(
        choice.refusal or is_filtered(choice) for choice in facts.choices
    )


def is_filtered(choice: Choice) -> bool:
    """True if a filter ended the choice."""
    return (choice.finish_reason or "").lower().startswith(_FILTERS)


def is_usable(facts: Facts) -> bool:
    """True for an answer that says something, is not cut and does not refuse."""
    return (
        facts.status == HTTPStatus.OK
        and any(choice.says_something and not choice.refusal for choice in facts.choices)
        and not is_refused(facts)
        and not any(choice.finish_reason == "length" for choice in facts.choices)
    )
