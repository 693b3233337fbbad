"""What ``compare`` asks: the questions of the suite, cases of the user, or cases of the corpus."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from conformance._text import many
from conformance.cases import Case
from conformance.cases.corpus import shipped_corpus
from conformance.cases.thinking_room import with_room
from conformance.cli.compare_options import CompareOptions
from conformance.comparison.sample import Side
from conformance.endpoints.client.live_target import LiveTarget
from conformance.judging.profiles import profile
from conformance.runs.case_choice import matching
from conformance.runs.compare.questions import (
    Question,
    named_after_their_texts,
    named_after_themselves,
    some_of_each,
)
from conformance.runs.live.asking import reason_to_leave
from conformance.runs.selection import SelectionError, check_cases

_QUESTIONS = 100


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked: the questions, in words on what, and notes on what is left out."""

    questions: tuple[Question, ...]
    about: str
    notes: tuple[str, ...] = ()


def chosen_questions(
    options: CompareOptions, targets: Mapping[Side, LiveTarget], seed: int
) -> Chosen:
    """Return the questions that both sides can be asked. Raises SelectionError and CaseError."""
    _check(options)
    if options.cases_file:
        from conformance.cases.own_cases import read_own_cases

        questions = named_after_themselves(_picked(options, read_own_cases(options.cases_file)))
        noun = "own question"
    elif options.core or (options.cases and not _all_behaviour(options)):
        corpus = shipped_corpus()
        core = {name for each in targets.values() for name in corpus.core_of(each.profile)}
        among = [case for name, case in corpus.cases.items() if not options.core or name in core]
        questions = named_after_their_texts(_picked(options, among))
        noun = "core case" if options.core else "case"
        return _askable(questions, targets, noun, options)
    else:
        questions = named_after_themselves(_of_suite(options, seed))
        noun = "question of the suite"
    return _askable(questions, targets, noun, options)


def _check(options: CompareOptions) -> None:
    exclusive = [
        name
        for name, given in (
            ("--core", options.core),
            ("--cases", options.cases_file),
            ("--family", options.families),
        )
        if given
    ]
    if len(exclusive) > 1:
        raise SelectionError(f"{' and '.join(exclusive)}: give only one of them")
    if options.questions and (options.core or options.cases_file):
        raise SelectionError(
            "--questions: only for the questions of the suite, not with --core or --cases"
        )


def _all_behaviour(options: CompareOptions) -> bool:
    return all(pattern.startswith("ask-") for pattern in options.cases)


def _of_suite(options: CompareOptions, seed: int) -> list[Case]:
    from conformance.cases.behaviour import FAMILIES, behaviour_cases, family_of

    families = options.families or FAMILIES
    among = [case for case in behaviour_cases() if family_of(case.id) in families]
    picked = _picked(options, among)
    if options.cases:
        return picked
    most = options.questions or _QUESTIONS
    named = {case.id: family for case in picked if (family := family_of(case.id))}
    return some_of_each(picked, named, most, seed)


def _picked(options: CompareOptions, among: Sequence[Case]) -> list[Case]:
    if not options.cases:
        return [*among]
    ids = [case.id for case in among]
    wanted = matching(options.cases, ids)
    check_cases(wanted, ids)
    return [case for case in among if case.id in wanted]


def _askable(
    questions: Sequence[Question],
    targets: Mapping[Side, LiveTarget],
    noun: str,
    options: CompareOptions,
) -> Chosen:
    """Return the questions that each side supports, as they are sent to both.

    Only the first turn of a conversation is asked, so that no request depends on an answer. If one
    of the models thinks, both get room for thoughts.
    """
    thinks = any(profile(each.profile).thinks(each.model) for each in targets.values())
    left: Counter[str] = Counter()
    kept = []
    for question in questions:
        case = replace(question.case, then=())
        why = next(filter(None, (_why_not(case, each) for each in targets.values())), "")
        if why:
            left[why] += 1
        else:
            kept.append(replace(question, case=with_room(case) if thinks else case))
    if not kept:
        raise SelectionError(
            f"nothing to ask: {next(iter(left))}" if left else "nothing to ask: no case is chosen"
        )
    names = {question.name for question in kept}
    about = about_of(len(kept), noun, len(names))
    return Chosen(
        tuple(kept), about, tuple(f"{many(n, 'case')} left out: {why}" for why, n in left.items())
    )


def _why_not(case: Case, target: LiveTarget) -> str:
    return reason_to_leave(case, profile(target.profile), target.model, keyed=target.keyed)


def about_of(cases: int, noun: str, questions: int) -> str:
    """Return on what two sides are compared, such as "100 questions of the suite"."""
    first, _, rest = noun.partition(" of ")
    words = many(cases, first) + (f" of {rest}" if rest else "")
    if questions == cases:
        return words
    return f"{words} that {'asks' if cases == 1 else 'ask'} {many(questions, 'question')}"
