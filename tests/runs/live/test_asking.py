"""A live run sends supported cases, judges the answers, and stops if nothing answers."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from conformance.cases import Case, Turn, cases
from conformance.cases.corpus import shipped_corpus
from conformance.endpoints.client import live_endpoint
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.retries import ATTEMPTS, with_retries
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.endpoint import Unreachable
from conformance.judging.profiles import profile
from conformance.protocol.exchange import Exchange
from conformance.runs.cassette_answers import answers
from conformance.runs.collecting import of_answers
from conformance.runs.live.asking import (
    MAX_CONSECUTIVE_FAILURES,
    AskOptions,
    ask,
    chosen,
    target_of,
)
from conformance.runs.results import Answer, Unanswered
from conformance.runs.selection import Selection, SelectionError
from tests.helpers.hang_guard import hang_guard
from tests.judging.conftest import completion, error, raw

URL = "http://127.0.0.1:8081/v1"
TARGET = LiveTarget("sample", URL, "m", "openai-compatible", "KEY_OF_A_TEST")


def case(name: str, auth: str = "right") -> Case:
    return Case(name, "x", "x", frozenset(), "/chat/completions", {"model": "{model}"}, auth)  # type: ignore[arg-type]


@pytest.fixture
def answering(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[dict[str, Exchange | Unreachable]], list[str]]:
    """Return a function that sets the answers by case id and returns the list of ids sent."""

    def install(answers: dict[str, Exchange | Unreachable]) -> list[str]:
        asked: list[str] = []

        def send(case: Case, *_: object) -> Exchange | Unreachable:
            asked.append(case.id)
            return answers.get(case.id, Unreachable("ConnectError: refused"))

        monkeypatch.setattr("conformance.endpoints.client.http_client.send", send)
        monkeypatch.setattr(
            live_endpoint, "with_retries", partial(with_retries, sleep=lambda _: None)
        )
        return asked

    return install


@pytest.mark.parametrize(
    ("url", "selection", "name", "by", "assumed"),
    [
        (URL, Selection(), "127.0.0.1-8081", "openai-compatible", True),
        (URL, Selection("openai-compatible"), "127.0.0.1-8081", "openai-compatible", False),
        ("https://api.openai.com/v1/", Selection(), "api.openai.com", "openai", False),
        (
            "https://api.openai.com/v1",
            Selection("openai-compatible", ("mine",)),
            "mine",
            "openai-compatible",
            False,
        ),
        ("http://[::1]:80/v1", Selection(), "1-80", "openai-compatible", True),
    ],
)
def test_a_target_gets_its_name_and_profile_from_the_url_unless_chosen(
    url: str, selection: Selection, name: str, by: str, assumed: bool
) -> None:
    assert target_of(url, "m", "KEY", selection) == LiveTarget(name, url, "m", by, "KEY", assumed)


@pytest.mark.parametrize(
    "url",
    [
        "api.openai.com/v1",
        "ftp://host/v1",
        "http://",
        "http://host:port/v1",
        "http://host/v1?key=1",
        "http://[::1/v1",
        "",
    ],
)
def test_an_invalid_base_url_is_an_error(url: str) -> None:
    with pytest.raises(SelectionError, match="--base-url"):
        target_of(url, "m", "", Selection())


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2pass@host/v1",
        "https://:hunter2pass@host/v1",
        "https://host/v1?api_key=hunter2pass",
    ],
)
def test_a_secret_in_the_base_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SelectionError, match="--base-url") as refused:
        target_of(url, "m", "KEY", Selection())
    assert "hunter2pass" not in str(refused.value)


@pytest.mark.parametrize("name", ["../up", "a/b", ".hidden", "", "a b"])
def test_a_target_name_that_cannot_be_a_folder_is_an_error(name: str) -> None:
    with pytest.raises(SelectionError, match="--target"):
        target_of(URL, "m", "", Selection(targets=(name,)))


def test_every_case_is_sent_or_skipped_with_its_reason() -> None:
    asked, left = chosen(TARGET, Selection())
    assert {each.id for each in asked} | {each.case for each in left} == {
        each.id for each in cases()
    }
    assert all(each.needs <= profile("openai-compatible").capabilities for each in asked)
    assert any(each.auth == "none" for each in asked)
    assert "not supported by openai-compatible: audio" in {each.why for each in left}


def test_core_cases_are_sent_first_unless_a_twin_goes_with_them() -> None:
    asked, _ = chosen(TARGET, Selection())
    core = set(shipped_corpus().core_of("openai-compatible"))
    ids = [each.id for each in asked]
    assert core <= set(ids[: 2 * len(core)])
    asked, _ = chosen(TARGET, Selection(), everything=False)
    assert {each.id for each in asked} == core


def test_of_the_cases_to_choose_from_only_core_cases_are_sent_if_there_are_any() -> None:
    among = frozenset({"chat-plain", "chat-system", "stream-usage"})
    asked, left = chosen(TARGET, Selection(among=among), everything=False)
    assert {each.id for each in asked} == {"chat-plain", "stream-usage"}
    assert [each.case for each in left] == ["chat-system"]
    asked, left = chosen(TARGET, Selection(among=frozenset({"chat-system"})), everything=False)
    assert [each.id for each in asked] == ["chat-system"]
    assert left == []


def test_without_a_key_no_case_is_about_keys() -> None:
    asked, left = chosen(LiveTarget("sample", URL, "m", "openai-compatible"), Selection())
    assert {each.auth for each in asked} == {"right"}
    assert "needs a target with an API key" in {each.why for each in left}


def test_only_the_cases_selected_are_asked_or_left_out() -> None:
    asked, left = chosen(TARGET, Selection(cases=frozenset({"chat-plain", "audio-gs"})))
    assert ([each.id for each in asked], [each.case for each in left]) == (
        ["chat-plain"],
        ["audio-gs"],
    )
    with pytest.raises(
        SelectionError, match=r"^unknown case 'chat-plan' \(did you mean chat-plain"
    ):
        chosen(TARGET, Selection(cases=frozenset({"chat-plan"})))


def test_answers_come_as_cases_are_asked(answering: Callable[..., list[str]]) -> None:
    asked = answering({"a": completion(), "b": completion()})
    assert list(ask(TARGET, [case("a"), case("b")])) == [
        [Answer("sample", name, completion())] for name in ("a", "b")
    ]
    assert asked == ["a", "b"]


def test_the_turns_of_a_conversation_come_together_and_are_kept_in_one_cassette(
    answering: Callable[..., list[str]], tmp_path: Path
) -> None:
    asked = answering(
        {"a": completion(meta={"provenance": "recorded", "case": "a", "profile": "openai"})}
    )
    (turns,) = ask(
        TARGET,
        [replace(case("a"), body={"model": "{model}", "messages": []}, then=(Turn(user="And?"),))],
        AskOptions(folders=(tmp_path,)),
    )
    assert asked == ["a", "a"]
    assert [turn.case for turn in turns] == ["a", "a#2"]
    kept = list(answers(tmp_path / "sample" / "a.yaml"))
    assert [turn.case for turn in kept if isinstance(turn, Answer)] == ["a", "a#2"]


def test_status_404_for_the_targets_model_is_not_judged(
    answering: Callable[..., list[str]],
) -> None:
    answering({"a": error(404), "b": error(404)})
    own = replace(case("b"), body={"model": "no-such-model"})
    (right,), (probe,) = ask(TARGET, [case("a"), own])
    assert isinstance(right, Unanswered)
    assert right.why == "status 404, the model or the URL does not exist"
    assert isinstance(probe, Answer)


@pytest.mark.parametrize("status", [401, 403, 429])
def test_refused_keys_and_rate_limits_are_not_judged(
    answering: Callable[..., list[str]], status: int
) -> None:
    answering({"a": error(status), "b": error(status)})
    (right,), (wrong,) = ask(TARGET, [case("a"), case("b", "wrong")])
    assert isinstance(right, Unanswered)
    assert right.why.startswith(f"status {status}, ")
    assert isinstance(wrong, Answer)


def test_the_rest_is_given_up_after_cases_without_an_answer(
    answering: Callable[..., list[str]],
) -> None:
    asked = answering({"c": completion()})
    names = "abcdefghi"
    outcomes = [
        outcome for turns in ask(TARGET, [case(name) for name in names]) for outcome in turns
    ]
    assert list(dict.fromkeys(asked))[:6] == [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
    ]  # an answer in between restarts the count
    assert asked.count("a") == ATTEMPTS
    assert len({each.case for each in outcomes}) == len(names)
    why = (
        f"given up after {MAX_CONSECUTIVE_FAILURES} cases in a row without an answer: ConnectError:"
        " refused"
    )
    assert [each.why for each in outcomes[-3:] if isinstance(each, Unanswered)] == [why] * 3


CUT = completion(meta={"why_cut": "ReadTimeout: nothing came for 1 s"})
CUT = replace(CUT, response=replace(CUT.response, truncated=True))


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (
            error(401),
            "status 401, the key was refused, or none was sent (Something is wrong.)"
            " - fix: name the variable that holds a valid key with --api-key-env VAR",
        ),
        (error(429), "status 429, rate limit reached"),
        (CUT, "the answer was truncated: ReadTimeout: nothing came for 1 s"),
    ],
)
def test_refusals_and_truncated_answers_count_as_no_answer(
    answering: Callable[..., list[str]], outcome: Exchange, why: str
) -> None:
    names = "abcdefghi"
    asked = answering(dict.fromkeys(names, outcome))
    outcomes = [
        outcome for turns in ask(TARGET, [case(name) for name in names]) for outcome in turns
    ]
    assert list(dict.fromkeys(asked)) == [*names[:MAX_CONSECUTIVE_FAILURES], REQUEST.id]
    last = [each.why for each in outcomes[-6:] if isinstance(each, Unanswered)]
    assert (
        last
        == [f"given up after {MAX_CONSECUTIVE_FAILURES} cases in a row without an answer: {why}"]
        * 6
    )


def test_the_run_continues_if_the_simplest_case_is_answered(
    answering: Callable[..., list[str]],
) -> None:
    names = "abcdefghi"
    asked = answering(
        dict.fromkeys(names[:7], error(403)) | dict.fromkeys((*names[7:], REQUEST.id), completion())
    )
    outcomes = [
        outcome for turns in ask(TARGET, [case(name) for name in names]) for outcome in turns
    ]
    assert [each for each in dict.fromkeys(asked) if each != REQUEST.id] == list(names)
    assert asked.count(REQUEST.id) == 2
    assert [each.case for each in outcomes if isinstance(each, Answer)] == ["h", "i"]


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (error(402), "status 402, payment required"),
        (error(407), "status 407, a proxy requires credentials"),
        (error(503), "status 503, the endpoint is not available"),
        (raw(b"", status=204), "status 204, which is not an answer"),
        (
            raw(b"", status=307, headers={"location": "https://other.example/"}),
            "status 307, a redirect to https://other.example/, which is not followed",
        ),
        (
            error(400, "API key not valid. Please pass a valid API key."),
            "status 400, the key was refused, or none was sent (API key not valid. Please pass a"
            " valid API key.) - fix: name the variable that holds a valid key with --api-key-env"
            " VAR",
        ),
    ],
)
def test_responses_that_say_nothing_about_the_case_are_not_judged_or_kept(
    answering: Callable[..., list[str]], tmp_path: Path, outcome: Exchange, why: str
) -> None:
    answering({"a": outcome, "b": outcome})
    (found,), (keyless,) = ask(
        TARGET, [case("a"), case("b", "none")], AskOptions(folders=(tmp_path / "kept",))
    )
    assert isinstance(keyless, Unanswered) is (outcome.response.status < 400)
    assert found == Unanswered("sample", "a", why)
    assert [path.stem for path in tmp_path.rglob("*.yaml")] == (
        [] if outcome.response.status < 400 else ["b"]
    )


@pytest.mark.parametrize("status", [400, 422, 500, 502])
def test_an_error_is_judged(answering: Callable[..., list[str]], status: int) -> None:
    answering({"a": error(status)})
    ((found,),) = ask(TARGET, [case("a")])
    assert isinstance(found, Answer)


def test_refusals_of_wrong_keys_do_not_end_the_run(
    answering: Callable[..., list[str]],
) -> None:
    names = "abcde"
    asked = answering(dict.fromkeys(names, error(401)))
    list(ask(TARGET, [case(name, "wrong") for name in names]))
    assert "".join(asked) == names


def test_cases_already_sent_do_not_count_toward_giving_up(
    answering: Callable[..., list[str]],
) -> None:
    names = "abcdefghijkl"
    asked = answering(dict.fromkeys(names, error(403)))
    outcomes = [
        outcome
        for turns in ask(TARGET, [case(name) for name in names], AskOptions(at_once=4))
        for outcome in turns
    ]
    assert len(asked) >= MAX_CONSECUTIVE_FAILURES + 3
    assert [each.why for each in outcomes if isinstance(each, Unanswered)][-1].startswith(
        f"given up after {MAX_CONSECUTIVE_FAILURES + 3} cases in a row"
    )


def test_only_with_a_folder_is_anything_written(
    answering: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    answering({"a": completion()})
    list(ask(TARGET, [case("a")]))
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(
        "conformance.endpoints.client.http_client.send",
        lambda case, *_: completion(meta={"provenance": "recorded", "case": case.id}),
    )
    list(ask(TARGET, [case("a")], AskOptions(folders=(tmp_path / "kept",))))
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.yaml")] == [
        "kept/sample/a.yaml"
    ]


def test_a_truncated_answer_is_judged_and_makes_the_run_inconclusive(
    answering: Callable[..., list[str]],
) -> None:
    whole = completion()
    answering(
        {
            "a": replace(
                whole,
                response=replace(whole.response, truncated=True),
                meta={"why_cut": "RemoteProtocolError"},
            )
        }
    )
    ((answer,),) = ask(TARGET, [case("a")])
    assert isinstance(answer, Answer)
    found = of_answers([answer], Selection(), [], [])
    (cut,) = found.unanswered
    assert [each.case for each in found.judged_cases] == ["a"]
    assert cut == Unanswered("sample", "a", "the answer was truncated: RemoteProtocolError")


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_refusal_is_not_kept(
    answering: Callable[..., list[str]], tmp_path: Path, status: int
) -> None:
    answering({"a": error(status)})
    list(
        ask(
            TARGET, [replace(case("a"), body={"model": "{model}"})], AskOptions(folders=(tmp_path,))
        )
    )
    assert list(tmp_path.rglob("*.yaml")) == []


def refusal(status: int, message: str) -> Exchange:
    return error(status, [{"error": {"code": status, "message": message}}])


def test_a_spent_daily_quota_ends_the_run_at_once(answering: Callable[..., list[str]]) -> None:
    spent = refusal(429, "Quota exceeded for metric: generate_requests_per_model_per_day")
    sent = answering({"first": completion(), "second": spent, "third": completion()})
    cases = [case(name) for name in ("first", "second", "third", "fourth", "fifth", "sixth")]
    first, *others = [turns[0] for turns in ask(TARGET, cases)]
    assert isinstance(first, Answer)
    assert {other.why for other in others if isinstance(other, Unanswered)} == {
        "the daily quota of m is spent - fix: continue tomorrow with --resume, or turn on billing"
        " for a higher quota"
    }
    assert [other.case for other in others] == ["second", "third", "fourth", "fifth", "sixth"]
    assert sent == ["first", "second"]


@pytest.mark.parametrize(
    ("status", "message", "why"),
    [
        (
            404,
            "This model models/m is no longer available. Please use a newer model.",
            (
                "status 404, the model is retired - fix: choose a newer model, such as --model"
                " gemini-3.5-flash"
            ),
        ),
        (
            400,
            "Malformed publisher model (`model`: 'm') for the 'openapi' request endpoint ID.",
            (
                "status 400, the model name lacks its publisher - fix: write it as PUBLISHER/NAME,"
                " such as --model google/gemini-3.5-flash"
            ),
        ),
    ],
)
def test_an_error_that_google_makes_about_the_target_is_not_judged(
    answering: Callable[..., list[str]], status: int, message: str, why: str
) -> None:
    answering({"plain": refusal(status, message), "none": refusal(status, message)})
    of_target, of_probe = (turns[0] for turns in ask(TARGET, [case("plain"), case("none", "none")]))
    assert isinstance(of_target, Unanswered)
    assert of_target.why == why
    probe = isinstance(of_probe, Unanswered) and "fix" in of_probe.why
    assert not probe


def test_answers_in_flight_are_not_lost_if_one_cannot_be_stored(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    all_asked = threading.Barrier(3, timeout=10)
    failed = threading.Event()

    def send(case: Case, *_: object) -> Exchange:
        all_asked.wait()
        if case.id != "a":
            failed.wait(10)
        return completion("Hi")

    def store(_: object, case: Case, __: object) -> None:
        failed.set()
        raise OSError(28, "No space left on device", case.id)

    monkeypatch.setattr("conformance.endpoints.client.http_client.send", send)
    monkeypatch.setattr("conformance.runs.live.asking.keep", store)
    got: list[str] = []
    asked = ask(TARGET, list(map(case, "abcdefgh")), AskOptions(3, folders=(tmp_path,)))
    with pytest.raises(OSError, match="No space left on device: 'a'"), hang_guard():
        for turns in asked:
            got += [turn.case for turn in turns if isinstance(turn, Answer)]
    assert sorted(got) == ["a", "b", "c"]
