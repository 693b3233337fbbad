"""The corpus check finds each problem that a test plants in the shipped corpus."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from conformance._files import data_folder
from conformance.cases import CORPUS, DOCUMENTED, Case, Violation, corpus_check, read_cases
from conformance.cases.corpus_check import problems, rewritten

TOLD, MINTED = tuple(read_cases(DOCUMENTED)), tuple(read_cases(CORPUS))
POSITIVE = next(number for number, case in enumerate(MINTED) if case.covers)
NEGATIVE = next(number for number, case in enumerate(MINTED) if case.violates and case.probes)


@pytest.fixture(autouse=True, scope="module")
def asked_once() -> Iterator[None]:
    """Check each shipped case by itself only once, because a test changes one of a thousand."""
    shipped = set(map(id, MINTED))
    with pytest.MonkeyPatch.context() as patched:
        for name in ("_check_needs", "_check_generated"):
            patched.setattr(corpus_check, name, _once(getattr(corpus_check, name), shipped))
        yield


def _once(
    ask: Callable[[Case], Iterator[str]], shipped: set[int]
) -> Callable[[Case], Iterable[str]]:
    told: dict[int, tuple[str, ...]] = {}

    def asked(case: Case) -> Iterable[str]:
        if id(case) not in shipped:
            return ask(case)
        if id(case) not in told:
            told[id(case)] = tuple(ask(case))
        return told[id(case)]

    return asked


def found(
    minted: tuple[Case, ...] = MINTED,
    told: tuple[Case, ...] = TOLD,
    cassettes: tuple[Path, ...] = (),
) -> list[str]:
    return list(problems(told, minted, cassettes))


def with_changed(number: int, change: Callable[[Case], Case]) -> tuple[Case, ...]:
    return (*MINTED[:number], change(MINTED[number]), *MINTED[number + 1 :])


def test_nothing_is_wrong_with_what_is_shipped() -> None:
    assert found(cassettes=tuple(data_folder("cassettes").glob("*/*.yaml"))) == []


@pytest.mark.parametrize(
    ("number", "change", "said"),
    [
        (POSITIVE, lambda case: replace(case, needs=case.needs | {"audio-output"}), "needs: "),
        (
            POSITIVE,
            lambda case: replace(case, needs=frozenset({"flying"})),
            "needs: no profile has the capability flying",
        ),
        (
            POSITIVE,
            lambda case: replace(case, needs=frozenset({"logprobs", "extra-body"})),
            "needs: no profile has all capabilities extra-body, logprobs",
        ),
        (POSITIVE, lambda case: replace(case, covers=()), "the case has no purpose"),
        (
            POSITIVE,
            lambda case: replace(case, covers=case.covers[1:]),
            f"no case covers {MINTED[POSITIVE].covers[0]}; ",
        ),
        (
            POSITIVE,
            lambda case: replace(case, covers=("a+b", *case.covers)),
            "covers: the request does not have both features of a+b",
        ),
        (
            POSITIVE,
            lambda case: replace(case, covers=(*case.covers, MINTED[POSITIVE + 1].covers[0])),
            "is already covered by",
        ),
        (
            POSITIVE,
            lambda case: replace(case, body=case.body | {"seed": 99}),
            "id: does not match the request, which has the digest",
        ),
        (
            POSITIVE,
            lambda case: replace(case, id=f"auth-{case.id[-8:]}"),
            "id: does not match the request, which has the digest",
        ),
        (
            POSITIVE,
            lambda case: replace(case, body=case.body | {"n": 0}),
            "request.body: violates the request schema: minimum at /n",
        ),
        (
            POSITIVE,
            lambda case: replace(case, body="Hi"),
            "request.body: violates the request schema: type at the top",
        ),
        (
            POSITIVE,
            lambda case: replace(case, feature="a banana"),
            f"feature: expected {MINTED[POSITIVE].feature!r} for this request",
        ),
        (
            POSITIVE,
            lambda case: replace(case, source="OA-NOPE"),
            f"source: expected {MINTED[POSITIVE].source!r} for this request",
        ),
        (
            NEGATIVE,
            lambda case: replace(case, feature="a banana"),
            f"feature: expected {MINTED[NEGATIVE].feature!r} for this request",
        ),
        (POSITIVE, lambda case: TOLD[0], f"{TOLD[0].id}: same request as {TOLD[0].id}"),
        (
            POSITIVE,
            lambda case: replace(MINTED[POSITIVE + 1], id="another"),
            "same request as another",
        ),
        (
            NEGATIVE,
            lambda case: replace(case, violates=Violation("/x", "type")),
            "violates: no violation of type at '/x' is defined",
        ),
        (
            NEGATIVE,
            lambda case: replace(case, body=MINTED[POSITIVE].body),
            "violates: the body violates nothing",
        ),
        (
            NEGATIVE,
            lambda case: replace(case, probes=("ERR-001",)),
            "probes: expected",
        ),
        (NEGATIVE, lambda case: replace(case, violates=None, covers=("a+b",)), "no case violates"),
    ],
)
def test_a_problem_is_told_in_a_line(
    number: int, change: Callable[[Case], Case], said: str
) -> None:
    told = found(with_changed(number, change))
    assert any(said in line for line in told), told
    assert not any("\n" in line for line in told)


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        (
            b'{"id"',
            b'{"id": "a", "id"',
            [
                f"corpus.jsonl:1: {MINTED[0].id}: the line differs from what"
                " `conformance corpus grow` writes, as do 2 more"
            ],
        ),
        (
            b"\n",
            b"\r\n",
            [
                f"corpus.jsonl:1: {MINTED[0].id}: the line differs from what"
                " `conformance corpus grow` writes, as do 2 more"
            ],
        ),
        (
            b" ",
            b"",
            [
                f"corpus.jsonl:1: {MINTED[0].id}: the line differs from what"
                " `conformance corpus grow` writes, as do 2 more"
            ],
        ),
        (b"}\n", b"}\n", []),
    ],
)
def test_rows_are_written_as_grow_writes_them(
    was: bytes, now: bytes, said: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "corpus.jsonl"
    lines = CORPUS.read_bytes().splitlines(keepends=True)[:3]
    path.write_bytes(b"".join(lines).replace(was, now))
    assert list(rewritten(path, MINTED[:3])) == said
    path.write_bytes(b"".join(lines)[:-1])
    assert list(rewritten(path, MINTED[:3])) == ["corpus.jsonl:3: the last line has no line end"]


def test_a_core_case_must_be_documented_and_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"openai-compatible": {MINTED[0].id: "generated", "audio-gs": "not supported"}}
    monkeypatch.setattr(corpus_check, "core", lambda: wrong)
    assert found() == [
        f"core.toml: openai-compatible: {MINTED[0].id}: no documented case has this name",
        "core.toml: openai-compatible: audio-gs: the profile lacks audio, gcs",
    ]


def test_a_cassette_of_no_case_is_told(tmp_path: Path) -> None:
    assert found(cassettes=(tmp_path / "target" / "no-such-case.yaml",)) == [
        "target/no-such-case.yaml: no case has this name"
    ]
