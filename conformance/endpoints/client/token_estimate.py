"""Estimate the tokens that a case costs: text, images, audio, answers and thoughts.

The figures are those of Google's documentation and of genuine answers; other services differ, but
not by much.
"""

import json
import math
import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from conformance.cases import Case
from conformance.protocol.exchange import Json

UNLIMITED_ANSWER = 512
"""Estimated tokens of the visible answer to a request without a token limit."""
THOUGHTS = 1024
"""Estimated tokens of thoughts for one answer; genuine answers to trivial questions have 30 to
1,653."""
HIGH_THOUGHTS, LOW_THOUGHTS = 4096, 256
"""The same for a request with a high effort, and with a low, minimal or no effort."""
IMAGE = 1120
"""Tokens of an image or a page of a document: the default of Gemini 3. Older models take 258 for
a small image or a tile of 768 x 768 pixels."""
AUDIO_PER_SECOND = 32
VIDEO_PER_SECOND = 263
UNKNOWN_SECONDS = 60
"""The length of audio or video that is not in the request itself."""

_CHARACTERS = 4
"""Estimated characters of a prompt per token."""
_BYTES_PER_SECOND = 4000
"""Bytes of a second of compressed audio, at 32 kbit/s."""
_WAV_BYTE_RATE = slice(28, 32)
"""Where the header of a WAV file has its bytes per second, as a little-endian number."""

_DATA_URL = re.compile(r"data:([\w/.+-]*)[^,]{0,100},", re.IGNORECASE)
_AUDIO_NAME = re.compile(r"\.(mp3|wav|flac|ogg|m4a|aac|aiff?|opus)\b", re.IGNORECASE)
_VIDEO_NAME = re.compile(r"\.(mp4|mov|mpe?g|avi|webm|wmv|3gpp?)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The tokens that all turns of a case cost, prompts and answers apart, as prices differ."""

    prompts: int
    answers: int


def tokens_of(case: Case, *, thinks: bool = False) -> int:
    """Estimate the tokens that all turns of a case cost, see ``estimate``."""
    estimated = estimate(case, thinks=thinks)
    return estimated.prompts + estimated.answers


def estimate(case: Case, *, thinks: bool = False) -> Estimate:
    """Estimate the tokens of the prompts and answers of all turns of a case.

    Each turn counts the first prompt, with its media, and the longest answer that the request
    allows. Thoughts count within a limit; if the limit was raised for them (``Case.room``), or
    if there is none and the model thinks, they count as ``THOUGHTS`` or what the request allows.
    """
    body = case.body if isinstance(case.body, dict) else {}
    media = list(_media(body.get("messages")))
    text = [_without_media(body.get("messages")), body.get("tools"), body.get("functions")]
    prompt = len(json.dumps(text, default=str)) // _CHARACTERS + sum(media)
    limit = next(
        (
            value
            for key in ("max_completion_tokens", "max_tokens")
            if _is_count(value := body.get(key))
        ),
        None,
    )
    if limit is None:
        answer = UNLIMITED_ANSWER + (_thoughts(body) if thinks else 0)
    else:
        answer = limit - case.room + (min(_thoughts(body), case.room) if case.room else 0)
    choices: int = body.get("n", 1) if _is_count(body.get("n")) else 1
    turns = 1 + len(case.then)
    return Estimate(prompt * turns, answer * choices * turns)


def _thoughts(body: dict[str, Any]) -> int:
    """Return how many tokens of thoughts a request asks for, by budget or effort."""
    config = _inside(body, "extra_body", "google", "thinking_config") or _inside(
        body, "google", "thinking_config"
    )
    if _is_count(budget := config.get("thinking_budget")):
        return budget
    effort = str(body.get("reasoning_effort") or config.get("thinking_level") or "").lower()
    if effort in ("high", "xhigh", "max"):
        return HIGH_THOUGHTS
    return LOW_THOUGHTS if effort in ("none", "minimal", "low") else THOUGHTS


def _inside(value: Any, *keys: str) -> dict[str, Any]:
    """Return the object at a path of keys, {} if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _parts(messages: Json) -> Iterator[dict[str, Any]]:
    """Yield the content parts of all messages that are objects."""
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict):
                yield part


def _media(messages: Json) -> Iterator[int]:
    """Yield the tokens of each part that is not text."""
    for part in _parts(messages):
        kind = part.get("type")
        value = part.get(kind) if isinstance(kind, str) else None
        if kind == "input_audio":
            data = value.get("data") if isinstance(value, dict) else value
            yield math.ceil(_seconds(str(data or "")) * AUDIO_PER_SECOND)
        elif kind in ("image_url", "video_url", "file"):
            url = value.get("url") or value.get("file_data") if isinstance(value, dict) else value
            yield _tokens_of_url(str(url or ""))


def _tokens_of_url(url: str) -> int:
    """Return the tokens of what a URL stands for; Google takes all media as ``image_url``."""
    start = _DATA_URL.match(url)
    kind = start[1].lower() if start else ""
    if kind.startswith("audio/") or (not start and _AUDIO_NAME.search(url)):
        return math.ceil(_seconds(url) * AUDIO_PER_SECOND)
    if kind.startswith("video/") or (not start and _VIDEO_NAME.search(url)):
        return UNKNOWN_SECONDS * VIDEO_PER_SECOND
    return IMAGE


def _seconds(data: str) -> float:
    """Return the length of audio: of WAV as its header says, of others by their size.

    Audio behind a URL, and data that is not base64, counts as ``UNKNOWN_SECONDS``.
    """
    start = _DATA_URL.match(data)
    text = data[start.end() :] if start else data
    try:
        audio = b64decode(text, validate=True)
    except (Error, ValueError):  # a URL, or not base64
        return UNKNOWN_SECONDS
    if not audio:
        return UNKNOWN_SECONDS
    rate = int.from_bytes(audio[_WAV_BYTE_RATE], "little") if audio.startswith(b"RIFF") else 0
    return len(audio) / (rate or _BYTES_PER_SECOND)


def _without_media(messages: Json) -> Json:
    """Return the messages without their parts that are not text."""
    if not isinstance(messages, list):
        return messages
    return [
        {**message, "content": [part for part in content if not _is_media(part)]}
        if isinstance(message, dict) and isinstance(content := message.get("content"), list)
        else message
        for message in messages
    ]


def _is_media(part: Json) -> bool:
    return isinstance(part, dict) and part.get("type") in (
        "input_audio",
        "image_url",
        "video_url",
        "file",
    )


def _is_count(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
