"""Fixtures that call the reference endpoint in process."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.endpoints.reference import TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile as profile_named
from conformance.judging.suite import shipped_suite
from conformance.judging.verdict import RuleCrash
from conformance.protocol.chat.facts import Facts, fold
from conformance.protocol.exchange import Exchange, Finding, Json, Request

Ask: TypeAlias = Callable[..., Facts]
Object: TypeAlias = dict[str, Any]


def exchange_of(
    body: Json,
    profile: str = "openai",
    *,
    token: str | None = TOKEN,
    path: str = "/chat/completions",
    method: str = "POST",
) -> Exchange:
    """A request to the endpoint and its answer; ``token`` None sends no credential."""
    headers = (
        ("content-type", "application/json"),
        *((("authorization", f"Bearer {token}"),) if token is not None else ()),
    )
    request = Request(method, dialect_of(profile).example + path, headers, body)
    return Exchange("made", request, answer(request, profile), {"provenance": "emulated"})


def _asked(profile: str = "openai", content: Json = "Say hello.", **fields: Json) -> Facts:
    body = {
        "model": dialect_of(profile).listed[0],
        "messages": [{"role": "user", "content": content}],
    } | fields
    return fold(exchange_of(body, profile))


@pytest.fixture(scope="session")
def ask() -> Ask:
    """``ask(profile, content, **fields)``: the facts of the answer to a request with one user
    message, unless ``messages`` says otherwise."""
    return _asked


@pytest.fixture(scope="session")
def exchange() -> Callable[..., Exchange]:
    """``exchange(body, profile)``: a request to the endpoint and its answer."""
    return exchange_of


@pytest.fixture(scope="session")
def unexpected() -> Callable[[Exchange, str], dict[str, Finding]]:
    """``unexpected(exchange, profile)``: what breaks a must or a should of the profile and is no
    known deviation of it, by requirement."""

    def look(exchange: Exchange, profile: str) -> dict[str, Finding]:
        judged = list(judge_for(profile_named(profile), shipped_suite()).findings(exchange))
        crashes = [each for each in judged if isinstance(each, RuleCrash)]
        assert not crashes
        return {
            each.finding.requirement: each.finding
            for each in judged
            if not isinstance(each, RuleCrash) and each.level != "may" and not each.known
        }

    return look
