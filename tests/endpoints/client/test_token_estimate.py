"""The estimate of the tokens of a case counts text, media, answers and thoughts."""

from base64 import b64encode
from dataclasses import replace

import pytest

from conformance.cases import Case, Turn
from conformance.cases.media_samples import png
from conformance.cases.thinking_room import with_room
from conformance.endpoints.client.token_estimate import (
    HIGH_THOUGHTS,
    IMAGE,
    LOW_THOUGHTS,
    THOUGHTS,
    UNLIMITED_ANSWER,
    Estimate,
    estimate,
    tokens_of,
)
from conformance.protocol.exchange import Json
from tests.endpoints.client.test_budget import case

LIMITED = estimate(case(max_tokens=100))


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        ({}, UNLIMITED_ANSWER),
        ({"max_tokens": 10}, 10),
        ({"max_completion_tokens": 10, "max_tokens": 5}, 10),
        ({"n": 3, "max_tokens": 10}, 30),
        ({"max_tokens": True, "n": "x"}, UNLIMITED_ANSWER),
    ],
)
def test_an_estimate_is_the_prompt_and_the_longest_answers(
    body: dict[str, object], answers: int
) -> None:
    prompt = tokens_of(case(max_tokens=1)) - 1
    assert prompt > 0
    assert tokens_of(case(**body)) == prompt + answers


def test_each_turn_is_estimated_and_text_that_is_no_body_too() -> None:
    whole = Case(
        "x",
        "x",
        "x",
        frozenset(),
        "/x",
        {"messages": [], "max_tokens": 10},
        then=(Turn(user="a"), Turn(user="b")),
    )
    assert tokens_of(whole) > 30
    assert tokens_of(Case("x", "x", "x", frozenset(), "/x", "{")) >= UNLIMITED_ANSWER


def asking(*parts: Json) -> Case:
    return case(messages=[{"role": "user", "content": list(parts)}], max_tokens=100)


def media(part: Json) -> int:
    """The tokens of a part, without those of the message that it is in."""
    return estimate(asking(part)).prompts - estimate(asking()).prompts


def inline(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{b64encode(data).decode()}"


def wav(seconds: int) -> bytes:
    """A WAV file of 8,000 bytes per second."""
    header = b"RIFF" + bytes(24) + (8000).to_bytes(4, "little") + bytes(12)
    return header + bytes(8000 * seconds - len(header))


@pytest.mark.parametrize(
    "url", ["https://a.example/x.png", "gs://b/scones.jpg", inline("image/png", png() * 50), ""]
)
@pytest.mark.parametrize("as_object", [True, False])
def test_an_image_costs_the_same_however_it_is_sent(url: str, as_object: bool) -> None:
    assert media({"type": "image_url", "image_url": {"url": url} if as_object else url}) == IMAGE
    assert 258 <= IMAGE <= 1120


@pytest.mark.parametrize(
    ("data", "tokens"),
    [
        ("gs://cloud-samples-data/generative-ai/audio/pixel.mp3", 60 * 32),
        ("https://a.example/x.mp3", 60 * 32),
        ("", 60 * 32),
        (b64encode(wav(5)).decode(), 5 * 32),
        (inline("audio/wav", wav(90)), 90 * 32),
        (b64encode(b"\xff\xf3" * 4000).decode(), 2 * 32),
    ],
)
def test_audio_costs_by_its_length_and_counts_as_a_minute_if_that_is_unknown(
    data: str, tokens: int
) -> None:
    assert media({"type": "input_audio", "input_audio": {"format": "mp3", "data": data}}) == tokens


def test_audio_video_and_documents_may_come_as_an_image_url() -> None:
    def of(url: str) -> int:
        return media({"type": "image_url", "image_url": {"url": url}})

    assert of("gs://b/pixel.mp3") == of(inline("audio/mpeg", b"x" * 240_000)) == 60 * 32
    assert of("gs://b/pixel.mp4") == of(inline("video/mp4", b"x")) == 60 * 263
    assert of(inline("application/pdf", b"x" * 90_000)) == IMAGE


def test_each_turn_repeats_the_media() -> None:
    picture = asking({"type": "image_url", "image_url": "gs://b/scones.jpg"})
    twice = estimate(replace(picture, then=(Turn(user="And now?"),)))
    assert twice == Estimate(2 * estimate(picture).prompts, 2 * estimate(picture).answers)


@pytest.mark.parametrize(
    ("body", "thoughts"),
    [
        ({}, THOUGHTS),
        ({"reasoning_effort": "medium"}, THOUGHTS),
        ({"reasoning_effort": "high"}, HIGH_THOUGHTS),
        ({"reasoning_effort": "none"}, LOW_THOUGHTS),
        (
            {"extra_body": {"google": {"thinking_config": {"thinking_level": "HIGH"}}}},
            HIGH_THOUGHTS,
        ),
        ({"extra_body": {"google": {"thinking_config": {"thinking_budget": 2000}}}}, 2000),
        ({"google": {"thinking_config": {"thinking_level": "low"}}}, LOW_THOUGHTS),
        ({"extra_body": {"google": {"thinking_config": "x"}}, "reasoning_effort": 7}, THOUGHTS),
    ],
)
def test_a_model_that_thinks_costs_its_thoughts(body: dict[str, Json], thoughts: int) -> None:
    free = case(**body)
    assert estimate(free, thinks=True).answers == UNLIMITED_ANSWER + thoughts
    assert estimate(free).answers == UNLIMITED_ANSWER
    roomy = with_room(case(max_tokens=100, **body))
    assert roomy.room > 0
    assert estimate(roomy, thinks=True).answers == 100 + thoughts
    assert estimate(case(max_tokens=100, **body), thinks=True).answers == LIMITED.answers == 100
