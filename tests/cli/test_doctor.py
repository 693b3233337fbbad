"""``conformance doctor`` prints a line for each check, with a fix if it failed.

It sends at most two requests.
"""

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conformance.cli import main
from conformance.endpoints.client import credentials, http_client
from conformance.endpoints.client.credentials import GoogleAuth
from tests.endpoints.client.test_http_client import (
    STREAM,
    Script,
    Server,
    chunk,
    plain,
    says,
    serving,
    waits,
)
from tests.helpers.google_cloud import PROJECT, TOKEN, Cloud, credentials_file, google_cloud
from tests.helpers.hang_guard import hang_guard
from tests.judging.conftest import completion

KEY = "key-of-a-test-0123"
ANSWER = plain(completion().response.body or b"")
EVENTS = b'data: {"choices": []}\n\ndata: [DONE]\n\n'
STREAMED = STREAM + chunk(EVENTS) + chunk(b"")
VERTEX = (
    "--profile",
    "vertex-gemini",
    "--project",
    PROJECT,
    "--location",
    "us-central1",
    "--model",
    "google/gemini-2.5-flash",
)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "ALL_PROXY",
        "https_proxy",
        "http_proxy",
        "all_proxy",
        "CONFORMANCE_ACCESS_TOKEN",
        "CONFORMANCE_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("KEY_OF_A_TEST", KEY)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    with google_cloud(tmp_path) as (served, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(
            "GOOGLE_APPLICATION_CREDENTIALS", str(credentials_file("service_account", tmp_path))
        )
        monkeypatch.setattr(credentials, "APPLICATION_DEFAULT", GoogleAuth())
        http_client._tls.cache_clear()  # what is trusted is read from the environment once
        yield served
    http_client._tls.cache_clear()


def doctor(*arguments: str, columns: int = 10_000) -> Result:
    result = CliRunner().invoke(
        main, ["doctor", "--timeout", "0.5", *arguments], env={"COLUMNS": str(columns)}
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def wrong(result: Result) -> str:
    """Return the one line that reports a problem; it is the last one, and the exit code is 3."""
    assert result.exit_code == 3, result.output
    target, *well, line = result.stdout.splitlines()
    assert target.startswith("target: ")
    assert all(each.startswith("ok: ") for each in well), result.stdout
    assert line.startswith("wrong: ")
    assert " - fix: " in line
    assert KEY not in result.output
    return line


def at(url: str, *more: str) -> tuple[str, ...]:
    return ("--base-url", url, "--model", "m", *more)


@contextmanager
def answering(stream: Script | bytes = STREAMED) -> Iterator[Server]:
    """A server that answers well; ``stream`` is its answer to a streamed request."""
    with serving(ANSWER) as server:
        streams = says(stream) if isinstance(stream, bytes) else stream
        server.script = lambda connection: (
            streams if b'"stream": true' in server.asked[-1] else says(ANSWER)
        )(connection)
        yield server


def failing(status: str, body: object = b"", head: bytes = b"") -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return plain(
        data, head=f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n".encode() + head
    )


def test_it_keeps_to_the_width_of_the_terminal() -> None:
    with answering() as server:
        narrow = doctor(*at(server.url, "--api-key-env", "KEY_OF_A_TEST"), columns=50)
        wide = doctor(*at(server.url, "--api-key-env", "KEY_OF_A_TEST"))
    lines = narrow.stdout.splitlines()
    assert max(map(len, lines)) <= 50
    texts = [re.sub(r"\d+ ms", "", " ".join(each.stdout.split())) for each in (narrow, wide)]
    assert texts[0] == texts[1]
    assert len(lines) > len(wide.stdout.splitlines())


def test_all_is_well() -> None:
    with answering() as server:
        result = doctor(*at(server.url, "--api-key-env", "KEY_OF_A_TEST"))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert re.fullmatch(
        rf"target: \S+: {re.escape(server.url)} as openai-compatible, model m", lines[0]
    )
    assert all(line.startswith("ok: ") for line in lines[1:])
    assert "ok: KEY_OF_A_TEST holds a credential" in lines
    assert lines[-2].startswith("ok: the endpoint answers as ")
    assert re.fullmatch(
        rf"ok: the endpoint streams: {len(EVENTS)} bytes in \d+ reads, the first after [\d,]+ ms",
        lines[-1],
    )
    assert len(server.asked) == 2
    assert max(map(len, server.asked)) < 500
    assert KEY not in result.stdout


@pytest.mark.parametrize(
    ("script", "problem", "fix"),
    [
        (
            failing("401 Unauthorized", {"error": {"message": "who are you"}}),
            "the endpoint requires a credential (status 401): who are you",
            "--api-key-env VAR",
        ),
        (
            failing("403 Forbidden", {"error": {"message": "not you"}}),
            "the request is forbidden (status 403): not you",
            "what the account of this key may do",
        ),
        (
            failing("404 Not Found", {"error": {"message": "The model `m` does not exist."}}),
            "the endpoint does not have the model m (status 404)",
            "correct --model",
        ),
        (
            failing("400 Bad Request", {"error": {"message": "Invalid model name passed"}}),
            "the endpoint does not have the model m (status 400)",
            "correct --model",
        ),
        (
            failing("404 Not Found", b"<html>"),
            "nothing found at http://127.0.0.1:",
            "correct the base URL",
        ),
        (
            failing("400 Bad Request", {"detail": "no"}),
            "the endpoint rejects a plain request (status 400): no",
            "read its error message",
        ),
        (
            failing("429 Too Many Requests", [{"error": {"message": "slow down"}}]),
            "a rate limit or quota is used up (status 429): slow down",
            "wait",
        ),
        (failing("503 Service Unavailable"), "the server failed (status 503)", "try again later"),
        (
            failing("302 Found", head=b"Location: https://login.example/?token=abcdefgh\r\n"),
            "redirects to https://login.example/?token=REDACTED",
            "give the base",
        ),
        (
            plain(b"<html>", head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"),
            "the answer is not a chat completion: text/html",
            "correct the base URL",
        ),
        (says(b"SSH-2.0-x\r\n"), "no answer: RemoteProtocolError", "HTTP server"),
        (
            waits,
            "the server accepted the request but did not answer: ReadTimeout",
            "model is loaded",
        ),
    ],
    ids=[
        "401",
        "403",
        "unknown model",
        "unknown model as 400",
        "404",
        "400",
        "429",
        "503",
        "redirect",
        "HTML",
        "not HTTP",
        "stall",
    ],
)
def test_what_is_wrong_is_reported_with_its_fix(
    script: Script | bytes, problem: str, fix: str
) -> None:
    with serving(script) as server:
        line = wrong(doctor(*at(server.url)))
    reported_problem, _, reported_fix = line.partition(" - fix: ")
    assert problem in reported_problem
    assert fix in reported_fix
    assert len(server.asked) <= 2


def stalls(connection: socket.socket) -> None:
    connection.sendall(STREAM + chunk(EVENTS[:20]))
    waits(connection)


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        (
            failing("501 Not Implemented", {"error": {"message": "no streams here"}}),
            "the endpoint rejects a streamed request (status 501): no streams here",
        ),
        (ANSWER, "the answer to a streamed request is not a stream: application/json"),
        (STREAM + chunk(EVENTS[:20]), "the stream is truncated: RemoteProtocolError"),
        (stalls, "the stream is truncated: ReadTimeout: no data for 0.5 s"),
        (waits, "no answer to a streamed request: ReadTimeout: no data for 0.5 s"),
    ],
    ids=["refused", "no stream", "cut", "stalls", "silent"],
)
def test_a_stream_that_does_not_come_is_told(stream: Script | bytes, said: str) -> None:
    with answering(stream) as server:
        line = wrong(doctor(*at(server.url)))
    assert said in line
    assert line.endswith(
        " - fix: check whether a proxy or gateway in between blocks streams, and read the log of"
        " the server"
    )


def test_an_answer_that_is_cut_is_told() -> None:
    with serving(plain(b'{"choices": [', length=500)) as server:
        assert "wrong: the answer is truncated: RemoteProtocolError" in wrong(
            doctor(*at(server.url))
        )


@pytest.mark.parametrize(
    ("head", "again", "said"),
    [
        (
            plain(b"", length=500),
            b" ",
            "wrong: the answer is truncated: the answer did not end within 0.5 s",
        ),
        (
            b"",
            b"HTTP/1.1 102 Processing\r\n\r\n",
            "wrong: no answer: the answer did not end within 0.5 s - fix: ",
        ),
    ],
    ids=["a body that drips", "a body that is never come to"],
)
def test_who_never_comes_to_an_end_is_not_waited_for(head: bytes, again: bytes, said: str) -> None:
    def goes_on(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(1000):
            connection.sendall(again)
            time.sleep(0.05)

    with hang_guard(), serving(goes_on) as server:
        assert said in wrong(doctor(*at(server.url)))


def test_a_key_that_is_refused() -> None:
    with serving(
        failing("401 Unauthorized", {"error": {"message": f"no such key {KEY}"}})
    ) as server:
        line = wrong(doctor(*at(server.url, "--api-key-env", "KEY_OF_A_TEST")))
    assert (
        "the credential is rejected (status 401): no such key REDACTED-CREDENTIAL - fix: set"
        " KEY_OF_A_TEST to a valid key of this endpoint" in line
    )


@pytest.mark.parametrize(
    ("good", "typed", "said", "right"),
    [
        (b"/v1/chat/completions", "", "the base URL lacks /v1: nothing found at ", "/v1"),
        (b"/v1/chat/completions", "/", "the base URL lacks /v1: nothing found at ", "/v1"),
        (b"/chat/completions", "/v1", "the base URL must not end in /v1: nothing found at ", ""),
    ],
)
def test_a_base_url_with_or_without_its_version(
    good: bytes, typed: str, said: str, right: str
) -> None:
    with serving(ANSWER) as server:
        elsewhere = failing("404 Not Found", b"<html>")
        server.script = lambda connection: connection.sendall(
            ANSWER if server.asked[-1].startswith(b"POST " + good + b" ") else elsewhere
        )
        root = server.url.removesuffix("/v1")
        line = wrong(doctor(*at(root + typed)))
    assert said in line
    assert line.endswith(f" - fix: --base-url {root}{right}")
    assert len(server.asked) == 2


def test_a_base_url_with_the_path_is_told_without_sending() -> None:
    with answering() as server:
        result = doctor(*at(f"{server.url}/chat/completions"))
    assert (
        "wrong: the base URL must not end in /chat/completions, which is appended to it - fix:"
        f" --base-url {server.url}\n" in result.stdout
    )
    assert (result.exit_code, server.asked) == (3, [])


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = wrong(doctor(*at(f"http://127.0.0.1:{port}/v1")))
    assert line.startswith("wrong: the connection was refused: ConnectError: ")
    assert line.endswith(" - fix: start the server, or correct host and port")


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    result = doctor(*at("http://no-such-host.invalid/v1"))
    assert (
        "wrong: the host name no-such-host.invalid cannot be resolved: [Errno -2] Name or service"
        " not known - fix: correct the host, or check the network " in result.stdout
    )
    assert result.exit_code == 3
    place = doctor(
        *(each.replace("us-central1", "us-moon1") for each in VERTEX),
        "--api-key-env",
        "KEY_OF_A_TEST",
    )
    assert (
        "wrong: the host name us-moon1-aiplatform.googleapis.com cannot be resolved: [Errno -2]"
        " Name or service not known - fix: correct --location, " in place.stdout
    )
    placeless = doctor("--profile", "gemini-api", "--model", "m", "--api-key-env", "KEY_OF_A_TEST")
    assert (
        "wrong: the host name generativelanguage.googleapis.com cannot be resolved: "
        in placeless.stdout
    )
    assert "--location" not in placeless.stdout


def test_a_name_that_is_none() -> None:
    result = doctor(*at("http://a..b/v1"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: --base-url 'http://a..b/v1': write a valid host name")


def test_tls_where_there_is_none() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        line = wrong(doctor(*at(f"https://127.0.0.1:{listener.getsockname()[1]}/v1")))
        thread.join(5)
    assert line.startswith("wrong: TLS failed: ConnectError: [SSL")
    assert " - fix: write http:// if the server does not use TLS" in line


def test_a_certificate_that_is_not_trusted(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("CONFORMANCE_ACCESS_TOKEN", f"{TOKEN}-1")
    line = wrong(doctor(*VERTEX))
    assert line.startswith(
        "wrong: the certificate of the server is not trusted: ConnectError: [SSL:"
        " CERTIFICATE_VERIFY_FAILED]"
    )
    assert " - fix: set SSL_CERT_FILE to a file" in line
    assert cloud.chats == []


def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret-of-mine@127.0.0.1:1")
    result = doctor(*at("http://somewhere.example/v1"))
    assert (
        "ok: requests go through the proxy http://REDACTED@127.0.0.1:1, set by the environment\n"
        in result.stdout
    )
    line = wrong(result)
    assert line.startswith(
        "wrong: no answer through the proxy http://REDACTED@127.0.0.1:1: ConnectError: "
    )
    assert (
        " - fix: correct or unset HTTPS_PROXY, HTTP_PROXY and ALL_PROXY, or name the host in"
        " NO_PROXY" in line
    )
    assert "secret-of-mine" not in result.output


@pytest.mark.parametrize("variable", ["NOT_SET", "BLANK"])
def test_a_key_that_is_not_there_is_told_without_sending(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("BLANK", " ")
    with answering() as server:
        line = wrong(doctor(*at(server.url, "--api-key-env", variable)))
    assert (
        line
        == f"wrong: the environment variable {variable}, which should hold the API key, is not set"
        f" - fix: set {variable} to the key"
    )
    assert server.asked == []


def test_who_is_known_to_want_a_key_is_told_without_sending(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # no name is looked up
    line = wrong(doctor("--profile", "gemini-api", "--model", "gemini-2.5-flash"))
    assert line.startswith(
        "wrong: no API key for generativelanguage.googleapis.com - fix: name the environment"
        " variable that holds it"
    )


def test_google_lets_in(cloud: Cloud) -> None:
    result = doctor(*VERTEX)
    assert result.exit_code == 0, result.output
    assert (
        "ok: Google returned a token for the application default credentials, valid for 59"
        " minutes\n" in result.stdout
    )
    assert len(cloud.chats) == 2
    assert TOKEN not in result.output


def test_a_token_that_has_expired(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFORMANCE_ACCESS_TOKEN", "ya29.of-yesterday")
    line = wrong(doctor(*VERTEX))
    assert line.startswith("wrong: the credential has expired (status 401): ")
    assert line.endswith(
        ' - fix: run `export CONFORMANCE_ACCESS_TOKEN="$(gcloud auth print-access-token)"`; a token'
        " is valid for an hour"
    )
    assert "of-yesterday" not in line


def test_a_token_of_a_known_account_that_is_refused(cloud: Cloud) -> None:
    cloud.revoked = {f"{TOKEN}-1", f"{TOKEN}-2"}
    line = wrong(doctor(*VERTEX))
    assert line.endswith(
        " - fix: run `gcloud auth application-default login` with an account that may use this"
        " project"
    )
    assert len(cloud.chats) == 2


def test_an_account_that_is_refused_a_token(cloud: Cloud) -> None:
    cloud.refuses = True
    line = wrong(doctor(*VERTEX))
    assert line.startswith("wrong: no token for the Google credentials: ")
    assert " - fix: run `gcloud auth application-default login`" in line
    assert cloud.chats == []


def test_credentials_that_are_not_there(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "nowhere.json")
    line = wrong(doctor(*VERTEX))
    assert line.startswith(
        "wrong: no Google credentials: File nowhere.json was not found - fix: run `gcloud auth"
        " application-default login`"
    )


@pytest.mark.parametrize(
    ("host", "location", "right"),
    [
        (
            "us-central1-aiplatform.googleapis.com",
            "europe-west4",
            "europe-west4-aiplatform.googleapis.com",
        ),
        ("us-central1-aiplatform.googleapis.com", "global", "aiplatform.googleapis.com"),
        ("aiplatform.googleapis.com", "us-central1", "us-central1-aiplatform.googleapis.com"),
        ("eu-aiplatform.googleapis.com", "eu", "aiplatform.eu.rep.googleapis.com"),
        ("aiplatform.googleapis.com", "us", "aiplatform.us.rep.googleapis.com"),
        ("aiplatform.eu.rep.googleapis.com", "us", "aiplatform.us.rep.googleapis.com"),
        ("aiplatform.eu.rep.googleapis.com", "global", "aiplatform.googleapis.com"),
    ],
)
def test_a_host_that_is_not_that_of_the_location(
    cloud: Cloud, host: str, location: str, right: str
) -> None:
    url = f"https://{host}/v1/projects/{PROJECT}/locations/{location}/endpoints/openapi"
    result = doctor("--base-url", url, "--model", "google/m")
    assert (
        f"wrong: the host {host} does not serve the location {location} - fix: use the host"
        f" {right}, " in result.stdout
    )
    assert (result.exit_code, cloud.chats) == (3, [])


def test_bad_usage_is_2() -> None:
    result = doctor("--base-url", "nonsense", "--model", "m")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: --base-url 'nonsense': write http:// or https://")


def test_the_help_says_that_it_sends() -> None:
    assert "Sends at most two small requests" in " ".join(doctor("--help").output.split())


def test_a_target_of_the_file_is_examined(tmp_path: Path) -> None:
    with answering() as server:
        (tmp_path / "conformance.toml").write_text(
            f'[targets.mine]\nbase_url = "{server.url}"\nmodel = "m"\n', encoding="utf-8"
        )
        result = doctor("--target", "mine")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"target: mine: {server.url} as openai-compatible, model m\n")


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text("[live]\nmodle = 1\n", encoding="utf-8")
    result = doctor()
    assert result.exit_code == 2
    assert result.stderr.startswith(
        "Error: conformance.toml, line 2: live.modle: unknown setting; the settings are base_url, "
    )


@pytest.mark.parametrize(
    ("host", "path", "fix"),
    [
        (
            "generativelanguage.googleapis.com",
            "/v1beta/openapi",
            "--base-url https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        (
            "generativelanguage.googleapis.com",
            "",
            "--base-url https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        (
            "us-central1-aiplatform.googleapis.com",
            "/v1",
            "instead of --base-url give --profile, --project and --location, and --endpoint ",
        ),
    ],
)
def test_a_path_on_a_host_of_google_where_nothing_is(
    monkeypatch: pytest.MonkeyPatch, host: str, path: str, fix: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # no name is looked up
    result = doctor(
        "--base-url", f"https://{host}{path}", "--model", "m", "--api-key-env", "KEY_OF_A_TEST"
    )
    assert (
        f"wrong: no profile matches the URL https://{host}{path}, although the host is Google's -"
        f" fix: {fix}" in result.stdout
    )
    assert result.exit_code == 3


STARTING = failing("503 Service Unavailable")


def test_a_server_that_is_starting_is_waited_for_only_on_request() -> None:
    with answering() as server:
        well = server.script
        server.script = lambda connection: (says(STARTING) if len(server.asked) == 1 else well)(
            connection
        )
        result = doctor(*at(server.url), "--wait", "20")
        assert result.exit_code == 0, result.output
        assert result.stderr.startswith(
            f"Waiting for {server.url}, which is not ready: status 503 ("
        )
        assert len(server.asked) == 4  # two to wait, then the two of each check
    with serving(STARTING) as server:
        assert "the server failed (status 503)" in wrong(doctor(*at(server.url)))
        assert len(server.asked) == 1


def test_a_server_that_is_silent_for_the_whole_wait_is_not_asked_again() -> None:
    with hang_guard(), serving(waits) as server:
        line = wrong(doctor("--timeout", "60", *at(server.url), "--wait", "1"))
        assert len(server.asked) == 1
    problem, _, fix = line.partition(" - fix: ")
    assert problem.endswith("did not answer: ReadTimeout: no data for 1 s")
    assert fix.endswith(", or wait longer with --wait S")


def test_a_key_of_the_file_stays_with_its_url(tmp_path: Path) -> None:
    (tmp_path / "conformance.toml").write_text(
        '[live]\nprofile = "gemini-api"\nmodel = "m"\napi_key_env = "KEY_OF_A_TEST"\n'
        'base_url = "https://generativelanguage.googleapis.com/v1beta/openai"\n',
        encoding="utf-8",
    )
    with answering() as server:
        result = doctor("--base-url", server.url)
        assert result.exit_code == 0
        assert server.asked
        assert KEY.encode() not in b"".join(server.asked)
        assert (
            "ok: no credential is sent; add --api-key-env KEY_OF_A_TEST to send the key that"
            " conformance.toml, line 4: live.api_key_env names only for the URL of its own table\n"
        ) in result.stdout
        doctor("--base-url", server.url, "--api-key-env", "KEY_OF_A_TEST")
        assert KEY.encode() in server.asked[-1]
        plan = CliRunner().invoke(main, ["run", "--live", "--plan", "--base-url", server.url])
        assert plan.stderr.startswith("No credential is sent; add --api-key-env KEY_OF_A_TEST to ")


def test_a_model_name_without_its_publisher_is_refused_before_anything_is_sent(
    cloud: Cloud,
) -> None:
    result = doctor(*VERTEX[:-1], "gemini-3.5-flash")
    assert (result.exit_code, result.stdout, cloud.asked, cloud.chats) == (2, "", [], [])
    assert result.stderr == (
        "Error: --model 'gemini-3.5-flash': Vertex AI needs the publisher before the name: --model"
        " google/gemini-3.5-flash\n"
    )


@pytest.mark.parametrize(
    ("status", "message", "said", "fix"),
    [
        (
            "404 Not Found",
            "This model models/m is no longer available. Please use a newer model.",
            "the model is retired (status 404)",
            "choose a newer model",
        ),
        (
            "404 Not Found",
            "Requested entity was not found.",
            "the model, or the endpoint of a deployed model, does not exist (status 404)",
            "correct --model",
        ),
        (
            "401 Unauthorized",
            "API keys are not supported by this API. Expected OAuth2 access token.",
            "the credential is an API key, which is not accepted as a bearer token (status 401)",
            "send the key with --auth x-goog-api-key --api-key-env KEY_OF_A_TEST",
        ),
    ],
)
def test_an_error_of_google_is_not_blamed_on_the_url(
    status: str, message: str, said: str, fix: str
) -> None:
    with serving(failing(status, [{"error": {"message": message}}])) as server:
        line = wrong(doctor(*at(server.url, "--api-key-env", "KEY_OF_A_TEST")))
    assert said in line
    assert f"fix: {fix}" in line
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("proxy", "why"),
    [("socks5://user:secret-pw@127.0.0.1:9", "httpx[socks]"), ("foo://u:secret-pw@x", "http://")],
)
def test_a_proxy_that_cannot_be_used_is_one_line_without_its_password(
    proxy: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    result = CliRunner().invoke(
        main, ["doctor", "--base-url", "http://endpoint.test/v1", "--model", "m"]
    )
    assert result.exit_code == 2
    assert why in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "secret-pw" not in result.output
