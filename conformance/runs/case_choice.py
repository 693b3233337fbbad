"""Choose cases by pattern, by feature, or by the requirement that they can show."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from fnmatch import fnmatchcase

import orjson

from conformance._text import did_you_mean
from conformance.cases import Case
from conformance.cases.case_feature import CASE_FEATURES, OTHERS, feature_of
from conformance.cases.features import FEATURES, features_of
from conformance.cases.twin_cases import twin_cases
from conformance.judging.requirements import Requirement
from conformance.runs.selection import SelectionError

_PATTERN = re.compile(r"[*?\[]")

_IN_REQUEST: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tool call|tool_calls|request with tools|or tools", ("tools", "functions")),
    ("tool results", ("tool", "function", "tool_call_id")),
    ("response with (top_)?logprobs", ("logprobs",)),
    ("thinking_budget 0", ("thinking_config", "reasoning_effort")),
    ("include_thoughts|thought_tag_marker|thought deltas", ("thinking_config",)),
)
"""What the condition of a requirement mentions, and which strings a request for it has."""
_FIELDS = (
    "json_object",
    "json_schema",
    "functions",
    "stop",
    "n",
    "include_usage",
    "logprobs",
    "top_logprobs",
    "reasoning_effort",
    "tool_choice",
    "parallel_tool_calls",
    "stream_function_call_arguments",
    "service_tier",
)
"""Names that a condition such as "request with json_schema" mentions as a request has them."""


def matching(patterns: Iterable[str], known: Collection[str]) -> frozenset[str]:
    """Return the ids that are named or matched by patterns such as ``stream-*``.

    A name without ``*``, ``?`` and ``[`` is returned as it is. Raises SelectionError for a pattern
    that matches none of the ``known`` ids.
    """
    chosen: set[str] = set()
    for pattern in patterns:
        found = (
            {name for name in known if fnmatchcase(name, pattern)}
            if _PATTERN.search(pattern)
            else {pattern}
        )
        if not found:
            raise SelectionError(
                f"--case {pattern!r} matches no case; `conformance cases` lists them"
            )
        chosen |= found
    return frozenset(chosen)


def with_features(names: Iterable[str], cases: Iterable[Case]) -> frozenset[str]:
    """Return the ids of the cases that are about one of the features, or whose request has one.

    Raises SelectionError for a feature that does not exist.
    """
    wanted = {name: name.replace("-", "_") for name in names}
    known = {*CASE_FEATURES, OTHERS, *FEATURES}
    for name, other in wanted.items():
        if not known & {name, other}:
            near = did_you_mean(name, known)
            raise SelectionError(
                f"unknown feature {name!r}{near}; there are {', '.join(CASE_FEATURES)}, {OTHERS},"
                f" and for parts of a request {', '.join(FEATURES)}"
            )
    about = {*wanted, *wanted.values()}
    return frozenset(
        case.id
        for case in cases
        if feature_of(case.id) in about or not features_of(case.body).isdisjoint(about)
    )


def showing(
    chosen: Iterable[str], known: Mapping[str, Requirement], cases: Collection[Case]
) -> frozenset[str]:
    """Return the ids of the cases that can show whether one of the requirements holds.

    What is known: the cases that probe it, the twins, the conversations, and the cases that get the
    kind of answer and have the fields that the condition of the requirement names. These are at
    least all that can show it. If no case is known, all are returned.
    """
    found: set[str] = set()
    for name in chosen:
        ids = _showing(known[name], cases)
        found |= ids or {case.id for case in cases}
    return frozenset(found)


def _showing(entry: Requirement, cases: Collection[Case]) -> set[str]:
    probing = {case.id for case in cases if entry.id in case.probes}
    if entry.needs == "probe" and probing:
        return probing
    if entry.needs == "session":
        return {case.id for case in cases if case.then}
    if entry.needs == "twin":
        return {name for pair in twin_cases(cases) for name in pair}
    kind, _, more = entry.when.partition(";")
    is_of_kind, words = _KINDS[kind], _words(more)
    return probing | {
        case.id for case in cases if is_of_kind(case) and (not words or _has_any(case, words))
    }


def _words(condition: str) -> frozenset[bytes]:
    """Return the strings of which a request that fulfils a condition has one, none if unknown."""
    if "without" in condition or "absent" in condition:
        return frozenset()
    words = {
        word
        for pattern, in_request in _IN_REQUEST
        if re.search(pattern, condition)
        for word in in_request
    }
    _, _, request = condition.partition("request with ")
    words |= {field for field in _FIELDS if re.search(rf"(?<![\w-]){field}(?![\w-])", request)}
    return frozenset(b'"%s"' % word.encode() for word in words)


def _has_any(case: Case, words: Collection[bytes]) -> bool:
    text = orjson.dumps(case.body, default=str)
    return bool(case.then) or any(word in text for word in words)


def _streams(case: Case) -> bool:
    return isinstance(case.body, dict) and case.body.get("stream") is True


_KINDS: Mapping[str, Callable[[Case], bool]] = {
    "stream": _streams,
    "completion": lambda case: not _streams(case),
    "error": lambda case: case.wants_refusal or case.auth != "right",
    "any": lambda _: True,
}
