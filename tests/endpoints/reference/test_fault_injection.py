"""Fault injection: the faulty answers, the control route, and what a client sees."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from conformance.cases import cases
from conformance.endpoints.reference import PROFILES, TOKEN
from conformance.endpoints.reference.app import app
from conformance.endpoints.reference.dialects.dialect import dialect_of
from conformance.endpoints.reference.fault_injection import (
    CHOICE,
    HEADER,
    ROUTE,
    Misbehaviour,
    Plan,
    UnknownFault,
    known,
    planned,
)
from conformance.endpoints.reference.wire_faults import LATE, STALL, WAIT, WIRE_FAULTS
from conformance.judging.judge import judge_for
from conformance.judging.profiles import profile
from conformance.judging.suite import shipped_suite
from conformance.protocol.exchange import Exchange, Json, Request, Response

KEY = {"authorization": f"Bearer {TOKEN}"}
BODY = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Say hello."}]}


async def _ask(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await client.post(
        "/v1/chat/completions", json=BODY | more, headers={"authorization": f"Bearer {TOKEN}"}
    )


def asked(misbehaviour: Misbehaviour, conversation: Callable[[httpx.AsyncClient], Any]) -> Any:
    """The exchanges of a conversation with an endpoint that injects faults."""

    async def talk() -> Any:
        transport = httpx.ASGITransport(app("openai", TOKEN, misbehaviour))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://self.test", headers=KEY
        ) as client:
            return await conversation(client)

    return asyncio.run(talk())


def streamed(size: int = 4) -> Exchange:
    """A stream of ``size`` events of ten bytes and ``[DONE]``."""
    pieces = [b"data: {}\n\n"] * size + [b"data: [DONE]\n\n"]
    headers = (("content-type", "text/event-stream"),)
    return Exchange(
        "1",
        Request(),
        Response(
            200,
            headers,
            b"".join(pieces),
            tuple((0.0, len(piece)) for piece in pieces),
            fidelity="bytes",
        ),
    )


def test_every_fault_of_the_catalogue_and_of_the_wire_is_known_and_no_control_is() -> None:
    from conformance.faults import faults

    assert set(WIRE_FAULTS) <= set(known())
    assert {name for name, fault in faults().items() if fault.caught_by} <= set(known())
    assert not {name for name, fault in faults().items() if not fault.caught_by} & set(known())


def test_an_unknown_fault_is_told_with_those_of_a_near_name() -> None:
    with pytest.raises(
        UnknownFault,
        match=(
            r"no fault named wire-stal \(did you mean wire-stall( or .*)?\?\); docs/faults\.md and"
            r" GET /_faults list them$"
        ),
    ):
        planned(["wire-stal"], 1)


def test_an_unknown_fault_that_is_near_none_is_told_where_they_are_listed() -> None:
    with pytest.raises(
        UnknownFault,
        match=r"^there is no fault named nope; docs/faults\.md and GET /_faults list them$",
    ):
        planned(["nope"], 1)


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        planned([], rate)


@pytest.mark.parametrize(
    ("rate", "faulty"), [(0, []), (0.25, [3, 7]), (0.5, [1, 3, 5, 7]), (1, list(range(8)))]
)
def test_the_rate_spreads_faults_evenly(rate: float, faulty: list[int]) -> None:
    misbehave = Misbehaviour(Plan(("wire-no-content-type",), rate))
    answers = [misbehave(streamed()) for _ in range(8)]
    assert [
        number for number, answer in enumerate(answers) if HEADER in dict(answer.response.headers)
    ] == faulty


def test_faults_that_do_not_apply_are_not_named() -> None:
    plain = Exchange("1", Request(), Response(200, (), b"{}"))
    changed = Misbehaviour(Plan(("wire-burst", "wire-late-headers")))(plain)
    assert dict(changed.response.headers)[HEADER] == "wire-late-headers"


class TestWire:
    def test_a_cut_ends_in_the_middle(self) -> None:
        changed = WIRE_FAULTS["wire-cut"](streamed())
        assert changed is not None and changed.response.truncated
        assert len(changed.response.body or b"") == len(streamed().response.body or b"") // 2

    def test_a_stall_comes_half_way(self) -> None:
        changed = WIRE_FAULTS["wire-stall"](streamed())
        assert changed is not None
        assert [offset for offset, _ in changed.response.reads] == [0.0, 0.0, STALL, STALL, STALL]

    def test_a_burst_is_one_read(self) -> None:
        changed = WIRE_FAULTS["wire-burst"](streamed())
        assert changed is not None
        assert changed.response.reads == ((WAIT, len(streamed().response.body or b"")),)

    def test_late_headers_say_how_late(self) -> None:
        changed = WIRE_FAULTS["wire-late-headers"](streamed())
        assert changed is not None and changed.meta[LATE] == WAIT

    @pytest.mark.parametrize(
        ("name", "row"),
        [
            ("wire-no-content-type", "HDR-001"),
            ("wire-bare-json-429", "SSE-011"),
            ("wire-data-after-done", "SSE-003"),
        ],
    )
    def test_what_is_said_wrong_is_caught(self, name: str, row: str) -> None:
        from conformance.endpoints.reference import answer

        request = Request(
            url="/v1/chat/completions",
            headers=(("authorization", f"Bearer {TOKEN}"),),
            body=BODY | {"stream": True},
        )
        clean = Exchange("1", request, answer(request, "openai"))
        changed = WIRE_FAULTS[name](clean)
        assert changed is not None
        found = {
            each.finding.requirement
            for each in judge_for(profile("openai"), shipped_suite()).findings(changed)
            if hasattr(each, "finding")
        }
        assert row in found


def test_the_plan_is_read_and_set_while_it_runs() -> None:
    async def conversation(client: httpx.AsyncClient) -> list[Any]:
        before = await _ask(client)
        put = await client.put(ROUTE, json={"faults": ["wire-no-content-type"]})
        after = await _ask(client)
        shown = (await client.get(ROUTE)).json()
        await client.put(ROUTE, json={"faults": []})
        return [
            before.headers.get("content-type"),
            put.json(),
            after.headers.get("content-type"),
            shown["faults"],
            "wire-cut" in shown["known"],
            (await _ask(client)).headers.get(HEADER),
        ]

    assert asked(Misbehaviour(Plan()), conversation) == [
        "application/json",
        {"faults": ["wire-no-content-type"], "rate": 1.0},
        None,
        ["wire-no-content-type"],
        True,
        None,
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        b"{",
        b"[]",
        b'{"faults": "x"}',
        b'{"faults": ["nope"]}',
        b'{"faults": [], "rate": 2}',
        b'{"faults": [1]}',
    ],
)
def test_a_wrong_plan_is_refused_and_changes_nothing(wrong: bytes) -> None:
    misbehave = Misbehaviour(Plan(("wire-cut",), 0.5))

    async def conversation(client: httpx.AsyncClient) -> httpx.Response:
        return await client.put(ROUTE, content=wrong)

    refused = asked(misbehave, conversation)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"]
    assert misbehave.plan == Plan(("wire-cut",), 0.5)


def test_a_fault_of_the_catalogue_reaches_the_client() -> None:
    async def conversation(client: httpx.AsyncClient) -> Any:
        await client.put(ROUTE, json={"faults": [name]})
        return await _ask(client)

    name = next(
        name
        for name in known()
        if name not in WIRE_FAULTS and Misbehaviour(Plan((name,)))(_completion()) != _completion()
    )
    answer = asked(Misbehaviour(Plan()), conversation)
    assert answer.headers[HEADER] == name


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("assistants-in-a-row-refused", "chat-assistants-in-a-row"),
        ("functions-refused", "functions-auto"),
    ],
)
def test_a_fault_of_a_request_made_on_purpose_is_put_into_the_answer_to_that_one_alone(
    fault: str, case: str
) -> None:
    misbehave = Misbehaviour(Plan((fault,)))
    (asked_for,) = (each for each in cases() if each.id == case)
    assert misbehave(_completion(asked_for.request_for("gpt-4o"))).response.status == 400
    assert misbehave(_completion()).response == _completion().response


def _completion(body: Json = BODY) -> Exchange:
    from conformance.endpoints.reference import answer

    request = Request(
        url="/v1/chat/completions", headers=(("authorization", f"Bearer {TOKEN}"),), body=body
    )
    return Exchange("1", request, answer(request, "openai"))


def test_an_answer_without_faults_is_the_documented_one() -> None:
    misbehave = Misbehaviour(Plan())
    assert misbehave(_completion()) == _completion()
    assert orjson.loads(_completion().response.body or b"")["object"] == "chat.completion"


def faults_of(misbehaviour: Misbehaviour, *chosen: str | None) -> list[str | None]:
    """The faults in the answers to requests with these faults in their header, None for none."""

    async def conversation(client: httpx.AsyncClient) -> list[str | None]:
        return [
            (
                await client.post(
                    "/v1/chat/completions",
                    json=BODY,
                    headers={"authorization": f"Bearer {TOKEN}"}
                    | ({} if names is None else {CHOICE: names}),
                )
            ).headers.get(HEADER)
            for names in chosen
        ]

    found: list[str | None] = asked(misbehaviour, conversation)
    return found


def test_a_request_chooses_the_faults_of_its_own_answer() -> None:
    assert faults_of(
        Misbehaviour(),
        "wire-no-content-type",
        None,
        " wire-late-headers,wire-no-content-type ,",
        "wire-burst",
    ) == ["wire-no-content-type", None, "wire-late-headers, wire-no-content-type", None]


def test_the_choice_of_a_request_goes_before_the_plan_and_is_not_counted() -> None:
    planned_fault, chosen = "wire-no-content-type", "wire-500"
    assert faults_of(
        Misbehaviour(Plan((planned_fault,), 0.5)), None, chosen, "", chosen, None, None, None
    ) == [None, chosen, None, chosen, planned_fault, None, planned_fault]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_request_that_chooses_an_unknown_fault_is_refused_in_the_form_of_the_profile(
    profile: str,
) -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app(profile))
        async with httpx.AsyncClient(transport=transport, base_url="http://self.test") as client:
            path = dialect_of(profile).example + "/chat/completions"
            return await client.post(path, json=BODY, headers={CHOICE: "wire-500, wire-stal"})

    response = asyncio.run(ask())
    body = response.json()
    error = (body[0] if dialect_of(profile).is_google else body)["error"]
    assert response.status_code == 400
    assert error["message"].startswith("there is no fault named wire-stal (did you mean wire-stall")
    assert "500" not in response.headers.get(HEADER, "")


def test_a_long_name_of_an_unknown_fault_is_shortened() -> None:
    with pytest.raises(UnknownFault) as caught:
        planned(["x" * 99_999], 1)
    assert len(str(caught.value)) < 600


def test_the_application_has_the_faults_in_process_too() -> None:
    async def conversation() -> list[Any]:
        transport = httpx.ASGITransport(app("openai"))
        async with httpx.AsyncClient(transport=transport, base_url="http://self.test") as client:
            chosen = await client.post(
                "/v1/chat/completions",
                json=BODY,
                headers={"authorization": f"Bearer {TOKEN}", CHOICE: "wire-503"},
            )
            await client.put(ROUTE, json={"faults": ["wire-500"]}, headers=KEY)
            return [chosen.status_code, (await _ask(client)).status_code]

    assert asyncio.run(conversation()) == [503, 500]
