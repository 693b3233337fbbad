"""MM: images in requests, as far as one exchange shows it."""

import re
from collections.abc import Iterator

from conformance.judging.predicates.conditions import image_urls
from conformance.judging.predicates.error_wording import (
    gives_no_reason,
    tells_of_outage,
    without_links,
)
from conformance.judging.rule import ANY, ERROR, finding, rule
from conformance.judging.rules.errors import error_message, refuses_request
from conformance.protocol.chat.facts import Facts
from conformance.protocol.chat.request_schema import breaks_schema
from conformance.protocol.exchange import Finding

_NAMES_AN_IMAGE = re.compile(r"image|\b(?:url|uri)s?\b|base64|inline_data", re.IGNORECASE)
_MODEL_TAKES_NONE = re.compile(
    r"\bmodels?\b.{0,80}(?:support|accept|vision|multi-?modal|image)|(?:support|accept|vision|multi-?modal).{0,80}\bmodels?\b|content"
    r" (?:block|part|type)",
    re.IGNORECASE,
)
_URL_IS_REFUSED = re.compile(
    r"(?:urls?|uris?|remote|external|https?|fetching|downloading)\b[^.]{0,40}(?:not|n't) (?:\w+"
    r" )?(?:supported|allowed|permitted|enabled|accepted)"
    r"|(?:urls?|fetching|downloading)\b[^.]{0,40}disabled|unsupported [^.]{0,20}\b(?:url|scheme)"
    r"|(?:only|must"
    r" (?:be|start|begin))\b[^.]{0,20}\b(?:base64|data)\b|base64[^.]{0,30}\binstead|base64 decoding"
    r" failed|invalid image input",
    re.IGNORECASE,
)
_IMAGE_IS_BAD = re.compile(
    r"download|fetch|retriev|tim(?:e|ed)[ -]?out|unreachable|\b(?:in)?access|(?:could|can) ?not"
    r" (?:load|open|get|read|resolve)|failed to (?:load|open|get|read)"
    r"|\b(?:40[134]|410|5\d\d)\b|unsupported image\b|valid (?:image|url)\b|image (?:is |was"
    r" )?(?:not valid|invalid)|not an image|does not appear"
    r"|image (?:format|types?|size|data|dimension|resolution)|mime|too"
    r" (?:large|big|small|many|long)|at most|exceed|maximum|corrupt|decode"
    r"|no route|safety|polic(?:y|ies)|moderation|flagged|expected an?|invalid type|missing"
    r" required|\bdetail\b",
    re.IGNORECASE,
)


def remote_images(facts: Facts) -> list[str]:
    """The request has images that the server must fetch from the web; returns their URLs."""
    return [
        url
        for url in facts.chat_request.image_urls
        if url.lower().startswith(("https://", "http://"))
    ]


def refuses_remote_image(message: str) -> bool:
    """Return whether an error rejects an image because it is on the web, or without a reason.

    False if something is wrong with this image, or if the model supports no images.
    """
    words = without_links(message)
    if _MODEL_TAKES_NONE.search(words):
        return False
    if not message:
        return False  # ERR-001 or ERR-003 reports it
    return (
        gives_no_reason(message)
        or bool(_URL_IS_REFUSED.search(words))
        or bool(_NAMES_AN_IMAGE.search(words) and not _IMAGE_IS_BAD.search(words))
    )


@rule("MM-004", ANY, remote_images, needs=("request",))
def remote_image_is_not_refused(facts: Facts) -> Iterator[Finding]:
    message = error_message(facts)
    if (
        refuses_request(facts)
        and refuses_remote_image(message)
        and not breaks_schema(facts.request)
    ):
        yield finding(
            "an image on the web is rejected", expected="status 200", actual=message[:200]
        )


@rule("MM-013", ERROR, image_urls, needs=("request",))
def untaken_image_is_no_server_error(facts: Facts) -> Iterator[Finding]:
    message = without_links(error_message(facts))
    names_it = _NAMES_AN_IMAGE.search(message)
    if (
        facts.status >= 500
        and (names_it or facts.status in (500, 501))
        and not (tells_of_outage(message) and not names_it)
    ):
        yield finding(
            "a request with an image is answered with a server error",
            expected="4xx",
            actual=facts.status,
        )


RULES = (
    remote_image_is_not_refused,
    untaken_image_is_no_server_error,
)
