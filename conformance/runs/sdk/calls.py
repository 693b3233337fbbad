"""The calls of the SDK that read an answer, each with a blocking and an asynchronous client."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import openai

from conformance.runs.sdk.player import Player
from conformance.runs.sdk.sdk_request import Asked

Call: TypeAlias = Callable[[openai.OpenAI, Asked], Any]
AsyncCall: TypeAlias = Callable[[openai.AsyncOpenAI, Asked], Awaitable[Any]]


def create(client: openai.OpenAI, asked: Asked) -> Any:
    """``create`` for a whole answer."""
    return client.chat.completions.create(**asked.arguments)


async def create_async(client: openai.AsyncOpenAI, asked: Asked) -> Any:
    """``create`` for a whole answer."""
    return await client.chat.completions.create(**asked.arguments)


def parse(client: openai.OpenAI, asked: Asked) -> Any:
    """``parse`` for an answer by a schema."""
    return client.chat.completions.parse(**asked.parsing)


async def parse_async(client: openai.AsyncOpenAI, asked: Asked) -> Any:
    """``parse`` for an answer by a schema."""
    return await client.chat.completions.parse(**asked.parsing)


def chunks(client: openai.OpenAI, asked: Asked) -> list[Any]:
    """``create`` for a stream: all its chunks."""
    with client.chat.completions.create(**asked.arguments, stream=True) as stream:
        return list(stream)


async def chunks_async(client: openai.AsyncOpenAI, asked: Asked) -> list[Any]:
    """``create`` for a stream: all its chunks."""
    async with await client.chat.completions.create(**asked.arguments, stream=True) as stream:
        return [chunk async for chunk in stream]


def helped(client: openai.OpenAI, asked: Asked) -> Any:
    """The stream helper: the completion that it puts together."""
    with client.chat.completions.stream(**asked.parsing) as stream:
        return stream.get_final_completion()


async def helped_async(client: openai.AsyncOpenAI, asked: Asked) -> Any:
    """The stream helper: the completion that it puts together."""
    async with client.chat.completions.stream(**asked.parsing) as stream:
        return await stream.get_final_completion()


def blocking(call: Call, player: Player, asked: Asked) -> Any:
    """What a call gives, or the exception it raises."""
    with player.client() as client:
        try:
            return call(client, asked)
        except Exception as error:
            return error


def in_a_loop(call: AsyncCall, player: Player, asked: Asked) -> Any:
    """The same of the asynchronous call, in an event loop of its own."""

    async def run() -> Any:
        async with player.async_client() as client:
            try:
                return await call(client, asked)
            except Exception as error:
                return error

    return asyncio.run(run())
