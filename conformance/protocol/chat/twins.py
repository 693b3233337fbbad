"""Twins: two exchanges whose requests are the same except for one known kind of difference."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from conformance.protocol.chat.chat_request import ChatRequest
from conformance.protocol.chat.request_rewrites import (
    Body,
    Rewriting,
    functions_as_tools,
    has_extra_field,
    has_image_as_string,
    has_lone_text,
    images,
    images_as_objects,
    of_messages,
    renamed,
    stop_in_a_list,
    text_by_itself,
    texts,
    without,
    without_defaults,
    without_extra_fields,
    without_images,
    without_thinking,
)
from conformance.protocol.exchange import Exchange, Request

Difference: TypeAlias = Literal[
    "stream",
    "usage",
    "tools",
    "limit",
    "parts",
    "stop",
    "image-form",
    "functions",
    "thinking",
    "extra-field",
    "image",
    "second-image",
    "version",
]
"""What the variant has and the baseline does not.

stream:       an event stream instead of one body, with or without usage;
usage:        usage in the stream, while the baseline streams without;
tools:        tools;
limit:        max_completion_tokens instead of max_tokens;
parts:        text as the only part of a message instead of a string;
stop:         the only stop string in a list instead of as a string;
image-form:   an image_url that is a string instead of an object;
functions:    the older functions instead of tools;
thinking:     another reasoning_effort or thinking_config (neither request is the baseline by its
    content: the first one counts as the baseline);
extra-field:  a field on which no answer depends: an undocumented one, or one for OpenAI's own
    bookkeeping;
image:        an image;
second-image: a second image that differs from the first;
version:      v1beta1 in its URL instead of v1.
"""


class TwinRelation(NamedTuple):
    """The difference between the requests of a twin, and which of the two is the baseline.

    The first one is the baseline, unless ``second_is_baseline`` is true.
    """

    difference: Difference
    second_is_baseline: bool


class _Twin(NamedTuple):
    """How to recognise a difference: ``has`` is true for the variant only, ``alike`` removes it.

    Two requests are twins if exactly one ``has`` the difference and ``alike`` makes them equal.
    """

    difference: Difference
    alike: Rewriting
    has: Callable[[ChatRequest], object]


def twin_relation(a: Request, b: Request) -> TwinRelation | None:
    """Return the one difference between two requests.

    None if they are equal, differ in more than one thing, have different methods or URLs, or have
    no JSON object as body.
    """
    if a.method != b.method or not isinstance(a.body, dict) or not isinstance(b.body, dict):
        return None
    first, second = without_defaults(a.body), without_defaults(b.body)
    if first == second:
        return _of_version(_address(a), _address(b))
    if _address(a) != _address(b):
        return None
    requests = ChatRequest(first), ChatRequest(second)
    for twin in _TWINS:
        in_first, in_second = (bool(twin.has(request)) for request in requests)
        if in_first != in_second and twin.alike(first) == twin.alike(second):
            return TwinRelation(twin.difference, second_is_baseline=in_first)
    if without_thinking(first) == without_thinking(second):
        return TwinRelation("thinking", second_is_baseline=False)
    return None


def _of_version(a: str, b: str) -> TwinRelation | None:
    if a == b or a.replace("/v1beta1/", "/v1/") != b.replace("/v1beta1/", "/v1/"):
        return None
    return TwinRelation("version", "/v1beta1/" in a)


def _address(request: Request) -> str:
    return request.url.partition("#")[0].rstrip("/")


def twins(exchanges: Iterable[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """Yield each pair of twins among exchanges, the baseline first.

    Only requests with the same text in their messages and the same model are compared.
    """
    by_words: dict[Hashable, list[Exchange]] = {}
    for exchange in exchanges:
        if not isinstance(exchange.request.body, dict):
            continue
        similar = by_words.setdefault(_words(exchange.request, exchange.request.body), [])
        for earlier in similar:
            if relation := twin_relation(earlier.request, exchange.request):
                yield (exchange, earlier) if relation.second_is_baseline else (earlier, exchange)
        similar.append(exchange)


def _words(request: Request, body: Body) -> Hashable:
    """Return what no difference changes: URL without version, model, roles and texts."""
    spoken = tuple(
        (str(message.get("role")), *texts(message)) for message in ChatRequest(body).messages
    )
    return (
        request.method,
        _address(request).replace("/v1beta1/", "/v1/"),
        str(body.get("model")),
        spoken,
    )


_TWINS = (
    _Twin("stream", without("stream", "stream_options"), lambda request: request.streams),
    _Twin(
        "usage",
        without("stream_options"),
        lambda request: "include_usage" in request.stream_options,
    ),
    _Twin(
        "tools",
        without("tools", "tool_choice", "parallel_tool_calls"),
        lambda request: request.body.get("tools"),
    ),
    _Twin(
        "limit",
        renamed("max_tokens", "max_completion_tokens"),
        lambda request: "max_completion_tokens" in request.body,
    ),
    _Twin("parts", of_messages(text_by_itself), has_lone_text),
    _Twin("stop", stop_in_a_list, lambda request: isinstance(request.body.get("stop"), list)),
    _Twin("image-form", of_messages(images_as_objects), has_image_as_string),
    _Twin("functions", functions_as_tools, lambda request: "functions" in request.body),
    _Twin("extra-field", without_extra_fields, has_extra_field),
    _Twin("image", without_images, images),
    _Twin(
        "second-image",
        lambda body: without_images(body, kept=1),
        lambda request: len(images(request)) > 1,
    ),
)
