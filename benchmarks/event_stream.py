"""Compare the speed of the event-stream parser with client libraries.

These are httpx-sse, and httpx2 and openai if they are installed.
"""

import importlib
import random
from collections.abc import Callable, Iterator
from functools import partial

import httpx
from httpx_sse import EventSource
from timing import interleaved

from conformance.protocol.event_stream import EventStream, parse

CHUNK = (
    b'{"id":"chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012","object":"chat.completion.chunk","created":1760000000,"model":"google/gemini-2.5-flash","system_fingerprint":"fp_0123456789","service_tier":"default","choices":[{"index":0,"delta":{"content":"'
    b' word"},"logprobs":null,"finish_reason":null}],"usage":null}'
)
EVENT = b"data: " + CHUNK + b"\n\n"
BODY = EVENT * 20 + b"data: [DONE]\n\n"
STREAM = EVENT * 15_000
HEADERS = {"content-type": "text/event-stream"}

Reader = Callable[[list[bytes]], int]
"""Takes the reads of a stream and returns the number of its events."""


def ours(reads: list[bytes]) -> int:
    """Feed the reads to our parser."""
    stream = EventStream()
    return sum(len(stream.feed(read)) for read in reads)


def httpx_sse(reads: list[bytes]) -> int:
    """Read with httpx-sse, from a response of httpx."""
    return sum(
        1 for _ in EventSource(httpx.Response(200, headers=HEADERS, content=iter(reads))).iter_sse()
    )


def httpx2(reads: list[bytes]) -> int:
    """Read with the ``EventSource`` of httpx2."""
    library = importlib.import_module("httpx2")
    request = library.Request("POST", "https://example.com")
    return sum(
        1
        for _ in library.EventSource(
            library.Response(200, headers=HEADERS, content=iter(reads), request=request)
        )
    )


def openai(reads: list[bytes]) -> int:
    """Read with the decoder of the openai package."""
    library = importlib.import_module("openai._streaming")
    return sum(1 for _ in library.SSEDecoder().iter_bytes(iter(reads)))


def split(stream: bytes, size: int) -> Iterator[bytes]:
    """Split a stream into reads of ``size`` bytes on average; their sizes vary by up to a half."""
    chance, start = random.Random(size), 0
    while start < len(stream):
        end = start + chance.randint(size // 2, size + size // 2)
        yield stream[start:end]
        start = end


def installed(readers: list[Reader]) -> dict[str, Reader]:
    """Return the readers whose library is installed, by name.

    Raises AssertionError if a reader returns the wrong number of events.
    """
    usable = {}
    for reader in readers:
        try:
            events = reader([BODY])
        except ImportError:
            continue
        assert events == 21, (reader.__name__, events)
        usable[reader.__name__] = reader
    return usable


def report(title: str, size: int, seconds: dict[str, float]) -> None:
    """Print the speed of each reader in MB/s and as a ratio to httpx-sse; ``size`` is in bytes."""
    print(title)
    for name, taken in seconds.items():
        print(
            f"  {name:12} {size / taken / 1e6:7.0f} MB/s  {seconds['httpx_sse'] / taken:5.2f} x"
            " httpx-sse"
        )


def main() -> None:
    """Measure reads of three sizes, then complete bodies."""
    readers = installed([ours, httpx_sse, httpx2, openai])
    for size in (4096, 400, 64):
        reads = list(split(STREAM, size))
        seconds = interleaved({name: partial(read, reads) for name, read in readers.items()})
        report(f"reads of about {size} bytes", len(STREAM), seconds)
    bodies: dict[str, Callable[[], object]] = {
        name: partial(read, [BODY]) for name, read in readers.items()
    }
    report(
        "whole bodies of 20 chunks and [DONE]",
        len(BODY),
        interleaved(bodies | {"ours": partial(parse, BODY)}, times=1000),
    )


if __name__ == "__main__":
    main()
