"""Every fault that the endpoint can put into the answer to a documented case, asked for over a real socket, is caught by the requirement it breaks."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest
import uvicorn

from conformance.cases import Case, cases
from conformance.endpoints.live import Target, send
from conformance.endpoints.reference import PROFILES, TOKEN, answer
from conformance.endpoints.reference.app import app
from conformance.endpoints.reference.dialects import dialect_of
from conformance.endpoints.reference.misbehaving import ROUTE, Misbehaviour, Plan, _sendable
from conformance.exchange import Exchange, Request
from conformance.faults import faults
from conformance.judge import Judged, judge_for
from conformance.profiles import profile

UNSHOWN = {
    "arguments-in-one-piece": "no documented case asks for long arguments in fragments",
    "credential-repeated": "the token of the endpoint is shorter than a key that must not be repeated",
    "dummy-signature-refused": "only Gemini 3 is asked for its signatures, and the first model listed is no Gemini 3",
}
"""The faults that apply to the answer to some case, but show nothing there."""


def found(exchange: Exchange, name: str) -> set[str]:
    """The requirements that an exchange is found to break."""
    return {each.finding.requirement for each in judge_for(profile(name)).findings(exchange) if isinstance(each, Judged)}


def answered(name: str) -> list[tuple[Case, Exchange]]:
    """The documented cases and the answers to them, in process."""
    dialect = dialect_of(name)
    made = []
    for case in cases():
        request = Request(url=f"{dialect.example}/chat/completions", headers=(("authorization", f"Bearer {TOKEN}"),), body=case.request_for(dialect.listed[0]))
        made.append((case, Exchange(case.id, request, answer(request, name), {"probes": case.probes})))
    return made


@contextmanager
def served(name: str) -> Iterator[str]:
    """The address of an endpoint that misbehaves on demand."""
    misbehaviour = Misbehaviour(Plan())
    server = uvicorn.Server(uvicorn.Config(app(name, TOKEN, misbehaviour, [misbehaviour.route()]), log_level="critical", lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.mark.parametrize("name", PROFILES)
def test_every_fault_is_caught_over_a_socket(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SELF_TEST_KEY", TOKEN)
    dialect, made = dialect_of(name), answered(name)
    counted: Counter[str] = Counter()
    missed: list[str] = []
    with served(name) as address, httpx.Client() as control:
        target = Target("reference", f"{address}{dialect.example}", dialect.listed[0], name, "SELF_TEST_KEY")
        for fault in faults().values():
            if fault.profile != name or fault.caught_by is None or fault.name in UNSHOWN:
                continue
            spoilt = ((case, changed) for case, exchange in made if (changed := fault(exchange)) is not None and case.auth == "right")
            case = next((case for case, changed in spoilt if fault.caught_by in found(_sendable(changed, changed), name)), None)
            if case is None:
                counted["no case shows it"] += 1
                continue
            control.put(address + ROUTE, json={"faults": [fault.name]}).raise_for_status()
            got = send(case, target)
            assert isinstance(got, Exchange), got
            caught = fault.caught_by in found(replace(got, meta={**got.meta, "probes": case.probes}), name)
            counted["caught" if caught else "missed"] += 1
            missed += [] if caught else [fault.name]
    with capsys.disabled():
        print(f"\n{name}: {dict(counted)}")
    assert not missed, missed
    assert counted["caught"] or name == "vertex-vllm"  # whose one fault no documented case shows
