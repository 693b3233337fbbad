"""Edits that add images, sounds and documents."""

import base64
from typing import Any

from hypothesis.strategies import SearchStrategy

from conformance.cases.features import Body
from conformance.cases.media_samples import TINY_FILES
from conformance.cases.strategies.edits import (
    Edit,
    Edits,
    always,
    last_user_message,
    set_question,
)

_SAMPLES = "cloud-samples-data/generative-ai"


def _base64(kind: str) -> str:
    return base64.b64encode(TINY_FILES[kind]()).decode()


def _uri(kind: str) -> str:
    return f"data:{kind};base64,{_base64(kind)}"


def _append(body: Body, question: str, part: dict[str, Any]) -> None:
    set_question(body, question)
    message = last_user_message(body)
    if isinstance(message["content"], str):
        message["content"] = [{"type": "text", "text": message["content"]}]
    message["content"].append(part)


def _image(url: str, question: str = "Which colour is this?") -> SearchStrategy[Edit]:
    return always(
        lambda body: _append(body, question, {"type": "image_url", "image_url": {"url": url}})
    )


def _sound(form: str, data: str) -> SearchStrategy[Edit]:
    return always(
        lambda body: _append(
            body,
            "Describe this:",
            {"type": "input_audio", "input_audio": {"format": form, "data": data}},
        )
    )


def _parts(body: Body, kind: str) -> list[dict[str, Any]]:
    return [part for part in last_user_message(body)["content"] if part["type"] == kind]


def _as_strings(body: Body) -> None:
    for part in _parts(body, "image_url"):
        part["image_url"] = part["image_url"]["url"]


def _in_detail(body: Body, detail: str) -> None:
    for part in _parts(body, "image_url"):
        part["image_url"]["detail"] = detail


def _put_text_last(body: Body) -> None:
    content = last_user_message(body)["content"]
    last_user_message(body)["content"] = [part for part in content if part["type"] != "text"] + [
        part for part in content if part["type"] == "text"
    ]


def _request_image(body: Body) -> None:
    set_question(body, "Draw a red square.")
    body["modalities"] = ["text", "image"]


EDITS: Edits = {
    "png": _image(_uri("image/png")),
    "jpeg": _image(_uri("image/jpeg")),
    "gif": _image(_uri("image/gif")),
    "webp": _image(_uri("image/webp")),
    "gs-image": _image(f"gs://{_SAMPLES}/image/scones.jpg", "Describe this image"),
    "https-image": _image(
        f"https://storage.googleapis.com/{_SAMPLES}/image/scones.jpg", "Describe this image"
    ),
    "wav": _sound("wav", _base64("audio/wav")),
    "mp3": _sound("mp3", _base64("audio/mp3")),
    "gs-audio": _sound("audio/mp3", f"gs://{_SAMPLES}/audio/pixel.mp3"),
    "data-audio": _sound("audio/wav", _uri("audio/wav")),
    "pdf": _image(_uri("application/pdf"), "What does this say?"),
    "image-string": always(_as_strings),
    "detail-low": always(lambda body: _in_detail(body, "low")),
    "detail-high": always(lambda body: _in_detail(body, "high")),
    "medium-first": always(_put_text_last),
    "image-output": always(_request_image),
}
"""All images of a request have the same detail, because Gemini before version 3 requires that."""
