"""MM: conforming answers give no finding, violations give one.

Nothing is judged without evidence.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from conformance.protocol.exchange import Exchange, Json

Build: TypeAlias = Callable[[Any], Exchange]

REMOTE = {"url": "https://example.invalid/url/image.png"}
INLINE = {"url": "data:image/png;base64,iVBORw0KGgo="}

GOOGLES_404 = {
    "error": {"code": 404, "message": "Publisher Model was not found.", "status": "NOT_FOUND"}
}
GOOGLES_500 = [
    {"error": {"code": 500, "message": "Unable to process the image.", "status": "INTERNAL"}}
]
LATER = {"content-type": "application/json", "retry-after": "1"}


def seeing(image: Json) -> dict[str, Any]:
    """A request with an image."""
    return {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is it?"},
                    {"type": "image_url", "image_url": image},
                ],
            }
        ]
    }


def refused(make: Any, message: Json, image: Json = REMOTE, status: int = 400) -> Exchange:
    made: Exchange = make.error(status, message, request=seeing(image))
    return made


REASONS = [
    "Error while downloading https://example.invalid/image.png.",
    "Timeout while downloading https://example.invalid/image.png.",
    "Failed to download image from https://example.invalid/image.png.",
    "Received 403 status code when fetching image from URL: https://example.invalid/image.png",
    "Cannot fetch content from the provided URL. Please ensure the URL is valid and accessible.",
    (
        "You uploaded an unsupported image. Please make sure your image has of one the following"
        " formats: ['png', 'jpeg', 'gif', 'webp']."
    ),
    "Invalid image.",
    "Provided image is not valid.",
    "Invalid MIME type. Only image types are supported.",
    "The image data you provided does not represent a valid image.",
    "Image size exceeds 20 MB",
    "At most 1 image(s) may be provided in one request.",
    "Your input image may contain content that is not allowed by our safety system.",
    "Invalid content type. image_url is only supported by certain models.",
    "Invalid 'messages[3]'. Content blocks are expected to be either text or image_url type.",
    "Unsupported content part type: image_url",
    "google/gemma-2-9b-it is not a multimodal model",
    "This model does not support image_url",
    (
        "Invalid type for 'messages[0].content[1].image_url': expected an object, but got a string"
        " instead."
    ),
    (
        "Invalid 'messages[0].content[1].image_url.url'. Expected a valid URL, but got a value with"
        " an invalid format."
    ),
    (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in"
        " 200000 tokens."
    ),
    (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
        " 'max_completion_tokens' instead."
    ),
    (
        "Invalid prompt: it was flagged. Please try again with a different prompt:"
        " https://example.invalid/docs/image_url#base64"
    ),
    "The check failed during processing",
]
"""Why an image of the web may be refused, although images of the web are taken."""

REFUSALS = [
    "",
    "Request contains an invalid argument.",
    "external image URLs are not supported",
    "image URLs are not currently supported, please use base64 encoded data instead",
    "Remote image URLs aren't supported.",
    "Fetching remote images is not supported",
    "Downloading images from URLs is disabled",
    "'url' field must be a base64 encoded image.",
    "image_url must start with data:",
    "Only base64 images are supported",
    "Unsupported image URL scheme https",
    "URL sources are not supported",
    "Invalid image_url",
    "invalid image input",
    (
        "Invalid value at 'contents[0].parts[1].inline_data.data' (TYPE_BYTES), Base64 decoding"
        ' failed for "https://example.invalid/image.png"'
    ),
    (
        "Unable to process input image. Please retry or report in"
        " https://example.invalid/troubleshooting"
    ),
]

CONFORMING: dict[str, tuple[str, Build]] = {
    "an image of the web": (
        "openai",
        lambda make: make.completion("A cat.", request=seeing(REMOTE)),
    ),
    "an image of the web as text": (
        "vertex-gemini",
        lambda make: make.error(404, GOOGLES_404, request=seeing(REMOTE["url"])),
    ),
    "an image in the request": (
        "openai",
        lambda make: make.completion("A cat.", request=seeing(INLINE)),
    ),
    "an image in the request refused": (
        "openai",
        lambda make: refused(make, "base64 URLs are not supported", INLINE),
    ),
    "another model": (
        "openai",
        lambda make: refused(
            make, "The model `gpt-5` does not exist or you do not have access to it.", status=404
        ),
    ),
    "a broken request": (
        "openai",
        lambda make: make.error(
            400, "Invalid request", request=seeing(REMOTE) | {"temperature": 9}
        ),
    ),
    "overload": (
        "openai",
        lambda make: refused(make, "The model is overloaded. Please try again later.", status=503),
    ),
    "a bad gateway": (
        "openai-compatible",
        lambda make: refused(make, "Bad gateway", INLINE, status=502),
    ),
    "an outage": (
        "openai",
        lambda make: refused(
            make,
            "The server had an error while processing your request. Sorry about that!",
            INLINE,
            status=500,
        ),
    ),
    "a limit of rate": (
        "openai",
        lambda make: make.error(429, "Slow down.", request=seeing(INLINE), headers=LATER),
    ),
    "a text alone": ("openai", lambda make: make.error(500, "Internal error")),
}

VIOLATING: dict[str, tuple[str, Build, str]] = {
    "a 500 for an image": (
        "openai",
        lambda make: refused(make, "Unsupported content part type: image_url", INLINE, status=500),
        "MM-013",
    ),
    "a 500 without a reason": (
        "openai",
        lambda make: refused(make, "Internal server error", INLINE, status=500),
        "MM-013",
    ),
    "a 502 that names the image": (
        "openai",
        lambda make: refused(make, "upstream: image input is unknown here", INLINE, status=502),
        "MM-013",
    ),
    "a 503 that names the image": (
        "openai",
        lambda make: refused(make, "processing failed: base64 image", INLINE, status=503),
        "MM-013",
    ),
    "a 500 of Google": (
        "vertex-gemini",
        lambda make: refused(make, GOOGLES_500, "gs://b/image.png", status=500),
        "MM-013 ERR-018",
    ),
    "no body at all": (
        "openai",
        lambda make: make.error(500, b"", request=seeing(INLINE)),
        "MM-013 ERR-001",
    ),
    "a reasonless refusal, of the provider": (
        "openai-compatible",
        lambda make: refused(
            make,
            {
                "error": {
                    "message": "Provider returned error",
                    "type": "x",
                    "param": None,
                    "code": None,
                }
            },
        ),
        "MM-004",
    ),
}

UNJUDGED: dict[str, tuple[str, Build]] = {
    "an image that is not of the web": (
        "MM-004",
        lambda make: make.completion(request=seeing(INLINE)),
    ),
    "an image of a bucket": (
        "MM-004",
        lambda make: make.completion(request=seeing("gs://b/image.png")),
    ),
    "no image": ("MM-013", lambda make: make.error(500)),
    "an unknown request": ("MM-013", lambda make: make.error(500, request=None)),
}


@pytest.mark.parametrize("case", CONFORMING)
def test_what_conforms_stays_silent(case: str, make: Any, findings: Any) -> None:
    profile, build = CONFORMING[case]
    assert findings(build(make), profile) == {}


@pytest.mark.parametrize("case", VIOLATING)
def test_what_breaks_a_row_is_told_by_that_row(case: str, make: Any, findings: Any) -> None:
    profile, build, rows = VIOLATING[case]
    assert sorted(findings(build(make), profile)) == sorted(rows.split())


@pytest.mark.parametrize("message", REFUSALS)
def test_an_image_of_the_web_is_refused(message: str, make: Any, findings: Any) -> None:
    body = {
        "error": {
            "message": message or "error",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
    }
    assert set(findings(refused(make, body))) == {"MM-004"}
    assert set(findings(refused(make, body, REMOTE["url"].replace("https", "HTTP")))) == {"MM-004"}


@pytest.mark.parametrize("message", REASONS)
def test_an_image_is_refused_for_another_reason(message: str, make: Any, findings: Any) -> None:
    assert findings(refused(make, message)) == {}


def test_the_reason_may_stand_in_the_small_print(make: Any, findings: Any) -> None:
    details = [
        {
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"description": "temperature is out of range"}],
        }
    ]
    google = {
        "error": {
            "code": 400,
            "message": "Request contains an invalid argument.",
            "status": "INVALID_ARGUMENT",
            "details": details,
        }
    }
    assert findings(refused(make, google), "gemini-api") == {}
    routed = {
        "error": {
            "code": 400,
            "message": "Provider returned error",
            "metadata": {"raw": "max_tokens is too large", "provider_name": "x"},
        }
    }
    assert "MM-004" not in findings(refused(make, routed), "openai-compatible")


@pytest.mark.parametrize(
    "details",
    [None, 1, "x", [1], [{"fieldViolations": 1}], [{"fieldViolations": [1, {"description": 2}]}]],
)
def test_small_print_of_any_shape_is_read(details: Json, make: Any, findings: Any) -> None:
    google = {
        "error": {
            "code": 400,
            "message": "Request contains an invalid argument.",
            "status": "INVALID_ARGUMENT",
            "details": details,
        }
    }
    assert "MM-004" in findings(refused(make, google), "gemini-api")


@pytest.mark.parametrize("case", UNJUDGED)
def test_what_is_not_known_is_not_judged(case: str, make: Any, outcomes: Any) -> None:
    row, build = UNJUDGED[case]
    assert outcomes(build(make))[row] == "not exercised"


def test_every_row_has_both(make: Any, unproven: Any) -> None:
    conforming = [(profile, build(make)) for profile, build in CONFORMING.values()]
    violating = [(profile, build(make)) for profile, build, _ in VIOLATING.values()]
    assert unproven("MM", conforming, violating) == set()


def test_a_refusal_without_a_body_refuses_no_image(make: Any, findings: Any) -> None:
    assert "MM-004" not in findings(make.error(400, b"", request=seeing(REMOTE)))


def test_the_evidence_says_what_was_met(make: Any, findings: Any) -> None:
    found = findings(refused(make, REFUSALS[2] + " " + "x" * 300))["MM-004"]
    assert (found.expected, len(found.actual)) == ("status 200", 200)
    failed = findings(refused(make, "Internal server error", INLINE, status=501))["MM-013"]
    assert (failed.expected, failed.actual) == ("4xx", 501)
