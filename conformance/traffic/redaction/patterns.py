"""Patterns of secrets in text, and what replaces them."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from conformance.traffic.redaction.request_secrets import Known, Place, places

MARK = "REDACTED"
PROJECT = "PROJECT"

Look: TypeAlias = tuple[re.Pattern[str], str]
"""A pattern of what looks like a secret, and the template of its replacement."""

Rule: TypeAlias = Look | Known
"""What is replaced: what looks like a secret, or a known secret however it is encoded."""

FIELDS = (
    "authorization|api[_-]?key|access_token|refresh_token|id_token|client_secret"
    "|private_key(?:_id)?|password"
)
"""A pattern of the names of JSON fields whose value is always secret."""
PARAMETERS = "key|api[_-]?key|access_token|refresh_token|id_token|client_secret|token"
"""A pattern of the names of URL parameters whose value is always secret."""
SIGNATURES = (
    "x-goog-signature|x-goog-credential|x-amz-signature|x-amz-credential|x-amz-security-token"
    "|signature|sig|googleaccessid|awsaccesskeyid"
)
"""A pattern of the names of the parameters that sign a URL."""

_AFTER_ESCAPE = r"(?<=[^\\]\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4})"
"""A position after a JSON escape, whose last letter is not part of the next word."""
_START = rf"(?:(?<![\w-])|{_AFTER_ESCAPE})"
_VALUE = r"(?!REDACTED)[^&\s\"'\\<>#]+"
_AMPERSAND = r"(?:[?&]|&amp;|\\u0026|%26|%3F)"
_ID = r"(?!PROJECT\b)[\w.:-]+"


def _rule(pattern: str, by: str, flags: re.RegexFlag = re.IGNORECASE) -> Look:
    return re.compile(pattern, re.ASCII | flags), by


_EXACTLY = re.RegexFlag(0)

_KEY_PREFIXES = "hf_|gsk_|xai-|csk-|pplx-|r8_|fw_|gh[oprsu]_|AKIA|ASIA"
_KEY_PREFIXES_WITH_DASHES = "nvapi-|github_pat_|xox[abeoprs]-"
"""Prefixes of API keys: of providers whose models are served through gateways, and of services
where such keys are stored."""

# Possessive quantifiers: each part of a private key is read once, however often it is repeated.
_LINE_END = r"(?>\r?\n|(?:\\++[nr])++)"
"""A line end in a private key, also inside a JSON string."""
_KEY_HEADER = rf"{_LINE_END}(?:Proc-Type|DEK-Info): [^\"\r\n\\]*+"
_KEY_LINES = rf"(?:{_LINE_END}| )*+[a-z0-9+/=]{{16,}}+(?:{_LINE_END}(?![a-z]+:)[a-z0-9+/=]++)*+"

BY_LOOK: tuple[Look, ...] = (
    _rule(
        rf"(?:(?<![a-z0-9_])|(?<=%3F)|(?<=%26))((?:{SIGNATURES})(?:=|%3D)){_VALUE}", rf"\1{MARK}"
    ),
    _rule(rf"({_AMPERSAND}(?:{PARAMETERS})(?:=|%3D)){_VALUE}", rf"\1{MARK}"),
    _rule(rf'("(?:{FIELDS})"\s*:\s*")(?!REDACTED)(?:[^"\\]|\\.)+', rf"\1{MARK}"),
    _rule(
        rf'(\\"(?:{FIELDS})\\"\s*:\s*\\")(?!REDACTED)[^"\\]+', rf"\1{MARK}"
    ),  # JSON inside a JSON string
    _rule(rf"((?=B)(?:\b|{_AFTER_ESCAPE})Bearer\s+)(?!REDACTED)[\w.~+/=-]{{8,}}", rf"\1{MARK}"),
    _rule(r"(?<=://)(?!REDACTED)[^/@\s\"'\\]+(?=@)", MARK),
    # Up to its end line, but not beyond the enclosing string or the next key; without an end line,
    # as long as the text looks like a key.
    _rule(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
        r"(?:(?:(?!-----BEGIN )[^\"]){0,8000}?-----END [A-Z ]*PRIVATE KEY-----"
        rf"|(?:{_KEY_HEADER})++(?:{_KEY_LINES})?+|{_KEY_LINES})",
        MARK,
    ),
    _rule(
        rf"(?=[yA1Gs]){_START}(?:ya29\.[\w.-]+|1//0[\w-]{{10,}}|AIza[\w-]{{20,}}|AQ\.[\w-]{{20,}}|GOCSPX-[\w-]+|sk-[\w*-]{{6,}})",
        MARK,
        _EXACTLY,
    ),
    _rule(
        rf"(?=[hgxcprfAn]){_START}(?:(?:{_KEY_PREFIXES})[A-Za-z0-9]{{16,}}|(?:{_KEY_PREFIXES_WITH_DASHES})[\w-]{{16,}})",
        MARK,
        _EXACTLY,
    ),
    _rule(rf"(?=e){_START}eyJ[\w-]{{8,}}\.eyJ[\w-]{{8,}}(?:\.[\w-]*)?", MARK, _EXACTLY),
    _rule(rf"(?=[op]){_START}(?:org-|proj_)[A-Za-z0-9]{{8,}}", MARK, _EXACTLY),
    _rule(
        rf"(?:(?<![\w.\\-])|(?<=\\)(?![bfnrt]|u[0-9a-f]{{4}})|{_AFTER_ESCAPE})[\w.-]+@(?:[\w-]+\.)*gserviceaccount\.com",
        MARK,
    ),
    # A project in a resource name; "projects/..." in prose is not replaced.
    _rule(rf"((?<=[/\"'`])projects(?:/|\\/)|%2Fprojects%2F){_ID}", rf"\1{PROJECT}"),
    _rule(rf"((?=p)(?:\b|{_AFTER_ESCAPE})projects/)(?:{_ID}(?=/)|\d+)", rf"\1{PROJECT}"),
    _rule(rf"({_AMPERSAND}project(?:=|%3D)){_ID}", rf"\1{PROJECT}"),
    _rule(
        r"([\"']project_?(?:number|id)?[\"']\s*:\s*)\d{6,}", r"\g<1>0"
    ),  # a JSON number stays a number
    _rule(
        rf"((?=p)(?:\b|{_AFTER_ESCAPE})project(?:["
        r" _-]?(?:number|id))?[\"'`]?[\s:=#]+[\"'`]?)\d{6,}",
        rf"\1{PROJECT}",
    ),
    _rule(
        r"(\"(?:consumer|containerinfo)\"\s*:\s*\")(?!PROJECT\b|projects/)[^\"\\]+", rf"\1{PROJECT}"
    ),
    _rule(r"(-)\d{6,}(?=\.prediction\.(?:p\.)?vertexai\.goog)", rf"\1{PROJECT}"),
)

_WORD_START = (
    r"(?:(?<![\w.+%\\-])|(?<=\\[bfnrt])|(?<=\\u[0-9a-f]{4})|(?<=\\)(?![bfnrt]|u[0-9a-f]{4}))"
)
"""A position where a word begins, also after a JSON escape, which is not part of the word."""
_AT = r"(?:@|%(?:25)*40|\\+u0040|&#(?:64|x40);)"
_EXAMPLE_DOMAIN = r"(?:[\w-]+\.)*(?:example\.(?:com|org|net)|example|test|invalid)(?![\w-]|\.\w)"
_PROJECT_LABEL = (
    rf"(?=[Pp])(?:\b|{_AFTER_ESCAPE})[Pp]roject(?:[ _-]?I[dD]|[ _-]?id)?(?:\s*[:=]\s*|\s+)"
)
_QUOTED = r"\\*[\"'`]"
_SECRET_VALUE = r"(?!REDACTED)(?:[^\s\"'`\\<>&,;)}\]]|\\+/|\\+u00(?:2b|2f|3d)){8,}"
_SECRET_NAMES = rf"(?:x-)?(?:goog-)?api[_-]?key|{FIELDS}|secret"

OF_ACCOUNTS: tuple[Look, ...] = (
    _rule(
        rf"{_WORD_START}[\w.+%-]+{_AT}(?!{_EXAMPLE_DOMAIN}|\dx\.)(?:[\w\x80-\uffff-]+\.)+[a-z]{{2,}}(?![\w-])",
        MARK,
    ),
    _rule(
        rf"([\"'](?-i:(?!PROJECT\b))(?:[a-z]+_)?project(?:_?id)?{_QUOTED}\s*:\s*{_QUOTED})(?!PROJECT\b|REDACTED|projects/)[^\"'`\\\s,}}\]]+",
        rf"\1{PROJECT}",
    ),
    _rule(
        rf"([\"'](?-i:(?!PROJECT\b))(?:[a-z]+_)?project(?:_?(?:number|id))?{_QUOTED}\s*:\s*{_QUOTED})\d{{6,}}",
        rf"\1{PROJECT}",
    ),
    _rule(r"([\"'](?:[a-z]+_)?project_?(?:number|id)?\\*[\"']\s*:\s*)\d{6,}", r"\g<1>0"),
    # A Google project id: a dash or a digit distinguishes it from a word.
    _rule(
        rf"({_PROJECT_LABEL}{_QUOTED})(?=[a-z.:]*[0-9-])[a-z][a-z0-9.:-]{{1,60}}(?={_QUOTED})",
        rf"\1{PROJECT}",
        _EXACTLY,
    ),
    _rule(
        rf"({_PROJECT_LABEL})(?=[a-z]*[0-9-])[a-z][a-z0-9-]{{4,28}}[a-z0-9](?![\w-]|\.\w)",
        rf"\1{PROJECT}",
        _EXACTLY,
    ),
    _rule(
        rf"((?=b)(?:\b|{_AFTER_ESCAPE})billing[ _-]?accounts?(?:["
        r" _-]?id)?[\s:=/#\\\"'`]+)[0-9A-Z]{6}(?:-[0-9A-Z]{6}){2}(?![\w-])",
        rf"\1{MARK}",
    ),
    _rule(r"(?<![\w-])[0-9A-F]{6}(?:-[0-9A-F]{6}){2}(?![\w-])", MARK, _EXACTLY),
    _rule(
        rf"((?=[xagricps])(?:(?<![a-z0-9-])|{_AFTER_ESCAPE})(?:{_SECRET_NAMES})(?:{_QUOTED}\s*[:=]\s*{_QUOTED}|\s*[:=]\s*(?:{_QUOTED})?)){_SECRET_VALUE}",
        rf"\1{MARK}",
    ),
    _rule(
        rf"((?=t)(?:(?<![a-z0-9-])|{_AFTER_ESCAPE})token(?:{_QUOTED}\s*[:=]\s*{_QUOTED}|\s*=\s*(?:{_QUOTED})?)){_SECRET_VALUE}",
        rf"\1{MARK}",
    ),
    _rule(
        rf"((?=a)(?:\b|{_AFTER_ESCAPE})authorization(?:{_QUOTED})?\s*[:=]\s*(?:{_QUOTED})?(?:Basic|Bearer|Digest|Token|ApiKey)\s+){_SECRET_VALUE}",
        rf"\1{MARK}",
    ),
)
"""Rules for what identifies the account or its credential in errors and header fields. They do not
apply to model output, which may contain such text legitimately."""


BEGUN: Look = _rule(
    # only the last run of such characters is searched: from each run before it the end is far
    r"(?:(?<![\w.-])(?=[\w.-]*+\Z)([\w.-]*?)(?<![\w-])(?:ya29\.|AIza|AQ\.|GOCSPX-|sk-|eyJ|org-|proj_"
    rf"|{_KEY_PREFIXES}|{_KEY_PREFIXES_WITH_DASHES})|(?<![\w-])1//0)[\w.-]*+\Z",
    rf"\g<1>{MARK}",
    _EXACTLY,
)
"""The rule for the beginning of a secret at the end of a cut text."""


class Edit(NamedTuple):
    """A span of a text that was replaced by ``size`` characters."""

    start: int
    end: int
    size: int


def scrub(text: str, rules: Iterable[Rule]) -> tuple[str, list[list[Edit]]]:
    """Apply the rules to a text: first those for known secrets together, then one after the other.

    Returns:
        The new text, and the edits of each pass that changed something. The offsets of the edits
        refer to the text before that pass.
    """
    looks: list[Look] = []
    known: list[Known] = []
    for rule in rules:
        if isinstance(rule, Known):
            known.append(rule)
        else:
            looks.append(rule)
    passes = []
    if known and (found := places(text, known)):
        text, edits = replaced(text, found)
        passes.append(edits)
    for pattern, by in looks:
        found = [
            Place(*match.span(), new)
            for match in pattern.finditer(text)
            if (new := match.expand(by)) != match[0]
        ]
        if found:
            text, edits = replaced(text, found)
            passes.append(edits)
    return text, passes


def replaced(text: str, found: Sequence[Place]) -> tuple[str, list[Edit]]:
    """Return the text with the mark of each place instead of what stands there, and the edits.

    The places are in order and do not overlap.
    """
    pieces: list[str] = []
    end = 0
    for place in found:
        pieces += text[end : place.start], place.mark
        end = place.end
    edits = [Edit(place.start, place.end, len(place.mark)) for place in found]
    return "".join((*pieces, text[end:])), edits
