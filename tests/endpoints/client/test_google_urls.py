"""The URLs of Google's page, made from a profile and a place, and the errors of bad values."""

from dataclasses import replace

import pytest

from conformance.endpoints.client.google_urls import Place, base_url
from conformance.endpoints.client.live_target import TargetError
from conformance.judging.profiles import profile, profile_for_url

REGIONAL = Place("my-project", "us-central1")
BETA = replace(REGIONAL, version="v1beta1")
DEPLOYED = replace(REGIONAL, endpoint="1234567890")
GLOBALLY_DEPLOYED = Place("my-project", "global", "1234567890", version="v1beta1")

GEMINI_V1 = "https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/endpoints/openapi"
GEMINI_V1BETA1 = "https://us-central1-aiplatform.googleapis.com/v1beta1/projects/my-project/locations/us-central1/endpoints/openapi"
DEPLOYED_V1 = "https://us-central1-aiplatform.googleapis.com/v1/projects/my-project/locations/us-central1/endpoints/1234567890"
DEPLOYED_V1BETA1 = "https://aiplatform.googleapis.com/v1beta1/projects/my-project/locations/global/endpoints/1234567890"

VLLM = "vertex-vllm"

PAGE = {
    1: ("vertex-gemini", BETA, GEMINI_V1BETA1),
    2: ("vertex-gemini", REGIONAL, GEMINI_V1),
    3: ("vertex-gemini", BETA, GEMINI_V1BETA1),
    4: ("vertex-gemini", REGIONAL, GEMINI_V1),
    5: ("vertex-gemini", REGIONAL, GEMINI_V1),
    6: ("vertex-vllm", GLOBALLY_DEPLOYED, DEPLOYED_V1BETA1),
    7: ("vertex-vllm", DEPLOYED, DEPLOYED_V1),
    8: ("vertex-vllm", GLOBALLY_DEPLOYED, DEPLOYED_V1BETA1),
    9: ("vertex-vllm", DEPLOYED, DEPLOYED_V1),
    15: ("vertex-gemini", REGIONAL, GEMINI_V1),
    16: ("vertex-gemini", REGIONAL, GEMINI_V1),
    17: ("vertex-gemini", REGIONAL, GEMINI_V1),
}
"""The URLs of the examples that show one, without the /chat/completions that REST adds; 10 to 14
and 18 show none."""


@pytest.mark.parametrize("number", PAGE)
def test_the_base_url_is_that_of_the_example(number: int) -> None:
    name, place, url = PAGE[number]
    assert base_url(profile(name), place) == url
    assert profile_for_url(f"{url}/chat/completions") == name


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_gemini_is_also_at_a_host_without_a_region(version: str) -> None:
    url = base_url(profile("vertex-gemini"), Place("my-project", "global", version=version))
    assert (
        url
        == f"https://aiplatform.googleapis.com/{version}/projects/my-project/locations/global/endpoints/openapi"
    )


@pytest.mark.parametrize("location", ["us", "eu"])
@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_multi_region_has_a_host_of_another_form(location: str, version: str) -> None:
    place = Place("my-project", location, version=version)
    host = f"https://aiplatform.{location}.rep.googleapis.com/{version}"
    url = f"{host}/projects/my-project/locations/{location}/endpoints"
    assert base_url(profile("vertex-gemini"), place) == f"{url}/openapi"
    assert profile_for_url(f"{url}/openapi/chat/completions") == "vertex-gemini"
    for name in ("vertex-vllm", "vertex-tgi"):
        assert base_url(profile(name), replace(place, endpoint="mg-endpoint-1")) == (
            f"{url}/mg-endpoint-1"
        )
    assert profile_for_url(f"{url}/mg-endpoint-1/chat/completions") == "vertex-vllm"


OPENAPI = "/v1beta1/projects/p/locations/global/endpoints/openapi/chat/completions"
DEPLOYED_PATH = "/v1/projects/p/locations/us-central1/endpoints/mg-endpoint-1/chat/completions"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"https://aiplatform.googleapis.com:443{OPENAPI}", "vertex-gemini"),
        (f"https://AIPlatform.GoogleAPIs.com{OPENAPI}", "vertex-gemini"),
        (f"HTTPS://AIPLATFORM.EU.REP.GOOGLEAPIS.COM:443{OPENAPI}", "vertex-gemini"),
        (f"https://aiplatform.europe-west4.rep.googleapis.com{OPENAPI}", "vertex-gemini"),
        (
            "https://generativelanguage.GOOGLEAPIS.com:443/v1beta/openai/chat/completions",
            "gemini-api",
        ),
        ("https://API.openai.com:443/v1/chat/completions", "openai"),
        (f"https://mg-endpoint-1.us-central1-42.prediction.vertexai.goog{DEPLOYED_PATH}", VLLM),
        (f"https://1-us-central1-42.Prediction.p.vertexai.goog:443{DEPLOYED_PATH}", VLLM),
        (f"https://aiplatform.googleapis.com:8443{OPENAPI}", None),
        (f"https://eu-aiplatform.googleapis.com{OPENAPI}", None),
        (f"https://aiplatform.asia.rep.googleapis.com{OPENAPI}", None),
        (f"https://evilaiplatform.googleapis.com{OPENAPI}", None),
        (f"https://aiplatform.googleapis.com.evil.example{OPENAPI}", None),
        (f"https://x.prediction.vertexai.goog.evil{DEPLOYED_PATH}", None),
        (f"http://aiplatform.googleapis.com{OPENAPI}", None),
    ],
)
def test_a_url_is_recognised_however_its_host_is_written(url: str, name: str | None) -> None:
    assert profile_for_url(url) == name


@pytest.mark.parametrize("name", ["vertex-vllm", "vertex-tgi"])
def test_a_deployed_model_may_have_a_host_of_its_own(name: str) -> None:
    url = base_url(profile(name), replace(DEPLOYED, project_number="42"))
    assert (
        url
        == "https://1234567890.us-central1-42.prediction.vertexai.goog/v1/projects/my-project/locations/us-central1/endpoints/1234567890"
    )


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("openai", "https://api.openai.com/v1"),
        ("gemini-api", "https://generativelanguage.googleapis.com/v1beta/openai"),
    ],
)
def test_a_url_without_a_place_stands_as_it_is(name: str, url: str) -> None:
    assert base_url(profile(name), Place()) == url


@pytest.mark.parametrize("project", ["my-project-1", "example.com:my-project", "123456789"])
def test_a_project_may_be_told_by_id_or_number(project: str) -> None:
    assert f"/projects/{project}/" in base_url(
        profile("vertex-gemini"), replace(REGIONAL, project=project)
    )


@pytest.mark.parametrize(
    ("name", "place", "said"),
    [
        (
            "vertex-gemini",
            Place("", "us-central1"),
            (
                "--project is missing: profile vertex-gemini needs it (the id of a project, such as"
                " my-project-1)"
            ),
        ),
        (
            "vertex-gemini",
            Place("my-project"),
            (
                "--location is missing: profile vertex-gemini needs it (global, us, eu,"
                " or a region such as us-central1)"
            ),
        ),
        (
            "vertex-vllm",
            REGIONAL,
            (
                "--endpoint is missing: profile vertex-vllm needs it (the id of an endpoint, such"
                " as 1234567890)"
            ),
        ),
        (
            "vertex-gemini",
            Place("My Project", "us-central1"),
            "--project must be the id of a project, such as my-project-1, not 'My Project'",
        ),
        (
            "vertex-gemini",
            Place("my-project/../x", "us-central1"),
            "--project must be the id of a project, such as my-project-1, not 'my-project/../x'",
        ),
        (
            "vertex-gemini",
            Place("my-project", "us-central1-a"),
            (
                "--location must be global, us, eu, or a region such as us-central1, not"
                " 'us-central1-a'"
            ),
        ),
        (
            "vertex-gemini",
            Place("my-project", "evil.test/"),
            "--location must be global, us, eu, or a region such as us-central1, not 'evil.test/'",
        ),
        (
            "vertex-gemini",
            Place("my-project\n", "us-central1"),
            "--project must be the id of a project, such as my-project-1, not 'my-project\\n'",
        ),
        (
            "vertex-vllm",
            replace(DEPLOYED, endpoint="a/b"),
            "--endpoint must be the id of an endpoint, such as 1234567890, not 'a/b'",
        ),
        (
            "vertex-vllm",
            replace(DEPLOYED, project_number="one"),
            "--project-number must be the number of the project, such as 123456789, not 'one'",
        ),
        (
            "vertex-gemini",
            replace(REGIONAL, version="v2"),
            "--api-version must be v1 or v1beta1, not 'v2'",
        ),
        (
            "vertex-gemini",
            DEPLOYED,
            "--endpoint: profile vertex-gemini does not use it; leave it out",
        ),
        (
            "gemini-api",
            Place("my-project"),
            "--project: profile gemini-api does not use it; leave it out",
        ),
        (
            "vertex-gemini",
            replace(REGIONAL, project_number="42"),
            "--project-number: profile vertex-gemini does not use it; leave it out",
        ),
        (
            "vertex-vllm",
            replace(GLOBALLY_DEPLOYED, project_number="42"),
            "--location: profile vertex-vllm has no URL for 'global'",
        ),
        (
            "vertex-vllm",
            replace(DEPLOYED, location="eu", project_number="42"),
            "--location: profile vertex-vllm has no URL for 'eu'",
        ),
        (
            "openai-compatible",
            Place(),
            "--base-url is missing: profile openai-compatible has no default URL",
        ),
        (
            "azure-openai",
            Place(),
            (
                "--base-url is missing: profile azure-openai needs the whole URL, as no option"
                " gives its resource"
            ),
        ),
    ],
)
def test_what_makes_no_url_is_told_in_one_line(name: str, place: Place, said: str) -> None:
    with pytest.raises(TargetError) as caught:
        base_url(profile(name), place)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
