"""Images and sounds: which URIs, media types and base64 are accepted."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.endpoints.reference import PROFILES
from conformance.endpoints.reference.generators.signatures import is_genuine
from conformance.judging.rules.errors import error_message
from conformance.protocol.chat.facts import Facts

Ask = Callable[..., Facts]
ALL = pytest.mark.parametrize("profile", PROFILES)
PNG = "data:image/png;base64,aGVsbG8="
GS = "gs://bucket/picture.jpg"


def image(url: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": "image_url",
        "image_url": url if more.pop("bare", False) else {"url": url, **more},
    }


def sound(data: str, form: str = "wav") -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": data, "format": form}}


def takers(part: dict[str, Any], ask: Ask) -> list[str]:
    """The profiles that accept a content part; the others reject it with 400."""
    answers = {
        profile: ask(profile, [{"type": "text", "text": "Look."}, part]).status
        for profile in PROFILES
    }
    assert set(answers.values()) <= {200, 400}
    return [profile for profile, status in answers.items() if status == 200]


EVERYONE = list(PROFILES)
GOOGLE = ["vertex-gemini", "gemini-api"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (image(PNG), EVERYONE),
        (image("DATA:image/PNG;name=red.png;base64,aGVsbG8="), EVERYONE),
        (image("https://example.com/a.png"), EVERYONE),
        (image("https://"), []),
        (image(GS), ["vertex-gemini"]),
        (image(GS, bare=True), ["vertex-gemini"]),
        (image(PNG, bare=True), GOOGLE),
        (image("data:text/plain;base64,aGVsbG8="), GOOGLE),
        (image("data:image/png;base64,%%%"), []),
        (image("data:image/png;base64,"), []),
        (image("data:image/png,aGVsbG8="), []),
        (image("data:;base64,aGVsbG8="), []),
        (image("data:image/png"), []),
        (image("ftp://example.com/a.png"), []),
        (image("a.png"), []),
        (image(PNG, detail="low"), EVERYONE),
        (image(PNG, detail="sharp"), []),
        (sound("aGVsbG8="), EVERYONE),
        (sound("aGVsbG8"), []),
        (sound("***"), []),
        (sound("aGVsbG8=", "tape recorder"), []),
        (sound("aGVsbG8=", "audio/mp3"), GOOGLE),
        (sound("gs://bucket/a.mp3", "audio/mp3"), ["vertex-gemini"]),
        (sound("data:audio/mp3;base64,aGVsbG8=", "audio/mp3"), GOOGLE),
        ({"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}, ["vertex-vllm"]),
        ({"type": "file", "file": {"file_id": "1"}}, ["openai"]),
        ({"type": "hologram"}, []),
    ],
)
def test_who_takes_what(part: dict[str, Any], expected: list[str], ask: Ask) -> None:
    assert takers(part, ask) == expected


@ALL
def test_each_image_costs(profile: str, ask: Ask) -> None:
    contents = [[{"type": "text", "text": "Look."}, *[image(PNG)] * number] for number in range(3)]
    none, one, two = (
        ask(profile, content).usages[0].value["prompt_tokens"] for content in contents
    )
    assert none < one < two


def test_a_uri_means_the_same_as_a_string_and_in_an_object(ask: Ask) -> None:
    one, other = ask("vertex-gemini", [image(GS)]), ask("vertex-gemini", [image(GS, bare=True)])
    assert one.choices[0].text == other.choices[0].text
    assert one.usages[0].value == other.usages[0].value


@pytest.mark.parametrize(
    ("profile", "model", "status"),
    [
        ("vertex-gemini", "google/gemini-2.5-pro", 400),
        ("vertex-gemini", "google/gemini-3-pro-preview", 200),
        ("gemini-api", "gemini-2.5-pro", 200),
    ],
)
def test_details_may_differ_from_gemini_3_on(
    profile: str, model: str, status: int, ask: Ask
) -> None:
    facts = ask(profile, [image(PNG, detail="low"), image(PNG, detail="high")], model=model)
    assert facts.status == status
    assert status == 200 or "detail" in error_message(facts)


@pytest.mark.parametrize("stream", [False, True])
def test_vertex_draws(stream: bool, ask: Ask) -> None:
    (piece,) = (
        ask(
            "vertex-gemini",
            "Draw a square.",
            model="google/gemini-3-pro-image-preview",
            modalities=["text", "image"],
            stream=stream,
        )
        .choices[0]
        .messages
    )
    assert piece.value["content"] is None
    assert piece.value["audio"]["extra_content"]["google"]["mime_type"] == "image/png"
    assert piece.value["audio"]["data"].startswith("iVBOR")
    assert is_genuine(piece.value["extra_content"]["google"]["thought_signature"])


def test_a_text_model_does_not_draw(ask: Ask) -> None:
    facts = ask("vertex-gemini", "Draw a square.", modalities=["text", "image"])
    assert facts.status == 400
    assert "Multi-modal output" in error_message(facts)


@pytest.mark.parametrize(
    ("profile", "status"), [("gemini-api", 200), ("vertex-vllm", 200), ("openai", 400)]
)
def test_others_write(profile: str, status: int, ask: Ask) -> None:
    facts = ask(profile, "Draw a square.", modalities=["image"])
    assert facts.status == status
    assert status == 400 or facts.choices[0].text


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        (
            [{"file_data": {"mime_type": "image/jpeg", "display_name": "sky.jpg", "file_uri": GS}}],
            200,
        ),
        ([{"file_data": {"mime_type": "image/jpeg", "file_uri": "nowhere"}}], 400),
        ([{"file_data": {"file_uri": GS}}], 400),
        ([{}], 400),
        ("sky.jpg", 400),
    ],
)
def test_a_tool_result_brings_files(parts: Any, status: int, ask: Ask) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    result = {
        "role": "tool",
        "tool_call_id": "call_1",
        "content": "{}",
        "extra_content": {"google": {"parts": parts}},
    }
    assert (
        ask(
            "vertex-gemini",
            model="google/gemini-2.5-flash",
            messages=[
                {"role": "user", "content": "Hi"},
                {"role": "assistant", "tool_calls": [call]},
                result,
            ],
        ).status
        == status
    )
