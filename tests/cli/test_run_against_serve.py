"""``conformance run --live`` against the reference endpoint, with and without faults.

The documented answers pass; each fault is reported by the requirement that it breaks.
"""

import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import uvicorn
from click.testing import CliRunner

from conformance.cases import Case, cases
from conformance.cli import main
from conformance.endpoints.client.live_target import WRONG_KEY
from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.app import app
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.fault_injection import HEADER, ROUTE, Misbehaviour, Plan
from conformance.faults import Fault, faults
from conformance.judging.finding_group import JudgedFinding
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.requirements import requirements
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Request
from conformance.runs.live.asking import answer_of, chosen, target_of
from conformance.runs.results import Answer as ToJudge
from conformance.runs.results import CaseReply
from conformance.runs.selection import Selection
from conformance.runs.thin_answers import is_thin
from conformance.traffic.redaction.redact import redact
from tests.helpers.project import ROOT

UNSHOWN = {
    "cached-content-refused": (
        "a cached content has to be made beforehand, and has an id of its own"
    ),
    "filter-told-as-stop": "nothing that could be asked is filtered for certain",
    "running-counts-go-back": (
        "the endpoint counts once, at the end, also where vLLM is asked for usage on each chunk"
    ),
    "audio-without-transcript": "the endpoint does not speak aloud",
    "overflow-without-code": "no case has a prompt longer than a context",
    "long-prompt-answered": "no case has a prompt longer than a context",
    "long-prompt-cut-silently": "no case has a prompt longer than a context",
    "rate-limit-without-a-word": (
        "the endpoint limits nobody, and a rate limit is not judged as the answer to a case"
    ),
    "no-retry-after": (
        "the endpoint limits nobody, and a rate limit is not judged as the answer to a case"
    ),
    "sibling-route-open": "only Chat Completions is asked",
    "served-tier-not-named": "no case has the header that chooses a service tier",
    "upstream-failure-as-an-answer": "no request makes an upstream fail",
}
"""The faults of the catalogue that the answer to no case shows a run, each with the reason."""

ON_THE_WIRE = {
    "wire-no-content-type": ("stream-plain", "HDR-001"),
    "wire-bare-json-429": ("stream-plain", "SSE-011"),
    "wire-data-after-done": ("stream-plain", "SSE-003"),
}
"""The faults of the wire that break a requirement and need no waiting, each with a case that shows
it and that requirement."""

CREDENTIALS = {
    "right": f"Bearer {TOKEN}",
    "wrong": f"Bearer {WRONG_KEY}",
    "basic": f"Basic {TOKEN}",
    "none": "",
}
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True, slots=True)
class Served:
    """An endpoint on a socket that misbehaves on demand."""

    profile: str
    address: str

    @property
    def base_url(self) -> str:
        return self.address + dialect_of(self.profile).example

    def misbehaves(self, *names: str) -> None:
        """Put these faults into the answers from now on."""
        httpx.put(
            self.address + ROUTE,
            json={"faults": names},
            headers={"authorization": f"Bearer {TOKEN}"},
            trust_env=False,
        ).raise_for_status()

    def run(self, model: str, *more: str) -> tuple[int, dict[str, Any]]:
        """Run the command; return its exit code and its report."""
        arguments = (
            "--live",
            "--profile",
            self.profile,
            "--base-url",
            self.base_url,
            "--model",
            model,
            "--api-key-env",
            "KEY_OF_A_TEST",
            *more,
        )
        result = CliRunner().invoke(
            main,
            ["run", "--format", "json", *arguments],
            env={"KEY_OF_A_TEST": TOKEN, "NO_PROXY": "127.0.0.1"},
        )
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            result.exception
        )
        said = result.stderr.splitlines()
        assert all(" broken so far" in line for line in said)  # progress, every ten seconds
        return result.exit_code, json.loads(result.stdout)


@contextmanager
def serving(name: str) -> Iterator[Served]:
    """The application of ``conformance serve`` on a socket, in a thread."""
    misbehaviour = Misbehaviour(Plan())
    application = app(name, TOKEN, misbehaviour, host="127.0.0.1")
    server = uvicorn.Server(
        uvicorn.Config(
            application, log_level="critical", server_header=False, lifespan="off", ws="none"
        )
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Served(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(autouse=True)
def done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load no certificates: to load them takes longer than one of the hundreds of runs."""
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: NO_CERTIFICATES)


@pytest.fixture(params=PROFILES)
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    with serving(request.param) as endpoint:
        yield endpoint


@dataclass(frozen=True, slots=True)
class Answered:
    """A case, the requested model, and the answer of the endpoint, obtained without a socket."""

    case: Case
    model: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Shown:
    """A case whose answer shows a fault, with the model, the finding and the exit code expected."""

    case: str
    model: str
    caught: JudgedFinding
    exit_code: int

    @property
    def kind(self) -> str:
        """The level of the requirement, what it is about, and whether the deviation is known."""
        about = requirements()[self.caught.finding.requirement].about
        return f"{self.caught.level} {about}{' known' if self.caught.known else ''}"


def answered(name: str) -> list[Answered]:
    """Return the cases that a run can send, with their answers."""
    dialect, made = dialect_of(name), []
    for model in dialect.listed:
        target = target_of(
            f"http://127.0.0.1{dialect.example}", model, "KEY_OF_A_TEST", Selection(name)
        )
        for case in chosen(target, Selection(name))[0]:
            if case.then:
                continue  # its later turns show more than one exchange does
            request = Request(
                case.method,
                target.base_url + case.path,
                (("authorization", CREDENTIALS[case.auth]),),
                case.request_for(model),
            )
            if case.auth == "none":
                request = replace(request, headers=())
            made.append(Answered(case, model, Exchange(case.id, request, answer(request, name))))
    return made


def showing(fault: Fault[Exchange], made: list[Answered]) -> Shown | None:
    """Return the first case whose answer shows a fault that alone decides the exit code."""
    found = (shown for each in made if (shown := _shown(fault, each)) is not None)
    first = next(found, None)
    if first is None or first.exit_code == int(decides(first.caught)):
        return first
    return next((shown for shown in found if shown.exit_code == int(decides(shown.caught))), first)


def _shown(fault: Fault[Exchange], each: Answered) -> Shown | None:
    spoilt = Misbehaviour(Plan((fault.name,)))(each.exchange)
    if HEADER not in dict(spoilt.response.headers) or not isinstance(
        answer_of("", each.case, 1, spoilt), ToJudge
    ):
        return None
    judged = judge_for(profile(fault.profile), shipped_suite()).findings(
        replace(redact(spoilt), meta={"probes": each.case.probes})
    )
    by_row = {
        found.finding.requirement: found for found in judged if isinstance(found, JudgedFinding)
    }
    caught = by_row.get(fault.caught_by or "")
    if caught is None:
        return None
    inconclusive = 3 if _says_too_little(each.case, spoilt) else 0
    return Shown(
        each.case.id,
        each.model,
        caught,
        1 if any(map(decides, by_row.values())) else inconclusive,
    )


def _says_too_little(case: Case, spoilt: Exchange) -> bool:
    """Whether a case that expects an answer is refused or gets one that is empty or cut."""
    reply = CaseReply(case.id, spoilt.response.status, wants_refusal=case.wants_refusal)
    return reply.is_refusal or (reply.is_ordinary and not case.tests_limit and is_thin(spoilt))


def decides(judged: JudgedFinding) -> bool:
    """True if a finding fails a run: a broken must of the protocol, not a known deviation."""
    return (
        judged.level == "must"
        and judged.known is None
        and requirements()[judged.finding.requirement].about == "protocol"
    )


def test_what_is_documented_passes(served: Served) -> None:
    code, report = served.run(dialect_of(served.profile).listed[0])
    counted, ids = report["summary"], {case.id for case in cases()}
    assert code == 0
    assert report["unanswered"] == []
    assert {each["case"] for each in report["verdicts"]} & ids == ids - {
        each["case"] for each in report["not_asked"]
    }
    assert counted["self_test"]["protocol"]["pass"] > 3000
    assert counted["cases"] == sum(counted["protocol"].values()) == 0


def test_every_fault_is_told_by_the_requirement_it_breaks(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, made = time.monotonic(), answered(served.profile)
    ends: Counter[str] = Counter()
    unshown = set()
    for fault in faults().values():
        if fault.profile != served.profile or fault.caught_by is None:
            continue
        shown = showing(fault, made)
        if shown is None:
            unshown.add(fault.name)
            continue
        served.misbehaves(fault.name)
        code, report = served.run(shown.model, "--case", shown.case)
        (verdict,) = (
            each
            for each in report["verdicts"]
            if (each["requirement"], each["case"]) == (fault.caught_by, shown.case)
        )
        told = {"level": shown.caught.level, "verdict": "known" if shown.caught.known else "fail"}
        assert {key: verdict[key] for key in told} == told, fault.name
        assert verdict["findings"], fault.name
        assert code == shown.exit_code, fault.name
        ends[f"{shown.kind}: exit {code}"] += 1
    with capsys.disabled():
        print(
            f"\n{served.profile}: {ends.total()} faults told in {time.monotonic() - begun:.0f} s,"
            f" {dict(ends)}; shown by no case: {len(unshown)}"
        )
    assert unshown == {name for name in UNSHOWN if faults()[name].profile == served.profile}


@pytest.mark.parametrize("name", ON_THE_WIRE)
def test_a_fault_of_the_wire_is_told_too(name: str) -> None:
    case, row = ON_THE_WIRE[name]
    with serving("openai") as endpoint:
        endpoint.misbehaves(name)
        code, report = endpoint.run("gpt-4o", "--case", case)
    assert code == 1
    assert row in {each["requirement"] for each in report["verdicts"] if each["verdict"] == "fail"}


def test_the_page_of_the_endpoint_counts_the_faults() -> None:
    catalogue = [fault for fault in faults().values() if fault.caught_by is not None]
    served = [fault for fault in catalogue if fault.profile in PROFILES]
    page = (ROOT / "docs" / "endpoint.md").read_text(encoding="utf-8")
    assert f"{len(served) - len(UNSHOWN)} of {len(served)} faults are reported" in page
