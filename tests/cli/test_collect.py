"""``conformance collect`` asks first, and leaves an archive of whatever was answered."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.endpoints.client.retries import with_retries
from conformance.endpoints.reference import TOKEN
from conformance.protocol.exchange import Exchange
from conformance.runs.archive import packing
from conformance.runs.archive.archive_error import ArchiveError
from tests.helpers.loopback import reference
from tests.helpers.project import DOCS

BASE = "/v1/projects/self-test/locations/global/endpoints/openapi"


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("KEY_OF_A_TEST", TOKEN)


@pytest.fixture
def url(asked: list[str]) -> Iterator[str]:
    def seen(exchange: Exchange) -> Exchange:
        asked.append(exchange.request.url)
        return exchange

    with reference("vertex-gemini", change=seen) as address:
        yield f"http://{address}{BASE}"


def collect(url: str, *arguments: str) -> Result:
    fixed = ("--profile", "vertex-gemini", "--base-url", url, "--model", "google/gemini-3.5-flash")
    key = ("--api-key-env", "KEY_OF_A_TEST")
    result = CliRunner().invoke(main, ["collect", *fixed, *key, *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def archives() -> list[Path]:
    return sorted(Path().glob("conformance-*.zip"))


def cases_in(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name[8:-5] for name in archive.namelist() if name.startswith("answers/")}


def test_without_a_terminal_and_consent_the_price_is_shown_and_nothing_sent(
    url: str, asked: list[str]
) -> None:
    result = collect(url)
    assert result.exit_code == 2
    assert "40 cases, up to " in result.stdout
    assert result.stderr == (
        "Error: there is no terminal to ask for consent, so nothing was sent; add --yes\n"
    )
    assert (asked, [*Path().iterdir()]) == ([], [])


def test_yes_is_consent(url: str, asked: list[str]) -> None:
    result = collect(url, "--yes")
    assert result.exit_code == 0, result.output
    (path,) = archives()
    assert path.name.startswith("conformance-vertex-gemini-20")
    assert f"Wrote {path} (" in result.stdout
    assert len(asked) >= len(cases_in(path)) == 40
    assert TOKEN not in path.read_bytes().decode("latin-1")


def test_what_a_budget_leaves_is_sent_when_resumed(url: str, asked: list[str]) -> None:
    first = collect(url, "--yes", "--max-requests", "5")
    assert first.exit_code == 3
    assert len(asked) == 5
    assert "without an answer; to send them again, add --resume to the same command:" in (
        first.stdout
    )
    assert "the budget of 5 requests is spent" in first.stdout
    assert first.stdout.splitlines()[-1] == (
        f"It has {len(cases_in(archives()[0]))} of 40 complete answers. Continue with --resume"
        " before you attach an archive; if that changes nothing, attach this one."
    )
    (before,) = archives()
    again = collect(url, "--yes", "--resume", "--rate", "1000")
    assert again.exit_code == 0
    assert f"{len(cases_in(before))} cases already answered." in again.stdout
    assert again.stdout.splitlines()[-1] == "Attach it to an issue of chat-conformance."
    after = Path(f"{before.stem}-2.zip")
    assert set(archives()) == {before, after}
    assert len(cases_in(after)) == 40


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_is_sent(
    url: str, asked: list[str]
) -> None:
    Path("file").touch()
    result = collect(url, "--yes", "--folder", "file/below")
    assert (result.exit_code, result.stdout, asked) == (2, "", [])
    assert result.stderr == f"Error: {Path('file/below')}: Not a directory\n"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write")
def test_an_archive_that_could_not_be_written_is_noticed_before_anything_is_sent(
    url: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/proc")
    result = collect(url, "--yes", "--folder", str(tmp_path / "answers"))
    assert (result.exit_code, result.stdout, asked) == (2, "", [])
    assert result.stderr.startswith("Error: /proc: ")


def test_a_server_that_is_starting_is_waited_for(url: str, asked: list[str]) -> None:
    result = collect(url, "--yes", "--max-requests", "1", "--wait", "20")
    assert result.exit_code == 3
    assert len(asked) == 2  # the small request, then the first case


def test_answers_of_an_earlier_run_are_mentioned_before_they_are_put_aside(url: str) -> None:
    collect(url, "--yes", "--max-requests", "2", "--folder", "day")
    result = collect(url, "--folder", "day")
    assert "day has answers of an earlier run; --resume would keep" in result.stdout


def test_a_refused_key_leaves_only_the_cases_that_want_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY_OF_A_TEST", "another-key")
    result = collect(url, "--yes")
    assert result.exit_code == 3
    assert "the key was refused, or none was sent" in " ".join(result.stdout.split())
    named = cases_in(archives()[0]) if archives() else set()
    assert named <= {"auth-wrong", "auth-none-stream"}  # answered with the 401 that they want


def test_where_nothing_is_answered_there_is_no_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "conformance.endpoints.client.live_endpoint.with_retries",
        partial(with_retries, sleep=lambda _: None),
    )
    with reference("vertex-gemini") as address:
        pass
    result = collect(f"http://{address}{BASE}", "--yes")
    assert result.exit_code == 3
    assert result.stdout.splitlines()[-1] == (
        "There is no answer, so no archive was written. `conformance doctor` finds out why."
    )
    assert archives() == []


def test_doctor_is_not_named_if_the_cause_is_clear() -> None:
    body = b'[{"error": {"code": 429, "message": "Quota: GenerateRequestsPerDay-FreeTier"}}]'

    def spent(exchange: Exchange) -> Exchange:
        response = replace(exchange.response, status=429, body=body, reads=((0.0, len(body)),))
        return replace(exchange, response=response)

    with reference("vertex-gemini", change=spent) as address:
        result = collect(f"http://{address}{BASE}", "--yes")
    assert result.exit_code == 3
    assert "the daily quota of google/gemini-3.5-flash is spent - fix: " in result.stdout
    assert result.stdout.splitlines()[-1] == "There is no answer, so no archive was written."


def test_a_spent_budget_is_a_clear_cause(url: str) -> None:
    result = collect(url, "--yes", "--max-requests", "0")
    assert result.exit_code == 3
    assert result.stdout.splitlines()[-1] == "There is no answer, so no archive was written."
    assert archives() == []


def test_an_archive_with_a_secret_is_not_written(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise ArchiveError("report.txt would hold the token, so no archive is written")

    monkeypatch.setattr(packing, "check", refuse)
    result = collect(url, "--yes", "--max-requests", "3")
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "Error: report.txt would hold the token, so no archive is written\n"
    )
    assert archives() == []


def test_a_target_that_is_not_described_is_one_line() -> None:
    result = CliRunner().invoke(main, ["collect", "--profile", "vertex-gemini", "--yes"])
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "row"),
    [
        (("vertex-gemini", "google/gemini-3.5-flash"), "Gemini on Vertex AI"),
        (("gemini-api", "gemini-3.5-flash"), "Gemini API"),
    ],
)
def test_the_page_says_what_it_costs(arguments: tuple[str, str], row: str) -> None:
    profile, model = arguments
    place = ("--project", "my-project", "--location", "global")
    options = place if profile == "vertex-gemini" else ()
    key = ("--profile", profile, "--model", model, "--api-key-env", "KEY_OF_A_TEST")
    plan = CliRunner().invoke(main, ["collect", *key, *options]).stdout
    counted = re.search(
        r"up to ([\d,]+) requests and about ([\d,]+) tokens.*about ([\d,]+) are prompts.* and"
        r" ([\d,]+) answers",
        plan,
        re.S,
    )
    page = (DOCS / "google.md").read_text(encoding="utf-8")
    columns = r" ([\d,]+) \|" * 4
    said = re.search(rf"^\| {row}, `{model}` \|{columns}$", page, re.M)
    assert counted
    assert said
    if profile == "vertex-gemini":
        assert f"{said[4]} output + {said[3]} input tokens at most" in page
    for actual, written in zip(counted.groups(), said.groups(), strict=True):
        assert float(written.replace(",", "")) == pytest.approx(
            float(actual.replace(",", "")), rel=0.15
        )


def test_help_and_page_say_how_the_archive_is_named() -> None:
    text = "".join(CliRunner().invoke(main, ["collect", "--help"]).output.split())
    page = (DOCS / "google.md").read_text(encoding="utf-8")
    for name in ("conformance-google-DATE.zip", "conformance-PROFILE-DATE.zip"):
        assert name in text
        assert name in page


@pytest.mark.parametrize("title", ["Gemini on Vertex AI", "Gemini API"])
def test_the_page_has_a_complete_block_for_each_service(title: str) -> None:
    page = (DOCS / "google.md").read_text(encoding="utf-8")
    found = re.search(rf"^\*\*{title}\*\*, .*\n\n((?:    .*\n)+)", page, re.M)
    assert found
    export, *steps = [line for line in found[1].splitlines() if "gcloud" not in line]
    assert export.startswith("    export ")
    assert [step.split(maxsplit=1)[0] for step in steps] == [
        "python3",
        ".venv/bin/pip",
        ".venv/bin/tox",
    ]
    if title == "Gemini API":
        assert "--profile gemini-api" in steps[-1]
        assert "--api-key-env GEMINI_API_KEY" in steps[-1]


def test_every_command_of_the_page_exists() -> None:
    page = (DOCS / "google.md").read_text(encoding="utf-8")
    options = set(re.findall(r"(?<![\w-])--[a-z][\w-]+", page)) - {"--require-hashes"}
    known = [
        CliRunner().invoke(main, [*command, "--help"]).output
        for command in (["collect"], ["run"], ["cassettes", "import"], ["cassettes", "check"])
    ]
    assert {option for option in options if not any(option in text for text in known)} == set()
    assert re.findall(r"tox run -e (\w+)", page) == ["google"] * page.count("tox run -e")
