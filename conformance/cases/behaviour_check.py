"""Check that the questions about behaviour are different questions, each with a sound check.

Two questions are the same in other words if the words that carry their meaning are mostly the
same, or most of their letters. Numbers and names count as one word each, so that a template filled
in twice is found too.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from conformance.cases import Case
from conformance.cases.behaviour import FAMILIES, family_of
from conformance.cases.behaviour_arguments import impossible_arguments
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.chat.request_schema import breaks_schema

FEWEST = 100
"""The fewest questions of a family."""

LEAST_LIMIT = 1024
"""The least token limit: a model that thinks spends as much on its thoughts."""

MOST_ALIKE = 0.5
"""The largest share of words that two questions may have in common, of all words of both."""

MOST_LETTERS_ALIKE = 0.4
"""The largest share of groups of four letters that two questions may have in common.

The nearest two different questions have 0.35, "translate this" with another word has more than 0.5.
Unlike words, it also compares languages without spaces.
"""

_MOST_OF_ONE_ANSWER = 4
"""How many questions may have the same tool, or the same check, as their answer."""

_STEM = 6
_WORDS = re.compile(r"[^\W_]+")
_NUMBER, _NAME = "0", "A"
_HOW_TO_ANSWER = re.compile(r" (Answer|Reply) (only|with) ")
_SENTENCE_ENDS = re.compile(r"[.!?:\"'(„«¿]\s*$")

_LITTLE = """
a an the is are was were be been do does did has have had can could will would shall should may
might must of in on at to for from by with and or not no as it its this that these those i me my
we us our you your he she they him her their there here what which who whom whose when where why
how many much name give tell say answer write print only one two please if then than so very more
most word words number called call find show take make get put
le la les de des du un une el los las il lo der die das ein eine ist was wie
"""
_WITHOUT_MEANING = frozenset(_LITTLE.split())
"""Words that say little about what a question is: articles, auxiliaries, and ways to ask."""


def problems(cases: Sequence[Case]) -> Iterator[str]:
    """Yield one line for each problem of the questions."""
    families = Counter(family_of(case.id) for case in cases)
    yield from (
        f"{family}: {families[family]} questions, fewer than {FEWEST}"
        for family in FAMILIES
        if families[family] < FEWEST
    )
    for case in cases:
        yield from (f"{case.id}: {problem}" for problem in _problems_of(case))
    yield from _repeated(cases)
    yield from _common_answers(cases)


def alike(first: str, second: str) -> float:
    """Return how alike two questions are, from 0.0 to 1.0 for the same words."""
    return _share(meaning(first), meaning(second))


def letters_alike(first: str, second: str) -> float:
    """Return how many groups of four letters two questions share, from 0.0 to 1.0 for all."""
    return _share(_letter_groups(first), _letter_groups(second))


def meaning(question: str) -> frozenset[str]:
    """Return the words of a question that carry its meaning, shortened to their beginnings.

    All numbers are one word, and so are all names: words with a capital letter that do not begin
    a sentence.
    """
    words = set()
    for match in _WORDS.finditer(question):
        word = match[0]
        before = question[: match.start()]
        if any(character.isdigit() for character in word):
            words.add(_NUMBER)
        elif word[0].isupper() and before.strip() and not _SENTENCE_ENDS.search(before):
            words.add(_NAME)
        elif word.lower() not in _WITHOUT_MEANING:
            words.add(word.lower()[:_STEM])
    return frozenset(words)


def question_of(case: Case) -> str:
    """Return the last message of the user, "" without one."""
    texts = [
        message["content"]
        for message in ChatRequest(case.body).messages
        if message.get("role") == "user" and isinstance(message.get("content"), str)
    ]
    return texts[-1].partition(" Answer with a JSON object")[0] if texts else ""


def _repeated(cases: Sequence[Case]) -> Iterator[str]:
    questions = [(case, question_of(case)) for case in cases]
    known = [(case, meaning(text), _letter_groups(text)) for case, text in questions]
    for (first, one, letters), (second, other, others) in combinations(known, 2):
        if (
            _share(one, other) > MOST_ALIKE
            or _share(letters, others) > MOST_LETTERS_ALIKE
            or _same_choice(first, second, one & other)
        ):
            yield f"{second.id}: asks the same as {first.id} in other words"


def _letter_groups(question: str) -> frozenset[str]:
    """Return all groups of four letters, without how to answer; a shorter text is one group."""
    text = " ".join(_WORDS.findall(_HOW_TO_ANSWER.split(question)[0].lower()))
    return frozenset(text[at : at + 4] for at in range(max(1, len(text) - 3)))


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def _common_answers(cases: Sequence[Case]) -> Iterator[str]:
    checks = [case.check.members for case in cases if case.check]
    tools = Counter(members["tool"] for members in checks if members.get("tool"))
    texts = Counter(repr(members) for members in checks if "tool" not in members)
    for what, counts in (("tool", tools), ("check", texts)):
        yield from (
            f"{answer}: the {what} of {count} questions, more than {_MOST_OF_ONE_ANSWER}"
            for answer, count in counts.items()
            if count > _MOST_OF_ONE_ANSWER
        )


def _same_choice(first: Case, second: Case, common: frozenset[str]) -> bool:
    """True if two questions have the same answer and share a word of meaning."""
    if first.check is None or second.check is None:
        return False
    both = (first.check.members, second.check.members)
    return both[0] == both[1] and "tool" not in both[0] and bool(common - {_NUMBER, _NAME})


def _problems_of(case: Case) -> Iterator[str]:
    if family_of(case.id) is None:
        yield "the id does not begin with ask- and a family"
    if case.check is None:
        yield "no check"
        return
    if case.then:
        yield "more than one request"
    if breaks_schema(case.body):
        yield "the request is not valid"
    request = ChatRequest(case.body)
    if request.token_limit is not None and request.token_limit < LEAST_LIMIT:
        yield f"a limit of {request.token_limit} tokens, below {LEAST_LIMIT:,}"
    yield from _tool_problems(case.check.members, request)
    if family_of(case.id) == "json":
        yield from _json_problems(case.check.members, request)


def _json_problems(members: Mapping[str, Any], request: ChatRequest) -> Iterator[str]:
    asked, checked = request.asked_schema, members.get("json_schema", {})
    if request.response_format is None:
        yield "no response_format"
    elif asked and asked not in (checked, *checked.get("allOf", ())):
        yield "the check is not of the schema that is asked for"


def _tool_problems(members: Mapping[str, Any], request: ChatRequest) -> Iterator[str]:
    tool = members.get("tool")
    if "tool" in members and request.tool_choice not in (None, "auto"):
        yield "the choice of a tool is not free"
    if tool is not None and tool not in request.functions_by_name:
        yield f"the tool {tool} is not declared"
    elif tool is not None:
        declared = request.functions_by_name[tool]["parameters"]
        yield from impossible_arguments(members.get("arguments", {}), declared)
