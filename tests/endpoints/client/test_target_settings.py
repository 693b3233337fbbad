"""A target from options, environment and file, in that order, and the errors of a bad one."""

from collections.abc import Mapping

import pytest

from conformance.cli import main
from conformance.endpoints.client.config_file import KEYS, NAME, parse
from conformance.endpoints.client.live_target import LiveTarget, TargetError
from conformance.endpoints.client.target_settings import (
    AMBIENT,
    VARIABLES,
    missing_key,
    option,
    resolve,
)
from tests.helpers.project import DOCS

URL = "http://127.0.0.1:8081/v1"
VERTEX = "https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/endpoints/openapi"
GEMINI = {
    "profile": "vertex-gemini",
    "project": "my-project",
    "location": "us-central1",
    "model": "google/gemini-2.5-flash",
}
FILE = parse(
    NAME,
    """
[live]
base_url = "http://file/v1"
model = "of-the-file"
api_key_env = "KEY_OF_FILE"

[targets.prod]
profile = "vertex-gemini"
project = "project-of-file"
location = "global"
model = "google/gemini-2.5-pro"
""",
)


def resolved(
    options: Mapping[str, str | None],
    environ: Mapping[str, str] | None = None,
    *,
    file: bool = False,
) -> LiveTarget:
    return resolve(options, environ or {}, FILE if file else None)


def refused(
    options: Mapping[str, str | None],
    environ: Mapping[str, str] | None = None,
    *,
    file: bool = False,
) -> str:
    with pytest.raises(TargetError) as caught:
        resolved(options, environ, file=file)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_url_and_a_model_are_enough() -> None:
    assert resolved({"base_url": URL, "model": "m", "profile": None}) == LiveTarget(
        "127.0.0.1-8081", URL, "m", "openai-compatible", assumed=True
    )


@pytest.mark.parametrize(
    ("options", "environ", "file", "url", "model"),
    [
        ({}, {}, True, "http://file/v1", "of-the-file"),
        (
            {},
            {"CONFORMANCE_BASE_URL": "http://environment/v1"},
            True,
            "http://environment/v1",
            "of-the-file",
        ),
        (
            {"base_url": "http://option/v1"},
            {"CONFORMANCE_BASE_URL": "http://environment/v1", "CONFORMANCE_MODEL": "m"},
            True,
            "http://option/v1",
            "m",
        ),
        (
            {"base_url": "http://option/v1", "model": "o"},
            {"CONFORMANCE_MODEL": "m"},
            True,
            "http://option/v1",
            "o",
        ),
        (
            {"base_url": "", "model": None},
            {"CONFORMANCE_BASE_URL": " ", "CONFORMANCE_MODEL": ""},
            True,
            "http://file/v1",
            "of-the-file",
        ),
        (
            GEMINI,
            {"CONFORMANCE_BASE_URL": "http://environment/v1"},
            True,
            VERTEX,
            "google/gemini-2.5-flash",
        ),
        (
            {"profile": "vertex-gemini", "model": "google/m"},
            {"CONFORMANCE_PROJECT": "my-project", "CONFORMANCE_LOCATION": "us-central1"},
            True,
            VERTEX,
            "google/m",
        ),
        (
            {"profile": "vertex-gemini", "model": "google/m"},
            {"GOOGLE_CLOUD_PROJECT": "my-project", "GOOGLE_CLOUD_LOCATION": "us-central1"},
            False,
            VERTEX,
            "google/m",
        ),
        (
            GEMINI,
            {"GOOGLE_CLOUD_PROJECT": "another-project", "CONFORMANCE_LOCATION": "europe-west4"},
            False,
            VERTEX,
            "google/gemini-2.5-flash",
        ),
        ({}, {"GOOGLE_CLOUD_PROJECT": "my-project"}, True, "http://file/v1", "of-the-file"),
        (
            {"profile": "gemini-api", "model": "m"},
            {"GOOGLE_CLOUD_PROJECT": "x"},
            False,
            "https://generativelanguage.googleapis.com/v1beta/openai",
            "m",
        ),
        (
            {**GEMINI, "api_version": "v1beta1"},
            {},
            False,
            VERTEX.replace("/v1/", "/v1beta1/"),
            "google/gemini-2.5-flash",
        ),
    ],
)
def test_options_go_before_the_environment_and_that_before_the_file(
    options: Mapping[str, str | None], environ: Mapping[str, str], file: bool, url: str, model: str
) -> None:
    target = resolved(options, environ, file=file)
    assert (target.base_url, target.model) == (url, model)


def test_a_target_of_the_file_is_chosen_by_its_name() -> None:
    target = resolved({"target": "prod"}, file=True)
    assert (target.name, target.profile, target.model, target.assumed) == (
        "prod",
        "vertex-gemini",
        "google/gemini-2.5-pro",
        False,
    )
    assert (
        target.base_url
        == "https://aiplatform.googleapis.com/v1/projects/project-of-file/locations/global/endpoints/openapi"
    )


def test_a_name_that_the_file_does_not_have_is_only_a_name_and_never_that_of_another_target() -> (
    None
):
    assert resolved({"target": "mine", "base_url": URL, "model": "m"}, file=True).name == "mine"
    said = refused({"target": "prd"}, file=True)
    assert said == (
        "unknown target 'prd' (did you mean prod?); conformance.toml has the targets prod: choose"
        " one of them, or give --base-url URL"
    )


def test_an_endpoint_of_ones_own_may_have_a_host_of_its_own() -> None:
    deployed = {**GEMINI, "profile": "vertex-vllm", "endpoint": "42"}
    assert resolved(deployed).base_url.endswith(
        "us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/endpoints/42"
    )
    own = resolved({**deployed, "project_number": "123456"})
    assert own.base_url.startswith("https://42.us-central1-123456.prediction.vertexai.goog/v1/")
    assert own.auth == "google"


@pytest.mark.parametrize(
    ("options", "environ", "file", "auth", "variable"),
    [
        ({"base_url": URL, "model": "m"}, {}, False, "bearer", ""),
        (
            {"base_url": URL, "model": "m", "api_key_env": "MINE"},
            {"CONFORMANCE_API_KEY": "x"},
            False,
            "bearer",
            "MINE",
        ),
        (
            {"base_url": URL, "model": "m"},
            {"CONFORMANCE_API_KEY": "x"},
            False,
            "bearer",
            "CONFORMANCE_API_KEY",
        ),
        ({}, {"CONFORMANCE_API_KEY": "x"}, True, "bearer", "CONFORMANCE_API_KEY"),
        ({}, {}, True, "bearer", "KEY_OF_FILE"),
        (
            {"base_url": "https://r.openai.azure.com/openai/v1", "model": "m"},
            {"CONFORMANCE_API_KEY": "x"},
            False,
            "api-key",
            "CONFORMANCE_API_KEY",
        ),
        (GEMINI, {}, False, "google", ""),
        (
            GEMINI,
            {"CONFORMANCE_ACCESS_TOKEN": "x", "CONFORMANCE_API_KEY": "y"},
            False,
            "google",
            "CONFORMANCE_ACCESS_TOKEN",
        ),
        (
            {**GEMINI, "api_key_env": "MINE"},
            {"CONFORMANCE_ACCESS_TOKEN": "x"},
            False,
            "google",
            "MINE",
        ),
        ({"base_url": URL, "model": "m"}, {"CONFORMANCE_ACCESS_TOKEN": "x"}, False, "bearer", ""),
    ],
)
def test_the_credential_is_that_of_the_target(
    options: Mapping[str, str], environ: Mapping[str, str], file: bool, auth: str, variable: str
) -> None:
    target = resolved(options, environ, file=file)
    assert (target.auth, target.key_variable) == (auth, variable)


@pytest.mark.parametrize(
    "host",
    [
        "aiplatform.googleapis.com:443",
        "AIPLATFORM.EU.REP.GOOGLEAPIS.COM",
        "mg-endpoint-1.us-central1-42.prediction.vertexai.goog",
        "1-us-central1-42.prediction.p.vertexai.goog:443",
    ],
)
def test_google_gets_its_token_however_the_host_is_written(host: str) -> None:
    url = f"https://{host}/v1/projects/p/locations/us-central1/endpoints/1/"
    target = resolved({"base_url": url, "model": "m"}, {"CONFORMANCE_ACCESS_TOKEN": "x"})
    assert (target.profile, target.auth, target.keyed) == ("vertex-vllm", "google", True)
    tgi = resolved({"base_url": url, "model": "m", "profile": "vertex-tgi"})
    assert (tgi.profile, tgi.auth, tgi.application_default) == ("vertex-tgi", "google", True)


@pytest.mark.parametrize("way", ["x-goog-api-key", "bearer", "api-key"])
@pytest.mark.parametrize("where", ["option", "environment"])
def test_a_key_is_sent_in_the_way_that_is_chosen(way: str, where: str) -> None:
    environ = {"CONFORMANCE_API_KEY": "x", "CONFORMANCE_ACCESS_TOKEN": "y"}
    chosen = {"auth": way} if where == "option" else {}
    if where == "environment":
        environ["CONFORMANCE_AUTH"] = way
    target = resolved({**GEMINI, **chosen}, environ)
    assert (target.auth, target.key_variable) == (way, "CONFORMANCE_API_KEY")
    assert not target.application_default


def test_a_way_to_send_the_key_needs_a_key() -> None:
    for options in (GEMINI, {"base_url": URL, "model": "m"}):
        target = resolved({**options, "auth": "x-goog-api-key"})
        assert missing_key(target).startswith("no API key for ")


def test_a_google_token_is_not_sent_to_another_host_even_on_request() -> None:
    assert refused({"base_url": URL, "model": "m", "auth": "google"}) == (
        "--auth google: a Google token is sent only over https to *.googleapis.com and"
        " *.vertexai.goog; for another host write --auth bearer --api-key-env VAR"
    )
    assert refused({**GEMINI, "auth": "basic"}) == (
        "--auth 'basic': write one of google, bearer, api-key, x-goog-api-key"
    )


@pytest.mark.parametrize(
    ("profile", "model", "fix"),
    [
        ("vertex-gemini", "gemini-3.5-flash", "--model google/gemini-3.5-flash"),
        ("vertex-gemini", "models/gemini-3.5-flash", "--model google/gemini-3.5-flash"),
        ("vertex-gemini", "publishers/google/models/gemini-3.5-flash", "google/gemini-3.5-flash"),
        ("vertex-gemini", "google/", "--model google/gemini-3.5-flash"),
        ("vertex-gemini", "llama-3.3-70b-instruct-maas", "meta/llama-3.3-70b-instruct-maas"),
        ("vertex-gemini", "some-model", "--model PUBLISHER/some-model"),
        ("gemini-api", "google/gemini-3.5-flash", "--model gemini-3.5-flash"),
    ],
)
@pytest.mark.parametrize("url", [URL, None])
def test_a_model_name_of_the_other_api_is_refused_with_the_fix(
    url: str | None, profile: str, model: str, fix: str
) -> None:
    place = {"project": "my-project", "location": "global"} if profile == "vertex-gemini" else {}
    where = {"base_url": url} if url else place
    said = refused({**where, "profile": profile, "model": model})
    assert said.startswith(f"--model {model!r}: ")
    assert said.endswith(fix)


@pytest.mark.parametrize(
    ("profile", "model"),
    [
        ("vertex-gemini", "google/gemini-3.5-flash"),
        ("vertex-gemini", "meta/llama-3.3-70b-instruct-maas"),
        ("gemini-api", "gemini-3.5-flash"),
        ("gemini-api", "models/gemini-3.5-flash"),
        ("vertex-vllm", "gemma-3-27b-it"),
        ("vertex-vllm", "google/gemma-3-27b-it"),
        ("openai-compatible", "google/gemini-3.5-flash"),
        ("openai", "gpt-5"),
    ],
)
def test_a_model_name_that_the_api_takes_is_taken(profile: str, model: str) -> None:
    assert resolved({"base_url": URL, "profile": profile, "model": model}).model == model


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://gateway.example/v1",
        VERTEX.replace("https:", "http:"),
        "https://evil-googleapis.com/v1",
        "https://evilgoogleapis.com/v1",
        "https://googleapis.com.evil/",
        "https://aiplatform.googleapis.com.evil.example/v1",
        "https://x.prediction.vertexai.goog.evil/v1",
        "https://evilvertexai.goog/v1",
        "https://vertexai.goog/v1",
        "http://1-us-central1-42.prediction.p.vertexai.goog/v1",
    ],
)
def test_a_google_token_is_for_nobody_but_google(url: str) -> None:
    target = resolved(
        {"base_url": url, "model": "m", "profile": "vertex-vllm"}, {"CONFORMANCE_ACCESS_TOKEN": "x"}
    )
    assert (target.auth, target.key_variable, target.keyed) == ("bearer", "", False)


@pytest.mark.parametrize(
    ("options", "environ", "file", "said"),
    [
        ({}, {}, False, "no target: give --base-url URL, or --profile NAME"),
        (
            {"base_url": URL},
            {},
            False,
            (
                "no model: give --model ID, or set CONFORMANCE_MODEL, or set model in"
                " conformance.toml"
            ),
        ),
        (
            {**GEMINI, "base_url": URL},
            {},
            False,
            "--base-url and --project: give only one of them",
        ),
        (
            {},
            {"CONFORMANCE_BASE_URL": URL, "CONFORMANCE_ENDPOINT": "1"},
            False,
            "CONFORMANCE_BASE_URL and CONFORMANCE_ENDPOINT: give only one of them",
        ),
        (
            {"project": "my-project", "model": "m"},
            {},
            True,
            "--project needs --profile, such as vertex-gemini",
        ),
        (
            {**GEMINI, "location": "moon"},
            {},
            False,
            "--location must be global, us, eu, or a region such as us-central1, not 'moon'",
        ),
        (
            {**GEMINI, "location": None},
            {"GOOGLE_CLOUD_LOCATION": "moon"},
            False,
            "--location must be global, us, eu, or a region such as us-central1, not 'moon' (g",
        ),
        (
            {**GEMINI, "location": None},
            {},
            False,
            "--location is missing: profile vertex-gemini needs it",
        ),
        (
            {**GEMINI, "endpoint": "5"},
            {},
            False,
            "--endpoint: profile vertex-gemini does not use it; leave it out",
        ),
        (
            {**GEMINI, "profile": "vertex-gemni"},
            {},
            False,
            "--profile: unknown profile 'vertex-gemni'",
        ),
        (
            {"base_url": URL, "model": "m"},
            {"CONFORMANCE_PROFILE": "x"},
            False,
            "CONFORMANCE_PROFILE: unknown profile 'x'; there are ",
        ),
        (
            {"model": "m"},
            {"CONFORMANCE_BASE_URL": "host/v1"},
            False,
            "CONFORMANCE_BASE_URL 'host/v1': write http:// or https://",
        ),
        (
            {"base_url": URL, "model": "m", "api_key_env": "sk-0123456789"},
            {},
            False,
            "--api-key-env: write the name of an environment variable, not the key",
        ),
        (
            {"base_url": URL, "model": "m", "target": "a/b"},
            {},
            False,
            "--target 'a/b': name a target with letters",
        ),
    ],
)
def test_what_makes_no_target_is_told_in_one_line(
    options: Mapping[str, str | None], environ: Mapping[str, str], file: bool, said: str
) -> None:
    assert refused(options, environ, file=file).startswith(said)


def test_the_place_of_a_wrong_value_is_told_where_it_was_not_typed() -> None:
    assert refused({"target": "prod", "location": "moon"}, file=True).endswith(
        "(given by conformance.toml, line 9: targets.prod.project)"
    )


def test_a_key_pasted_for_its_variable_is_not_repeated() -> None:
    assert "0123" not in refused(
        {"base_url": URL, "model": "m", "api_key_env": "AIza0123456789abcdefghijk"}
    )


def test_only_who_is_known_to_want_a_key_is_missing_one() -> None:
    assert missing_key(
        resolved({"base_url": "https://api.openai.com/v1", "model": "m"})
    ).startswith("no API key for api.openai.com: name the environment")
    assert missing_key(resolved({"profile": "gemini-api", "model": "m"}))
    assert not missing_key(resolved({"base_url": URL, "model": "m", "profile": "openai"}))
    assert not missing_key(resolved({"profile": "gemini-api", "model": "m", "api_key_env": "KEY"}))
    assert not missing_key(resolved(GEMINI))


def test_every_setting_has_an_option_and_is_told_in_the_docs() -> None:
    page = (DOCS / "live.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `--")}
    assert rows.keys() == {option(key) for key in KEYS}
    for key in KEYS:
        names = [f"`{name}`" for names in (VARIABLES, AMBIENT) if (name := names.get(key))]
        assert all(name in rows[option(key)] for name in (*names, f"| `{key}` |")), key
    for command in ("run", "hunt", "doctor"):
        assert {f"--{key.replace('_', '-')}" for key in KEYS} <= {
            name for each in main.commands[command].params for name in each.opts
        }


def test_the_file_of_the_docs_is_one() -> None:
    page = (DOCS / "live.md").read_text(encoding="utf-8")
    file = parse(NAME, page.partition("```toml\n")[2].partition("```")[0])
    assert [
        resolve({"target": name}, {"TENANT": "t"}, file).profile
        for name in (None, "vertex", "gateway")
    ] == ["openai-compatible", "vertex-gemini", "openai-compatible"]


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/v1",
        f"http://{'a' * 64}.com/v1",
        "http://xn--/v1",
        "http://a/\udcff",
        "http://\udcff/v1",
    ],
)
def test_a_host_that_cannot_exist_is_rejected_with_the_fix(url: str) -> None:
    said = refused({"base_url": url, "model": "m"})
    assert said.startswith(f"--base-url {url!r}: write a valid host name")


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost./v1",
        "http://[::1]:8000/v1",
        "http://bücher.example/v1",
        "http://xn--fa-hia.de/v1",
        "http://my_host/v1",
    ],
)
def test_a_host_that_may_exist_is_taken(url: str) -> None:
    assert resolved({"base_url": url, "model": "m"}).base_url == url


def test_a_model_that_cannot_be_sent_is_refused() -> None:
    assert refused({"base_url": URL, "model": "\udcff"}) == "--model '\\udcff': write it in UTF-8"
