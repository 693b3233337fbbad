"""Features of images, sounds and documents: media type, location and form."""

from collections.abc import Callable

from conformance.cases.features.feature import Body, Feature, words
from conformance.cases.features.request_access import image_urls, images, messages, parts, sounds
from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.json_access import dict_items

IMAGES = ("png", "jpeg", "gif", "webp", "gs-image", "https-image")
"""The features that add an image."""

_MEDIA = (*IMAGES, "wav", "mp3", "gs-audio", "data-audio", "pdf")


def _has_image(*prefixes: str) -> Callable[[Body], bool]:
    return lambda body: any(url.lower().startswith(prefixes) for url in image_urls(body))


def _has_sound(test: Callable[[str, str], bool]) -> Callable[[Body], bool]:
    return lambda body: any(test(kind, data) for kind, data in sounds(body))


def _has_detail(detail: str) -> Callable[[Body], bool]:
    return lambda body: any(image.get("detail") == detail for image in images(body))


def _begins_with_a_medium(body: Body) -> bool:
    first = [
        dict_items(message.get("content"))[0].get("type")
        for message in messages(body, "user")
        if dict_items(message.get("content"))
    ]
    return any(kind in ("image_url", "input_audio") for kind in first)


def _is_string(body: Body) -> bool:
    return any(isinstance(part.get("image_url"), str) for part in parts(body, "image_url"))


def _draws(body: Body) -> bool:
    return ChatRequest(body).asks_image_output


def _medium(
    name: str, phrase: str, source: str, is_in: Callable[[Body], bool], needs: str
) -> Feature:
    return Feature(name, "multimodal", phrase, source, is_in, words(needs))


def _detail(detail: str) -> Feature:
    implies = (IMAGES,)
    return Feature(
        f"detail-{detail}",
        "multimodal",
        f"detail {detail}",
        "2, OA-SPEC",
        _has_detail(detail),
        words("image"),
        "detail",
        words("image-string"),
        implies,
    )


FEATURES = (
    _medium("png", "a PNG image", "3.6, OA-SPEC", _has_image("data:image/png"), "image"),
    _medium("jpeg", "a JPEG image", "3.6, OA-SPEC", _has_image("data:image/jpeg"), "image"),
    _medium("gif", "a GIF image", "3.6, OA-SPEC", _has_image("data:image/gif"), "image image-gif"),
    _medium("webp", "a WebP image", "3.6, OA-SPEC", _has_image("data:image/webp"), "image"),
    _medium("gs-image", "an image by gs://", "3.6, V-OV", _has_image("gs:"), "image gcs"),
    _medium("https-image", "an image by https", "3.6, V-OV", _has_image("https:"), "image"),
    _medium(
        "wav",
        "a WAV sound",
        "3.8, G-OAI, OA-SPEC",
        _has_sound(lambda kind, data: kind == "wav" and ":" not in data),
        "audio",
    ),
    _medium(
        "mp3",
        "an MP3 sound",
        "3.9, OA-SPEC",
        _has_sound(lambda kind, data: kind == "mp3" and ":" not in data),
        "audio",
    ),
    _medium(
        "gs-audio",
        "a sound by gs://",
        "3.8, 3.9, V-OV",
        _has_sound(lambda _, data: data.startswith("gs:")),
        "audio gcs",
    ),
    _medium(
        "data-audio",
        "a sound by a data: URI",
        "3.8, V-OV",
        _has_sound(lambda _, data: data.startswith("data:")),
        "audio gcs",
    ),
    _medium("pdf", "a PDF document", "3.7, V-OV", _has_image("data:application/pdf"), "image gcs"),
    Feature(
        "image-string",
        "multimodal",
        "image_url as a string",
        "3.5, C3",
        _is_string,
        words("image gcs"),
        implies=(IMAGES,),
    ),
    _detail("low"),
    _detail("high"),
    Feature(
        "medium-first",
        "multimodal",
        "a medium before the text",
        "3.4",
        _begins_with_a_medium,
        implies=(_MEDIA,),
    ),
    Feature(
        "image-output",
        "multimodal",
        "an image as the answer",
        "2, V-EX, V-OV",
        _draws,
        words("image-output"),
        excludes=words("declared format limit stop n-several web-search google-tools"),
    ),
)
"""From simple to special. ``image_url`` as a string, other media as ``image_url`` and URIs as audio
are documented only for targets that support gs:// URIs, hence the capability gcs."""
