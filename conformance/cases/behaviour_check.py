"""Check that the questions about behaviour are different questions, each with a sound check.

Two questions are the same in other words if the words that carry their meaning are mostly the
same. Numbers and names count as one word each, so that a template filled in twice is found too.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from conformance.cases import Case
from conformance.cases.behaviour import FAMILIES, family_of
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.chat.request_schema import breaks_schema

FEWEST = 100
"""The fewest questions of a family."""

LEAST_LIMIT = 1024
"""The least token limit: a model that thinks spends as much on its thoughts."""

MOST_ALIKE = 0.5
"""The largest share of words that two questions may have in common, of all words of both."""

_MOST_OF_ONE_TOOL = 4
"""How many questions may have the same tool as their answer."""

_STEM = 6
_WORDS = re.compile(r"[^\W_]+")
_NUMBER, _NAME = "0", "A"
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
    tools = Counter(
        case.check.members["tool"]
        for case in cases
        if case.check and case.check.members.get("tool")
    )
    yield from (
        f"{tool}: the right tool of {count} questions"
        for tool, count in tools.items()
        if tool and count > _MOST_OF_ONE_TOOL
    )


def alike(first: str, second: str) -> float:
    """Return how alike two questions are, from 0.0 to 1.0 for the same words."""
    one, other = meaning(first), meaning(second)
    return len(one & other) / len(one | other) if one | other else 1.0


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
    meanings = [(case, meaning(question_of(case))) for case in cases]
    for (first, one), (second, other) in combinations(meanings, 2):
        share = len(one & other) / len(one | other) if one | other else 1.0
        if share > MOST_ALIKE or _same_choice(first, second, one & other):
            yield f"{second.id}: asks the same as {first.id} in other words"


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
    if family_of(case.id) == "json" and request.response_format is None:
        yield "no response_format"


def _tool_problems(members: Mapping[str, Any], request: ChatRequest) -> Iterator[str]:
    tool = members.get("tool")
    if "tool" in members and request.tool_choice not in (None, "auto"):
        yield "the choice of a tool is not free"
    if tool is not None and tool not in request.functions_by_name:
        yield f"the tool {tool} is not declared"
    elif tool is not None:
        declared = request.functions_by_name[tool]["parameters"]["properties"]
        checked = members.get("arguments", {}).get("properties", {})
        if unknown := sorted(set(checked) - set(declared)):
            yield f"the tool has no parameter {unknown[0]}"
