"""``pytest --live`` calls the target of the environment, or skips and says what is missing."""

from dataclasses import replace

import pytest

from conformance.endpoints.reference import TOKEN
from conformance.protocol.exchange import Exchange
from tests.helpers.loopback import reference

SUITES = (
    "-p",
    "conformance.plugin",
    "-p",
    "no:cacheprovider",
    "--pyargs",
    "conformance.suites",
    "-rs",
    "-W",
    "error",
)


@pytest.fixture(autouse=True)
def described(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BASE_URL", "MODEL", "PROFILE", "API_KEY", "PROJECT", "LOCATION"):
        monkeypatch.delenv(f"CONFORMANCE_{name}", raising=False)


def test_the_target_that_is_described_is_asked(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reference("openai") as address:
        for name, value in {
            "BASE_URL": f"http://{address}/v1",
            "MODEL": "gpt-4o",
            "PROFILE": "openai",
            "API_KEY": TOKEN,
        }.items():
            monkeypatch.setenv(f"CONFORMANCE_{name}", value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        result = pytester.runpytest_subprocess(
            *SUITES,
            "--live",
            "-k",
            "(chat-plain or auth-wrong or conversation-tools-twice) and not sdk",
        )
    result.assert_outcomes(passed=3, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["PASS: 127.0.0.1-*, 3 cases, judged as openai"])


def test_without_a_target_it_skips_and_says_what_is_missing(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(*SUITES, "--live", "-k", "chat-plain")
    assert result.parseoutcomes()["skipped"] >= 1
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["SKIPPED * no target: give --base-url URL, *"])


def test_without_a_credential_it_skips_and_says_so(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_BASE_URL", "https://api.openai.com/v1")
    monkeypatch.setenv("CONFORMANCE_MODEL", "gpt-4o")
    result = pytester.runpytest_subprocess(*SUITES, "--live", "-k", "chat-plain")
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(["SKIPPED * no API key for api.openai.com: *"])


def test_without_live_nothing_is_asked(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFORMANCE_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("CONFORMANCE_MODEL", "gpt-4o")
    result = pytester.runpytest_subprocess(
        *SUITES, "-k", "chat-plain and not sdk", "--target", "self-test"
    )
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])


def test_a_model_name_without_its_publisher_ends_the_session(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "BASE_URL": "http://127.0.0.1:1/v1",
        "MODEL": "gemini-3.5-flash",
        "PROFILE": "vertex-gemini",
        "API_KEY": TOKEN,
    }.items():
        monkeypatch.setenv(f"CONFORMANCE_{name}", value)
    result = pytester.runpytest_subprocess(*SUITES, "--live", "-k", "chat-plain and not sdk")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*--model google/gemini-3.5-flash*"])


def test_an_endpoint_that_is_starting_is_waited_for(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    starting = iter([True, False])
    loading = b'{"error": {"message": "Loading model"}}'

    def change(exchange: Exchange) -> Exchange:
        if not next(starting, False):
            return exchange
        return replace(exchange, response=replace(exchange.response, status=503, body=loading))

    with reference("openai", change=change) as address:
        for name, value in {
            "BASE_URL": f"http://{address}/v1",
            "MODEL": "gpt-4o",
            "PROFILE": "openai",
            "API_KEY": TOKEN,
        }.items():
            monkeypatch.setenv(f"CONFORMANCE_{name}", value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        result = pytester.runpytest_subprocess(
            *SUITES, "--live", "--wait", "20", "-k", "chat-plain and not sdk"
        )
    assert result.parseoutcomes()["passed"] == 1
    assert "failed" not in result.parseoutcomes()


@pytest.mark.parametrize("value", ["soon", "-1", "inf", "nan", "1e400", "1e7"])
def test_a_wait_is_a_number_of_seconds(pytester: pytest.Pytester, value: str) -> None:
    result = pytester.runpytest_subprocess(*SUITES, "--live", f"--wait={value}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*expected 0 to 1,000,000 seconds, not*"])
