"""Recognise errors that reject a schema of the request, by the words that real servers use."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from conformance.judging.predicates.error_wording import without_echo, without_links

MOST_KEYWORDS = 200
"""How many keywords are looked for in a message, of those whose words are in it."""

_WORD = re.compile(r"\w+")

_IN_EVERY_SCHEMA = frozenset({"type", "properties", "required", "items", "description"})

_STRICT_MODE = re.compile(
    r"is required to be supplied|not permitted|in context=|cannot have keywords|must be"
    r" false|\bstrict\b",
    re.IGNORECASE,
)
_DOCUMENTED_LIMIT = re.compile(
    r"'additionalProperties' is required to be supplied|top[- ]level|\broot\b|must"
    r" (?:be|have)[^.]{0,60}type\W+object|too (?:many|deep|large|long|complex)"
    r"|exceed|(?:maximum|max) (?:depth|nesting|number|length|size)",
    re.IGNORECASE,
)
_OF_THE_OUTPUT = re.compile(
    r"(?:did|does) not (?:match|validate)|validation failed|failed to (?:call|generate)|failed to"
    r" parse (?:tool|function|the |arguments|output)"
    r"|failed_generation",
    re.IGNORECASE,
)
_UNNAMED = re.compile(
    r"(?:schema|grammar)\b[^.]{0,60}\b(?:features?|keywords?|constructs?)\b[^.]{0,60}not"
    r" supported|unsupported (?:json )?schema",
    re.IGNORECASE,
)
_NAMES_OF_OTHERS = re.compile(
    r"in context=\([^)]{0,300}\)|\b(?:function|response_format|tool)s? ['\"`][^'\"`]{0,80}['\"`]",
    re.IGNORECASE,
)

_FORMAT = re.compile(
    r"response[_ ]?(?:format|mime|schema)|json[_"
    r" ](?:mode|object|schema|response|output)|structured[_ ]output|grammar|controlled"
    r" generation|output format",
    re.IGNORECASE,
)
_TOOLS = re.compile(r"\btools?\b|\bfunction", re.IGNORECASE)
_TOGETHER = re.compile(
    r"together|combin|\bwith\b|\bboth\b|exclusive|cannot|can't|in?compatible|conflict|simultaneous|same"
    r" time|either|(?:un|not )supported|instead",
    re.IGNORECASE,
)


def has_another_reason(message: str, strict: bool) -> bool:
    """Return whether an error names a reason other than a schema that is not supported.

    That is a documented limit, a violation of strict mode (if the request is ``strict``), or output
    of the model that does not match the schema.
    """
    return bool(
        _DOCUMENTED_LIMIT.search(message)
        or _OF_THE_OUTPUT.search(message)
        or (strict and _STRICT_MODE.search(message))
    )


def _own_words(message: str) -> str:
    """Return a message without links, repeated input, and names that the request chose."""
    return _NAMES_OF_OTHERS.sub("", without_echo(without_links(message)))


def refused_keyword(keywords: Iterable[str], message: str) -> str | None:
    """Return the first of the keywords, in alphabetical order, that a message names.

    "" if it names none but says that something in the schema is not supported, otherwise None. Of
    the keywords whose words are in the message, the first ``MOST_KEYWORDS`` are looked for.
    """
    words = _own_words(message)
    named = next(
        (
            keyword
            for keyword in islice(_mentioned(keywords, words), MOST_KEYWORDS)
            if re.search(_naming(keyword), words, re.IGNORECASE)
        ),
        None,
    )
    return named if named is not None or not _UNNAMED.search(words) else ""


def names_too_many(keywords: Iterable[str], message: str) -> bool:
    """Return whether a message has the words of more keywords than are looked for in it."""
    mentioned = _mentioned(keywords, _own_words(message))
    return next(islice(mentioned, MOST_KEYWORDS, None), None) is not None


def _mentioned(keywords: Iterable[str], words: str) -> Iterator[str]:
    """Yield the keywords whose words are in a text, in alphabetical order."""
    parts = frozenset(_WORD.findall(words.lower()))
    return (
        keyword for keyword in sorted(keywords) if parts.issuperset(_WORD.findall(keyword.lower()))
    )


def _naming(keyword: str) -> str:
    """Return the pattern of a message that names a keyword.

    A keyword that is also an ordinary word counts only if it is quoted or called unknown.
    """
    name = re.escape(keyword)
    if not (keyword.isalpha() and keyword.islower()):
        return rf"(?<![\w$]){name}(?!\w)"
    noun = r"(?: (?:json|schema|name|keyword|key|field|property|properties|attribute)s?)"
    unknown = r"(?:unknown|unsupported|unrecogni[sz]ed|unexpected|unimplemented)"
    if keyword in _IN_EVERY_SCHEMA:
        return rf"{unknown}{noun}{{1,3}}\W{{1,4}}{name}\b"
    return (
        rf"{unknown}{noun}{{0,3}}\W{{1,4}}{name}\b|[\"'`.]{name}[\"'`]|properties\S{{0,80}}\.{name}\b|(?<![\w-]){name}"
        r" (?:keyword|is not supported in)"
    )


def refuses_tools_beside_format(message: str) -> bool:
    """Return whether a message says that tools and response_format cannot be combined."""
    words = _own_words(message)
    return (
        all(pattern.search(words) for pattern in (_FORMAT, _TOOLS, _TOGETHER))
        and "invalid schema" not in words.lower()
    )
