"""MM: images in requests, as far as one exchange shows."""

import re
from collections.abc import Iterator

from conformance.exchange import Finding
from conformance.facts import Facts
from conformance.rules.base import ANY, ERROR, found, rule
from conformance.rules.errors import error_message, gives_no_reason, refuses_request
from conformance.rules.when import image_urls

_IMAGE_WORDS = re.compile(r"image|url|uri|base64|http", re.IGNORECASE)
_FETCH_FAILED = re.compile(
    r"download|fetch|retriev|time[d ]*out|unreachable|access|unsupported image|valid image|image (format|type|size|data)|too (large|big|small)"
    r"|corrupt|decode|\b40[34]\b",
    re.IGNORECASE,
)
_OVERLOAD = (503, 504, 529)


def remote_images(facts: Facts) -> list[str]:
    """The images of the request that the server is to fetch from the web."""
    return [url for url in image_urls(facts) if url.lower().startswith(("https://", "http://"))]


@rule("MM-004", ANY, remote_images, needs=("request",))
def remote_image_is_not_refused(facts: Facts) -> Iterator[Finding]:
    """An https image_url is not refused by an error that names it or no reason at all (a fetch that failed is a reason)"""
    if refuses_request(facts):
        message = error_message(facts)
        if gives_no_reason(message) or (_IMAGE_WORDS.search(message) and not _FETCH_FAILED.search(message)):
            yield found("an image of the web is refused", expected="status 200", actual=message[:200])


@rule("MM-013", ERROR, image_urls, needs=("request",))
def untaken_image_is_no_server_error(facts: Facts) -> Iterator[Finding]:
    """An image that the model cannot take is answered 4xx, never 5xx"""
    if facts.status >= 500 and facts.status not in _OVERLOAD:
        yield found("a request with an image ends in a server error", expected="4xx", actual=facts.status)
