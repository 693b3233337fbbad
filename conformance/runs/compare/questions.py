"""Choose what both sides are asked: the questions of the suite, or cases that the user names."""

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.cases import Case
from conformance.protocol.exchange import Json

_DIGITS = 12
"""The hexadecimal digits of the digest of a question."""


@dataclass(frozen=True, slots=True)
class Question:
    """A case, with the unit of chance that it belongs to.

    Cases that ask for the same in the same words have the same ``name``.
    """

    name: str
    case: Case


def question_of_body(body: Json) -> str:
    """Return the name of the question in a request: the digest of its texts of the user.

    A request without such a text, or without messages, has the digest of the empty text.
    """
    messages = body.get("messages") if isinstance(body, dict) else None
    texts = [
        text
        for message in (messages if isinstance(messages, list) else ())
        if isinstance(message, dict) and message.get("role") == "user"
        for text in _texts(message.get("content"))
    ]
    return hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def _texts(content: Json) -> list[str]:
    if isinstance(content, str):
        return [" ".join(content.split())]
    if not isinstance(content, list):
        return []
    parts = (part.get("text") for part in content if isinstance(part, dict))
    return [" ".join(text.split()) for text in parts if isinstance(text, str)]


def named_after_themselves(cases: Iterable[Case]) -> list[Question]:
    """Return cases that each ask a question of their own, as those of a corpus of questions."""
    return [Question(case.id, case) for case in cases]


def named_after_their_texts(cases: Iterable[Case]) -> list[Question]:
    """Return cases of which several may ask the same question."""
    return [Question(question_of_body(case.body), case) for case in cases]


def some_of_each(
    cases: Sequence[Case], families: Mapping[str, str], most: int, seed: int
) -> list[Case]:
    """Return at most this many cases of each family, chosen by the seed, in the order given.

    ``families`` has the family by the id of a case; cases without one are left out.
    """
    chosen: set[str] = set()
    for family in sorted(set(families.values())):
        ids = sorted(case.id for case in cases if families.get(case.id) == family)
        chosen.update(random.Random(f"{seed} {family}").sample(ids, min(most, len(ids))))
    return [case for case in cases if case.id in chosen]
