"""A live run respects its budget, keeps its answers if it is interrupted, and can be resumed."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result

from conformance.cases.corpus import shipped_corpus
from conformance.cli import main
from conformance.endpoints.client.small_request import REQUEST
from conformance.endpoints.reference import TOKEN
from conformance.protocol.exchange import Exchange
from conformance.reports.json import run as run_json
from conformance.runs.collecting import replayed
from conformance.runs.live import session
from conformance.runs.live.asking import ask, may_cost_money
from conformance.runs.results import Report
from conformance.runs.selection import Selection
from conformance.runs.summary import exit_code
from tests.endpoints.client.test_http_client import STREAM, chunk, plain, says, serving, waits
from tests.helpers.loopback import reference
from tests.judging.conftest import completion, stream

SOME = (
    "chat-plain",
    "chat-system",
    "conversation-tools",
    "stream-plain",
    "stream-usage",
    "tools-required",
)
PLAIN = ("chat-plain", "chat-system", "chat-history", "chat-name", "chat-page", "chat-text-parts")
"""Cases that can all be answered with the same plain text."""


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def url(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    def seen(exchange: Exchange) -> Exchange:
        looks = [REQUEST.request_for(model) for model in ("gpt-4o", "gpt-5")]
        if exchange.request.body not in looks:  # the look before the cases
            asked.append(exchange.request.url)
        return exchange

    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with reference("openai", change=seen) as address:
        yield f"http://{address}/v1"


def run(url: str, *arguments: str, names: tuple[str, ...] = SOME) -> Result:
    chosen = [word for name in names for word in ("--case", name)]
    fixed = (
        "--live",
        "--base-url",
        url,
        "--model",
        "gpt-4o",
        "--api-key-env",
        "KEY_OF_A_TEST",
        "--profile",
        "openai",
        "--target",
        "t",
    )
    return CliRunner().invoke(main, ["run", *fixed, *chosen, *arguments])


def report(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return document


def test_a_plan_says_what_it_would_take_and_sends_nothing(
    url: str, asked: list[str], tmp_path: Path
) -> None:
    result = run(url, "--plan", "--max-requests", "3", "--report", str(tmp_path / "report"))
    assert result.exit_code == 0
    assert "6 cases, up to 7 requests and about " in result.stdout
    assert "The budget of 3 requests ends the run early." in result.stdout
    assert "Nothing was sent." in result.stdout
    assert asked == []
    assert not (tmp_path / "report").exists()


def test_a_plan_repeats_nothing_that_a_terminal_would_obey(url: str) -> None:
    assert "model m\\x1b[31m" in run(url, "--plan", "--model", "m\x1b[31m").stdout


def test_what_the_budget_does_not_reach_is_inconclusive(url: str, asked: list[str]) -> None:
    result = run(url, "--max-requests", "3", "--format", "json")
    assert result.exit_code == 3
    assert len(asked) == 2  # and one to look before
    why = {each["why"] for each in json.loads(result.stdout)["unanswered"]}
    assert why == {"the budget of 3 requests is spent"}


def test_a_run_goes_on_without_asking_again(url: str, asked: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "report"
    run(url, "--max-requests", "5", "--report", str(folder))
    assert len(asked) == 4
    result = run(url, "--report", str(folder), "--resume")
    assert result.exit_code == 0
    assert result.stderr == "3 of 6 cases already have an answer and are not sent again.\n"
    assert len(asked) == 7
    whole = json.loads(run(url, "--format", "json").stdout)
    resumed = report(folder)
    assert 0 <= resumed.pop("seconds") < 60 > whole.pop("seconds") >= 0
    assert resumed == whole


def test_every_report_of_a_run_says_the_same_time(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=count(1000, 123).__next__)
    monkeypatch.setattr("conformance.cli.run_cases.time", clock)
    written = f"markdown={tmp_path / 'report.md'}"
    text = run(url, "--report", str(tmp_path), "--output", written).stdout
    again = CliRunner().invoke(main, ["report", str(tmp_path)]).stdout
    assert text.partition("\n\n")[0] == again.partition("\n\n")[0]
    assert " ".join(text.split()).count("2 min 3 s") == 2
    assert "2 min 3 s" in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_an_answer_that_was_cut_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    options = ("--report", str(tmp_path), "--format", "json")
    first, _, _ = (stream().response.body or b"").partition(b"\n\n")
    with serving(STREAM + chunk(first + b"\n\n")) as server:
        result = run(server.url, *options, names=("stream-plain",))
        again = run(server.url, *options, "--resume", names=("stream-plain",))
    assert (result.exit_code, again.exit_code, len(server.asked)) == (1, 1, 6)
    (attempt,) = json.loads(result.stdout)["attempts"]
    assert (attempt["case"], attempt["number"]) == ("stream-plain", 1)
    verdicts = json.loads(result.stdout)["verdicts"]
    assert "SSE-003" in {each["requirement"] for each in verdicts if each["verdict"] == "fail"}
    (cut,) = json.loads(result.stdout)["unanswered"]
    assert cut["why"].startswith("the answer was truncated: RemoteProtocolError: ")
    shutil.move(tmp_path / "answers", tmp_path / "cassettes")
    played = replayed(tmp_path / "cassettes", Selection(targets=("t",)))
    assert [(each.case, each.why) for each in played.unanswered] == [("stream-plain", cut["why"])]
    assert exit_code(played.report(Selection(targets=("t",)))) == 1


def test_an_answer_that_an_error_ended_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    options = ("--report", str(tmp_path), "--format", "json")
    whole = stream().response.body or b""
    half = whole[: whole.index(b"\n\n") + 2]
    exhausted = {"code": 429, "message": "Resource exhausted.", "status": "RESOURCE_EXHAUSTED"}
    error = json.dumps([{"error": exhausted}], indent=2).encode()
    with serving(STREAM + chunk(half + error) + chunk(b"")) as server:
        failed = run(server.url, *options, names=("stream-plain",))
        server.script = says(STREAM + chunk(whole) + chunk(b""))
        plan = run(server.url, *options, "--resume", "--plan", names=("stream-plain",))
        again = run(server.url, *options, "--resume", names=("stream-plain",))
    assert len(server.asked) == 4
    (entry,) = json.loads(failed.stdout)["unanswered"]
    assert entry["why"].startswith("the stream ended with an error: 429 RESOURCE_EXHAUSTED: ")
    assert "1 case, up to 1 request" in plan.stdout
    assert again.exit_code in (0, 1)
    assert json.loads(again.stdout)["unanswered"] == []


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5"])
def test_where_there_is_nothing_to_go_on_from_that_is_said(
    url: str, asked: list[str], tmp_path: Path, model: str
) -> None:
    if model == "gpt-5":
        run(url, "--report", str(tmp_path))
        asked.clear()
    result = run(url, "--report", str(tmp_path), "--resume", "--model", model)
    assert (
        result.stderr
        == f"Nothing to resume: {tmp_path / 'answers' / 't'} has no answers of {model} at {url} to"
        " these cases. All of them are sent.\n"
    )
    assert len(asked) == 7


def test_what_a_killed_run_left_half_written_is_gone_when_it_goes_on(
    url: str, tmp_path: Path
) -> None:
    (tmp_path / "answers" / "t").mkdir(parents=True)
    half = tmp_path / "answers" / "t" / ".chat-plain.yaml.123.part"
    notes = [tmp_path / ".notes.part", tmp_path / "a" / ".chat-plain.yaml.123.part"]
    notes[1].parent.mkdir()
    for path in (half, *notes):
        path.write_text("interactions:", encoding="utf-8")
    run(url, "--report", str(tmp_path), "--resume")
    assert [path.exists() for path in (half, *notes)] == [False, True, True]


def test_a_run_from_the_beginning_goes_on_from_no_answer_of_before(
    url: str, asked: list[str], tmp_path: Path
) -> None:
    run(url, "--report", str(tmp_path))
    kept = sorted(path.name for path in tmp_path.glob("answers/t/*.yaml"))
    asked.clear()
    run(url, "--report", str(tmp_path), "--max-requests", "3")
    run(url, "--report", str(tmp_path), "--resume")
    assert len(asked) == 7
    assert sorted(path.name for path in tmp_path.glob("answers.before/t/*.yaml")) == kept


def test_half_a_conversation_is_asked_for_again(url: str, asked: list[str], tmp_path: Path) -> None:
    result = run(
        url, "--report", str(tmp_path), "--max-requests", "2", names=("conversation-tools",)
    )
    assert (result.exit_code, len(asked)) == (3, 1)
    again = run(url, "--report", str(tmp_path), "--resume", names=("conversation-tools",))
    assert (again.exit_code, len(asked)) == (0, 3)


def test_a_plan_of_what_is_left(url: str, asked: list[str], tmp_path: Path) -> None:
    run(url, "--report", str(tmp_path), "--max-requests", "5")
    asked.clear()
    result = run(url, "--report", str(tmp_path), "--resume", "--plan")
    assert "3 cases, up to 3 requests and about " in result.stdout
    assert "3 cases already answered." in result.stdout
    assert asked == []


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_ends_it_gets_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: signal.Signals
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving(waits) as server:
        command = (
            "run",
            "--live",
            "--base-url",
            server.url,
            "--model",
            "m",
            "--case",
            "chat-plain",
            "--report",
            str(tmp_path),
            "--target",
            "t",
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "conformance", *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        until = time.monotonic() + 30
        while not server.asked and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(end)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "to continue, add --resume to the same command" in said
    assert [each["why"] for each in report(tmp_path)["unanswered"]] == [
        "interrupted before this case"
    ]


def test_the_report_is_the_same_however_many_are_asked_at_once(url: str) -> None:
    one = json.loads(run(url, "--format", "json").stdout)
    four = json.loads(run(url, "--format", "json", "--concurrency", "4").stdout)
    assert {**one, "seconds": 0} == {**four, "seconds": 0}


def interrupted_after_one(*arguments: Any) -> Iterator[Any]:
    """Send the cases as ``ask`` does, with a Ctrl-C after the first outcome."""
    yield next(ask(*arguments))
    raise KeyboardInterrupt


def test_an_end_in_the_middle_leaves_a_valid_report(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ask", interrupted_after_one)
    assert (
        "No answers were saved: use --report DIR to save them, and --resume to continue."
        in run(url).stderr
    )
    result = run(url, "--report", str(tmp_path))
    assert result.exit_code == 130
    assert "to continue, add --resume to the same command" in result.stderr
    document = report(tmp_path)
    assert document["summary"]["self_test"]["cases"] == 1
    assert {(each["target"], each["why"]) for each in document["unanswered"]} == {
        ("t", "interrupted before this case")
    }
    assert len(document["unanswered"]) == len(SOME) - 1


def test_an_interrupted_run_prints_what_is_known_so_far(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ask", interrupted_after_one)
    result = run(url, "--format", "json")
    assert result.exit_code == 130
    document = json.loads(result.stdout)
    assert document["verdicts"]
    assert len(document["unanswered"]) == len(SOME) - 1
    assert result.stderr.endswith("Interrupted.\n")
    text = run(url).stdout
    assert text.startswith("INCONCLUSIVE: t, ")
    assert "interrupted before this case" in text
    assert text.splitlines()[-1].startswith("INCONCLUSIVE: exit code 130 (interrupted), ")


@pytest.mark.parametrize(
    ("saved", "hint"),
    [
        (True, "The report is not complete: conformance report {folder} prints it."),
        (False, "The report is not complete."),
    ],
)
def test_a_second_interrupt_says_how_to_get_the_report(
    saved: bool, hint: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def again(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "ask", interrupted_after_one)
    monkeypatch.setattr("conformance.reports.text.run.render", again)
    result = run(url, *(("--report", str(tmp_path)) if saved else ()))
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.splitlines()[-2:] == [hint.format(folder=tmp_path), "Interrupted."]


def test_an_interrupt_in_the_report_of_a_complete_run_says_how_to_get_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(*_: Any) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.reports.text.run.render", ends)
    result = run(url, "--report", str(tmp_path))
    assert result.exit_code == 130
    hint = "The report is not complete: to get it, add --resume to the same command."
    assert result.stderr.splitlines()[-2:] == [hint, "Interrupted."]


def test_an_end_before_the_first_answer_leaves_a_valid_report(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> Iterator[Any]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(session, "ask", interrupted)
    result = run(url, "--report", str(tmp_path))
    assert result.exit_code == 130
    assert "to continue, add --resume to the same command" in result.stderr
    assert {
        (each["target"], each["case"], each["why"]) for each in report(tmp_path)["unanswered"]
    } == {("t", name, "interrupted before this case") for name in SOME}
    assert run(url, "--report", str(tmp_path), "--resume").exit_code == 130


def test_a_report_is_written_meanwhile(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    real = run_json.write

    def watched(found: Report, folder: Path) -> Path:
        path = real(found, folder)
        written.append(len(report(folder)["unanswered"]))
        return path

    monkeypatch.setattr(session, "EVERY", 0.0)
    monkeypatch.setattr(run_json, "write", watched)
    run(url, "--report", str(tmp_path))
    assert written == sorted(written, reverse=True)
    assert written[0] == len(SOME) - 1
    assert report(tmp_path)["unanswered"] == []


def test_kill_leaves_no_half_written_cassette(url: str, tmp_path: Path) -> None:
    script = "from conformance.cli import main; main()"
    fixed = (
        "run",
        "--live",
        "--base-url",
        url,
        "--model",
        "gpt-4o",
        "--api-key-env",
        "KEY_OF_A_TEST",
        "--profile",
        "openai",
        "--report",
        str(tmp_path),
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, *fixed], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while len(list(tmp_path.glob("answers/*/*.yaml"))) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    kept = list(tmp_path.glob("answers/*/*.yaml"))
    assert len(kept) >= 5
    assert all("\nconformance:" in path.read_text(encoding="utf-8") for path in kept)
    assert TOKEN not in "".join(path.read_text(encoding="utf-8") for path in kept).replace(
        "self-test/", ""
    )


def planned(url: str, *options: str) -> int:
    """How many cases the plan names."""
    result = run(url, "--plan", *options, names=())
    return int(result.stdout.splitlines()[1].split()[0].replace(",", ""))


def test_elsewhere_only_core_cases_are_asked_unless_all_are_wanted() -> None:
    core = len(shipped_corpus().core_of("openai-compatible"))
    away, here = "https://api.example.com/v1", "http://127.0.0.1:1/v1"
    assert 0 < planned(away) == planned(away, "--core") <= core < planned(away, "--all")
    assert planned(here, "--core") == planned(away) < planned(here)


def test_all_and_core_exclude_each_other() -> None:
    result = run("http://127.0.0.1:1/v1", "--core", "--all", names=())
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: --all and --core: give only one of them\n",
    )


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "localhost", "10.1.2.3", "gateway", "gateway.local", "192.168.1.7:8000"],
)
def test_what_is_near_costs_nothing(host: str) -> None:
    assert not may_cost_money(f"http://{host}/v1")


@pytest.mark.parametrize(
    "host", ["api.openai.com", "us-central1-aiplatform.googleapis.com", "8.8.8.8"]
)
def test_what_is_elsewhere_may_cost_money(host: str) -> None:
    assert may_cost_money(f"https://{host}/v1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume",), "--resume needs the --report DIR of the run to continue"),
        (("--concurrency", "0"), "Invalid value for '--concurrency'"),
        (("--rate", "0"), "Invalid value for '--rate'"),
    ],
)
def test_what_is_chosen_wrongly_is_told(url: str, arguments: tuple[str, ...], said: str) -> None:
    result = run(url, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    "option",
    [
        ("--plan",),
        ("--all",),
        ("--resume",),
        ("--max-requests", "3"),
        ("--max-tokens", "3"),
        ("--max-minutes", "3"),
        ("--rate", "3"),
        ("--concurrency", "3"),
    ],
)
def test_what_is_about_sending_needs_live(option: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, ["run", *option])
    assert result.exit_code == 2
    assert f"{option[0]}: only valid with --live" in result.stderr


GEMINI_API = (
    "--live",
    "--profile",
    "gemini-api",
    "--model",
    "gemini-3.5-flash",
    "--api-key-env",
    "KEY_OF_A_TEST",
)


def plan(*options: str) -> str:
    """The lines of a plan for the Gemini API; nothing is sent."""
    result = CliRunner().invoke(main, ["run", *GEMINI_API, "--plan", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)


@pytest.mark.usefixtures("key")
def test_a_plan_counts_images_audio_and_thoughts_and_says_how_long_it_takes() -> None:
    lines = plan("--case", "chat-plain").splitlines()
    assert "1 case, up to 1 request and about " in lines[1]
    assert " answers with their thoughts." in lines[2]
    assert lines[3] == (
        "At 0.15 requests per second this takes about 1 minute; --rate N changes that."
    )
    assert lines[4] == (
        "The free tier allows about 20 requests per day and model; with a paid plan, give --rate 2."
    )
    paid = plan("--case", "chat-plain", "--rate", "5")
    assert "At 5 requests per second" in paid
    assert "free tier" not in paid


@pytest.mark.usefixtures("key")
def test_a_plan_for_the_free_tier_says_how_many_days_it_takes() -> None:
    text = plan()
    counted = re.search(r"up to (\d+) requests", text)
    assert counted
    days = -(-int(counted[1]) // 20)
    assert days > 1
    assert (
        f"\nThe free tier allows about 20 requests per day and model, so this needs {days} days"
        " with --resume; with a paid plan, give --rate 2.\n"
    ) in text


@pytest.mark.usefixtures("key")
def test_a_stand_in_on_this_machine_has_no_rate_of_the_service() -> None:
    assert "per second" not in plan("--base-url", "http://127.0.0.1:1/v1")


@pytest.mark.parametrize("more", [(), ("--plan",)])
def test_a_model_name_that_the_api_does_not_have_is_refused_before_anything_is_sent(
    url: str, asked: list[str], more: tuple[str, ...]
) -> None:
    for command in ("run", "hunt") if not more else ("run",):
        vertex = ("--live", "--base-url", url, "--profile", "vertex-gemini", "--model", "m")
        result = CliRunner().invoke(main, [command, *vertex, *more])
        assert (result.exit_code, result.stdout) == (2, "")
        assert "--model PUBLISHER/m" in result.stderr
    assert asked == []


def test_a_server_that_is_starting_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    answer = completion().response.body or b""
    loading = plain(b"", head=b"HTTP/1.1 503 Loading\r\n")
    with serving(b"") as server:
        server.script = lambda connection: says(
            loading if len(server.asked) == 1 else plain(answer)
        )(connection)
        result = run(server.url, "--wait", "20", names=("chat-plain",))
    assert "which is not ready: status 503" in result.stderr
    assert "Retried" not in result.stdout
    assert len(server.asked) == 4  # two to wait, one to look, one for the case


@pytest.mark.parametrize("at_once", ["1", "3"])
def test_a_spent_daily_quota_ends_the_run_which_can_be_resumed_tomorrow(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, at_once: str
) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    violation = {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}
    quota = [
        {"error": {"code": 429, "message": "Quota.", "details": [{"violations": [violation]}]}}
    ]
    spent = plain(json.dumps(quota).encode(), head=b"HTTP/1.1 429 Too Many Requests\r\n")
    answer = plain(completion().response.body or b"")
    options = ("--report", str(tmp_path), "--format", "json", "--concurrency", at_once)
    with serving(b"") as server:
        numbers = count()
        server.script = lambda connection: says(spent if next(numbers) > 1 else answer)(connection)
        result = run(server.url, *options, names=PLAIN)
        assert result.exit_code == 3
        assert 3 <= len(server.asked) <= 2 + int(at_once)
        unanswered = json.loads(result.stdout)["unanswered"]
        assert {each["why"] for each in unanswered} == {
            "the daily quota of gpt-4o is spent - fix: continue tomorrow with --resume, or turn on"
            " billing for a higher quota"
        }
        assert len(unanswered) == 5
        server.asked.clear()
        again = run(server.url, *options, "--resume", names=PLAIN)
        assert again.stderr.startswith("1 of 6 cases already have an answer")
        assert 2 <= len(server.asked) <= 1 + int(at_once)
