"""Put load on the reference endpoint: streamed requests over real sockets, many at a time.

Each response must be complete.
"""

import asyncio
import statistics
import subprocess
import sys
import time

import httpx

PROFILES = ("vertex-gemini", "gemini-api", "vertex-vllm", "openai")
REQUESTS, CONCURRENCY = 1000, 64
TOKEN = "self-test"


async def load(url: str, model: str) -> tuple[list[float], list[str], float]:
    """Send all requests to one endpoint.

    Returns the seconds of each response, a message for each that was incomplete or failed, and the
    seconds that all took together.
    """
    places = asyncio.Semaphore(CONCURRENCY)
    seconds: list[float] = []
    errors: list[str] = []

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": f"Say hello, number {number}."}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        async with places:
            begun = time.perf_counter()
            try:
                async with client.stream("POST", f"{url}/chat/completions", json=body) as answer:
                    lines = [line async for line in answer.aiter_lines() if line]
                complete = (
                    answer.status_code == 200
                    and len(lines) > 3
                    and lines[-1] == "data: [DONE]"
                    and any('"usage":{' in line for line in lines)
                )
                if not complete:
                    errors.append(
                        f"request {number}: status {answer.status_code}, {len(lines)} events, the"
                        f" last is {lines[-1:]}"
                    )
            except httpx.HTTPError as error:
                errors.append(f"request {number}: {error!r}")
            seconds.append(time.perf_counter() - begun)

    limits = httpx.Limits(max_connections=CONCURRENCY)
    async with httpx.AsyncClient(
        headers={"authorization": f"Bearer {TOKEN}"}, limits=limits, timeout=60
    ) as client:
        begun = time.perf_counter()
        await asyncio.gather(*(ask(client, number) for number in range(REQUESTS)))
    return seconds, errors, time.perf_counter() - begun


def main() -> None:
    """Put load on one profile after the other and print the figures.

    The exit code is 1 if a response was incomplete.
    """
    failed = 0
    for profile in PROFILES:
        command = [
            sys.executable,
            "-c",
            "from conformance.cli import main; main()",
            "serve",
            "--profile",
            profile,
            "--port",
            "0",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            lines = [server.stdout.readline() for _ in range(4)]
            url, model = lines[1].split()[-1], lines[3].split()[1].rstrip(",")
            seconds, errors, total = asyncio.run(load(url, model))
            server.terminate()
        failed += len(errors)
        late = statistics.quantiles(seconds, n=100)[98]
        print(
            f"{profile:14} {len(seconds)} streams, {CONCURRENCY} at a time: {len(errors)} errors,"
            f" {total:.1f} s, {len(seconds) / total:.0f} a second, median"
            f" {statistics.median(seconds) * 1000:.0f} ms, 99 % within {late * 1000:.0f} ms"
        )
        print(*errors[:5], sep="\n", end="\n" if errors else "")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
