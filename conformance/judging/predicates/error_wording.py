"""Classify error messages by the words that real servers use."""

import re

_NO_REASON = re.compile(
    r"(?:[\W\d_]|request contains an|invalid[ _]argument|invalid[ _]request|bad[ _]request|provider"
    r" returned|unknown|internal|upstream|server|error|status)*+",
    re.IGNORECASE,
)
_OUTAGE = re.compile(
    r"overload|unavailable|at capacity|over capacity|tim(?:e|ed)[ -]?out|try again|retry|rate["
    r" -]?limit|too many requests|quota|had an error while processing"
    r"|bad gateway|upstream connect|connection (?:error|reset|refused|closed)|temporar",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://[^\s\"'`<>)\]]+", re.IGNORECASE)
_ECHO = re.compile(r"['\"]input['\"]\s*:.*", re.DOTALL)

_UNKNOWN = r"(?:unknown|unrecogni[sz]ed|unexpected|extra|additional)"
_PARAMETER = (
    r"(?:(?:json|request|body|keyword|query|top-level)"
    r" ){0,3}(?:name|parameter|field|argument|property|properties|key|input)s?"
)
_SUPPLIED = (
    r"(?:,? (?:are not (?:permitted|allowed)|supplied|provided|found|in (?:the"
    r" )?(?:request|body)|field)){0,3}"
)
_AS_UNKNOWN = (
    (
        rf"{_UNKNOWN} {_PARAMETER}{_SUPPLIED}\W{{0,4}}(?:[\w.]+\W?,"
        r" \W?){0,20}NAME(?![\w.\[-])(?!\W? at \W?(?:request\.)?(?:tools|messages|contents))"
    ),
    (
        r"(?:[\"'`]|(?:parameter|argument|field|property) )NAME\W?(?:, \W?\w+\W?){0,20}"
        rf" (?:is|was|were|are) (?:an )?(?:{_UNKNOWN}\b|not recogni[sz]ed)"
    ),
    r"(?<![\w.])NAME:?\s+extra (?:inputs|fields)",
    r"body\W{1,6}NAME\W?\s*[\])\n:].{0,40}?extra(?:_forbidden| inputs| fields)",
    r"extra_forbidden.{0,20}body\W{1,6}NAME\W?[\])]",
)


def gives_no_reason(message: str) -> bool:
    """Return whether a message says only that something is wrong, not what; True for ""."""
    return _NO_REASON.fullmatch(message) is not None


def tells_of_outage(message: str) -> bool:
    """Return whether a message says that the server cannot answer any request at the moment."""
    return _OUTAGE.search(message) is not None


def refused_as_unknown(parameter: str, message: str) -> bool:
    """Return whether a message says that this parameter of the request is unknown.

    A member of another parameter with the same name does not count.
    """
    return any(
        re.search(pattern.replace("NAME", re.escape(parameter)), message, re.IGNORECASE | re.DOTALL)
        for pattern in _AS_UNKNOWN
    )


def without_links(message: str) -> str:
    """Remove links from a message; the words in a link say nothing about the error."""
    return _LINK.sub("", message)


def without_echo(message: str) -> str:
    """Cut off what repeats the input, as validation errors of Python servers do."""
    return _ECHO.sub("", message)
