"""Tests that keep a bug fixed: judge a recorded answer by one requirement, and record it again.

``--emit pytest=FILE.py`` of ``conformance run`` and ``lint`` writes tests that use these functions.
"""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from conformance._text import printable
from conformance.cases import Case
from conformance.endpoints.client.http_client import send
from conformance.endpoints.client.live_target import LiveTarget
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import FALLBACK
from conformance.judging.profiles.model import Auth
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import Verdict
from conformance.protocol.exchange import Exchange
from conformance.reports.repeatable_request import request_of_recording
from conformance.reports.text.findings import evidence, located, message
from conformance.runs.reported_finding import report_finding
from conformance.traffic.cassette_writer import write
from conformance.traffic.read import read

_KEPT = ("case", "target", "profile")  # facts that stay when an answer is recorded again
_AUTH: dict[str, Auth] = {
    "": "bearer",
    "api-key": "api-key",
    "x-goog-api-key": "x-goog-api-key",
}


def recorded(path: Path) -> Exchange:
    """Return the exchange in a cassette. Raises ValueError if there is not exactly one."""
    exchanges = [each for each in read([path]) if isinstance(each, Exchange)]
    if len(exchanges) != 1:
        raise ValueError(f"{len(exchanges)} exchanges can be read, instead of one: {path}")
    return exchanges[0]


def assert_requirement(answer: Exchange | Path, requirement: str, profile: str) -> None:
    """Fail unless an answer tests a requirement and meets it.

    A deviation that is known of this kind of target does not fail.

    Args:
        answer: An exchange, or the cassette that contains it.
        requirement: The id of a requirement that one exchange can show.
        profile: The name of the profile to judge by.

    Raises:
        AssertionError: The answer breaks the requirement, or cannot show it.
        ValueError: The cassette, the requirement or the profile does not exist.
    """
    __tracebackhide__ = True
    suite = shipped_suite()
    if requirement not in suite.requirements:
        raise ValueError(f"{requirement}: there is no such requirement")
    exchange = recorded(answer) if isinstance(answer, Path) else answer
    verdicts = judge_for(suite.profile(profile), suite).verdicts(exchange)
    for verdict in verdicts:
        if verdict.requirement == requirement and verdict.outcome not in ("not exercised", "error"):
            if verdict.outcome == "fail":
                raise AssertionError("\n".join(_lines(verdict)))
            return
    raise AssertionError(f"{requirement} is not tested by this answer, so it does not show a fix")


def _lines(verdict: Verdict) -> Iterable[str]:
    """Yield the sentence of a broken requirement, then where it is broken, and the values."""
    entry = shipped_suite().requirements[verdict.requirement]
    yield f"{entry.id}  {verdict.level}  {entry.sentence}"
    if isinstance(verdict.found, JudgedFinding):
        found = report_finding(verdict.found)
        yield f"  {located('', found) or 'body'}: {message(found)}"
        yield from (f"  {line}" for line in evidence(found))
    yield f"  more: conformance explain {entry.id}"


def record_again(cassettes: Iterable[Path], key_variable: str = "API_KEY") -> int:
    """Send the requests of cassettes again and replace the recorded answers.

    Prints a line for each. An answer that did not come leaves its cassette as it is.

    Args:
        cassettes: The files, with one exchange each.
        key_variable: The environment variable that holds the API key. Without it, no key is sent.

    Returns:
        The exit code: 0 if all were recorded, else 3.
    """
    results = [_record_again(path, key_variable) for path in dict.fromkeys(cassettes)]
    return 0 if all(results) else 3


def _record_again(path: Path, key_variable: str) -> bool:
    """Replace one recorded answer; return whether that was possible."""
    try:
        old = recorded(path)
        answer = _asked(old, key_variable)
    except ValueError as error:
        print(f"{path.name}: {printable(str(error))}", file=sys.stderr)
        return False
    kept = {name: old.meta[name] for name in _KEPT if name in old.meta}
    meta = {**answer.meta, **kept}
    write(path, Exchange(old.id, answer.request, answer.response, meta))
    print(f"{path.name}: status {answer.response.status}")
    return True


def _asked(old: Exchange, key_variable: str) -> Exchange:
    """Send the request of an exchange again. Raises ValueError if there is none, or no key."""
    request = request_of_recording(old.request)
    if request is None:
        raise ValueError("the body of the request was not recorded")
    query = f"?{request.query}" if request.query else ""
    case = Case(
        old.id,
        "",
        "recorded",
        frozenset(),
        f"{request.path}{query}",
        request.body,
        auth=request.auth,
        method=request.method,
    )
    key = key_variable if os.environ.get(key_variable) else ""
    target = LiveTarget(
        "recorded",
        request.base_url,
        "",
        FALLBACK,
        key,
        assumed=True,
        auth=_AUTH[request.key_header],
    )
    answer = send(case, target)
    if isinstance(answer, Exchange):
        return answer
    raise ValueError(answer.why)
