"""The SDK calls that read an answer, each with the blocking and the asynchronous client."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import openai

from conformance.runs.sdk.player import Player
from conformance.runs.sdk.sdk_request import Asked

Call: TypeAlias = Callable[[openai.OpenAI, Asked], Any]
AsyncCall: TypeAlias = Callable[[openai.AsyncOpenAI, Asked], Awaitable[Any]]


def create(client: openai.OpenAI, asked: Asked) -> Any:
    """Call ``create()`` without streaming and return the completion."""
    return client.chat.completions.create(**asked.arguments)


async def create_async(client: openai.AsyncOpenAI, asked: Asked) -> Any:
    """Call ``create()`` without streaming and return the completion."""
    return await client.chat.completions.create(**asked.arguments)


def parse(client: openai.OpenAI, asked: Asked) -> Any:
    """Call ``parse()`` for a request with a JSON Schema and return the completion."""
    return client.chat.completions.parse(**asked.parsing)


async def parse_async(client: openai.AsyncOpenAI, asked: Asked) -> Any:
    """Call ``parse()`` for a request with a JSON Schema and return the completion."""
    return await client.chat.completions.parse(**asked.parsing)


def chunks(client: openai.OpenAI, asked: Asked) -> list[Any]:
    """Call ``create(stream=True)`` and return all chunks."""
    with client.chat.completions.create(**asked.arguments, stream=True) as stream:
        return list(stream)


async def chunks_async(client: openai.AsyncOpenAI, asked: Asked) -> list[Any]:
    """Call ``create(stream=True)`` and return all chunks."""
    async with await client.chat.completions.create(**asked.arguments, stream=True) as stream:
        return [chunk async for chunk in stream]


def helped(client: openai.OpenAI, asked: Asked) -> Any:
    """Call ``stream()`` and return the completion that the helper assembles."""
    with client.chat.completions.stream(**asked.parsing) as stream:
        return stream.get_final_completion()


async def helped_async(client: openai.AsyncOpenAI, asked: Asked) -> Any:
    """Call ``stream()`` and return the completion that the helper assembles."""
    async with client.chat.completions.stream(**asked.parsing) as stream:
        return await stream.get_final_completion()


def blocking(call: Call, player: Player, asked: Asked) -> Any:
    """Run a call with a blocking client; return its result, or the exception that it raises."""
    with player.client() as client:
        try:
            return call(client, asked)
        except Exception as error:
            return error


def in_a_loop(call: AsyncCall, player: Player, asked: Asked) -> Any:
    """Run an asynchronous call in a new event loop; return its result or its exception."""

    async def run() -> Any:
        async with player.async_client() as client:
            try:
                return await call(client, asked)
            except Exception as error:
                return error

    return asyncio.run(run())
