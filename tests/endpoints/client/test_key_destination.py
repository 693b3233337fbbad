"""A key that the file names goes only to the host that the same table of the file describes."""

from collections.abc import Mapping

import pytest

from conformance.endpoints.client.config_file import NAME, parse
from conformance.endpoints.client.live_target import LiveTarget
from conformance.endpoints.client.target_settings import missing_key, resolve

GOOGLE = "https://generativelanguage.googleapis.com/v1beta/openai"
ELSEWHERE = "http://127.0.0.1:9/v1"
FILE = parse(
    NAME,
    f"""
[live]
profile = "gemini-api"
base_url = "{GOOGLE}"
model = "gemini-3.5-flash"
api_key_env = "GEMINI_API_KEY"

[targets.place]
profile = "vertex-gemini"
project = "my-project"
location = "global"
model = "google/gemini-3.5-flash"
api_key_env = "TOKEN"
auth = "x-goog-api-key"

[targets.service]
profile = "gemini-api"
model = "gemini-3.5-flash"
api_key_env = "GEMINI_API_KEY"

[targets.nowhere]
model = "m"
api_key_env = "SOME_KEY"

[targets.gateway]
profile = "vertex-gemini"
base_url = "https://gateway.example/v1"
model = "google/m"
api_key_env = "GATEWAY_KEY"
auth = "x-goog-api-key"
""",
)
PLACE = {"project": "my-project", "location": "eu"}


def resolved(
    target: str | None, options: Mapping[str, str], environ: Mapping[str, str] | None = None
) -> LiveTarget:
    return resolve({"target": target, **options}, environ or {}, FILE)


@pytest.mark.parametrize(
    ("target", "options", "environ"),
    [
        (None, {"base_url": ELSEWHERE}, {}),
        (None, {"base_url": ELSEWHERE, "profile": "openai-compatible"}, {}),
        (None, {}, {"CONFORMANCE_BASE_URL": ELSEWHERE}),
        (None, {"base_url": GOOGLE.replace("https", "http")}, {}),
        (None, {"base_url": GOOGLE.replace(".com", ".com:8443")}, {}),
        (None, {"base_url": GOOGLE.replace(".com", ".com.example")}, {}),
        ("place", {"base_url": ELSEWHERE}, {}),
        ("place", {}, {"CONFORMANCE_BASE_URL": ELSEWHERE}),
        ("service", {"base_url": ELSEWHERE}, {}),
        ("service", {"profile": "openai", "model": "gpt-5", "api_version": "v1"}, {}),
        ("service", {"api_version": "v1", "model": "m"}, {"CONFORMANCE_PROFILE": "openai"}),
        ("nowhere", {"base_url": ELSEWHERE}, {}),
        ("nowhere", {}, {"CONFORMANCE_BASE_URL": ELSEWHERE}),
    ],
    ids=str,
)
def test_a_key_of_the_file_is_not_sent_to_another_host(
    target: str | None, options: Mapping[str, str], environ: Mapping[str, str]
) -> None:
    there = resolved(target, options, environ)
    assert (there.keyed, there.key_variable, there.auth) == (False, "", "bearer")
    variable = {"place": "TOKEN", "nowhere": "SOME_KEY"}.get(str(target), "GEMINI_API_KEY")
    assert there.withheld_key.startswith(
        f"add --api-key-env {variable} to send the key that conformance.toml, line "
    )
    chosen = resolved(target, {**options, "api_key_env": variable}, environ)
    assert (chosen.key_variable, chosen.withheld_key) == (variable, "")
    default = resolved(target, options, {**environ, "CONFORMANCE_API_KEY": "x"})
    assert (default.key_variable, default.withheld_key) == ("CONFORMANCE_API_KEY", "")


def test_a_key_for_a_gateway_is_not_sent_to_google() -> None:
    there = resolved("gateway", PLACE)
    assert there.base_url.startswith("https://aiplatform.eu.rep.googleapis.com/")
    assert (there.auth, there.key_variable, there.withheld_key) == ("google", "", "")
    assert there.application_default


@pytest.mark.parametrize(
    ("target", "options", "variable", "auth"),
    [
        (None, {}, "GEMINI_API_KEY", "bearer"),
        (None, {"profile": "openai-compatible"}, "GEMINI_API_KEY", "bearer"),
        (None, {"base_url": GOOGLE.upper().replace(".COM", ".COM:443")}, "GEMINI_API_KEY", None),
        ("place", {}, "TOKEN", "x-goog-api-key"),
        ("place", PLACE, "TOKEN", "x-goog-api-key"),
        ("service", {}, "GEMINI_API_KEY", "bearer"),
        ("gateway", {}, "GATEWAY_KEY", "x-goog-api-key"),
        ("gateway", {"base_url": "https://gateway.example"}, "GATEWAY_KEY", "x-goog-api-key"),
    ],
    ids=str,
)
def test_a_key_of_the_file_is_sent_to_the_host_of_its_table(
    target: str | None, options: Mapping[str, str], variable: str, auth: str | None
) -> None:
    there = resolved(target, options)
    assert (there.key_variable, there.withheld_key) == (variable, "")
    assert auth in (None, there.auth)


def test_a_service_that_needs_a_key_names_the_one_that_is_withheld() -> None:
    why = missing_key(resolved("nowhere", {"base_url": GOOGLE}))
    assert why == (
        "no API key for generativelanguage.googleapis.com: add --api-key-env SOME_KEY to send the"
        " key that conformance.toml, line 23: targets.nowhere.api_key_env names only for the URL of"
        " its own table"
    ).replace("generativelanguage.googleapis.com", "nowhere")
