"""One view of a Chat Completions request: every part of it that the judge and the cases read."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from conformance.protocol.exchange import Json
from conformance.protocol.json_access import dict_items, get_path

_SNAKE_CASE = {
    "includeThoughts": "include_thoughts",
    "thinkingBudget": "thinking_budget",
    "thinkingLevel": "thinking_level",
}


@dataclass(frozen=True)
class ChatRequest:
    """A request body, read as far as its values are well-formed.

    A malformed value counts as absent, so no property raises for any JSON object. Properties that
    walk a list are computed once. ``body`` must not change afterwards. A body that was not recorded
    or is not a JSON object is given as an empty mapping.
    """

    body: Mapping[str, Json]

    @property
    def model(self) -> str | None:
        """``model`` if it is a string, otherwise None."""
        model = self.body.get("model")
        return model if isinstance(model, str) else None

    @property
    def streams(self) -> bool:
        """True if ``stream`` is true."""
        return self.body.get("stream") is True

    @property
    def stream_options(self) -> Mapping[str, Json]:
        """``stream_options``; empty if it is absent or not an object."""
        options = self.body.get("stream_options")
        return options if isinstance(options, dict) else {}

    @property
    def asks_usage(self) -> bool:
        """True if ``stream_options.include_usage`` is true."""
        return self.stream_options.get("include_usage") is True

    @property
    def n(self) -> int | None:
        """``n`` if it is a positive integer, otherwise None."""
        n = self.body.get("n")
        return n if type(n) is int and n > 0 else None

    @property
    def choices_asked(self) -> int:
        """The number of choices requested: a legal ``n``, otherwise 1."""
        return self.n or 1

    @cached_property
    def messages(self) -> list[dict[str, Any]]:
        """The messages that are objects."""
        return dict_items(self.body.get("messages"))

    @cached_property
    def messages_text(self) -> str:
        """``messages`` printed by ``str``, to look up whether the request mentions a text."""
        return str(self.body.get("messages"))

    @cached_property
    def tool_results(self) -> list[dict[str, Any]]:
        """The messages of the role ``tool``."""
        return [message for message in self.messages if message.get("role") == "tool"]

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """The content parts of all messages that are objects, of any type."""
        return [part for message in self.messages for part in dict_items(message.get("content"))]

    @cached_property
    def image_parts(self) -> list[dict[str, Any]]:
        """The content parts with an ``image_url``, well-formed or not."""
        return [part for part in self.parts if "image_url" in part]

    @cached_property
    def image_urls(self) -> list[str]:
        """The URLs of the images, in order, repeated ones included."""
        return [image["url"] for part in self.image_parts if (image := image_of(part))]

    @cached_property
    def tools(self) -> list[dict[str, Any]]:
        """The entries of ``tools`` that are objects."""
        return dict_items(self.body.get("tools"))

    @cached_property
    def tool_functions(self) -> list[dict[str, Any]]:
        """The ``function`` objects of ``tools``."""
        return dict_items([tool.get("function") for tool in self.tools])

    @cached_property
    def functions_by_name(self) -> dict[str, dict[str, Any]]:
        """The functions declared in ``tools`` or in the older ``functions``, by their names."""
        functions = self.tool_functions + dict_items(self.body.get("functions"))
        return {
            function["name"]: function
            for function in functions
            if isinstance(function.get("name"), str)
        }

    @property
    def declares_only_functions(self) -> bool:
        """True if every tool is a function, so that the names of all possible calls are known.

        Also true for a request without tools, and false if it switches on tools of Google's own.
        """
        tools = self.body.get("tools")
        return all(
            isinstance(tool, dict) and "function" in tool
            for tool in (tools if isinstance(tools, list) else ())
        ) and not self.google_options.get("tools")

    @property
    def declares_tools(self) -> bool:
        """True if ``tools`` or the older ``functions`` is there and not empty."""
        return bool(self.body.get("tools") or self.body.get("functions"))

    @property
    def tool_choice(self) -> str | None:
        """``tool_choice`` in one word: its string, or ``named`` if it names a function.

        None if it is absent or an object without a ``function`` object.
        """
        choice = self.body.get("tool_choice")
        if isinstance(choice, dict):
            return "named" if isinstance(choice.get("function"), dict) else None
        return choice if isinstance(choice, str) else None

    @property
    def function_to_call(self) -> str | None:
        """The name in ``tool_choice.function``, None if there is none that is a string."""
        name = get_path(self.body.get("tool_choice"), "function", "name")
        return name if isinstance(name, str) else None

    @property
    def response_format(self) -> str | None:
        """The ``type`` of ``response_format`` if it is a string, otherwise None."""
        kind = get_path(self.body.get("response_format"), "type")
        return kind if isinstance(kind, str) else None

    @property
    def asked_schema(self) -> Json:
        """``response_format.json_schema.schema``, None if there is none; it may be malformed."""
        return get_path(self.body.get("response_format"), "json_schema", "schema")

    @cached_property
    def schemas(self) -> list[dict[str, Any]]:
        """All schemas that are objects: ``asked_schema`` and the parameters of the tools."""
        parameters = [function.get("parameters") for function in self.tool_functions]
        return dict_items([self.asked_schema, *parameters])

    @cached_property
    def stop_strings(self) -> list[str]:
        """The strings of ``stop`` that are not empty."""
        stop = self.body.get("stop")
        stops = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
        return [text for text in stops if isinstance(text, str) and text]

    @property
    def token_limit(self) -> int | None:
        """The maximum of tokens per choice; ``max_completion_tokens`` goes before ``max_tokens``.

        None if neither is there or the one that counts is not a positive integer.
        """
        limit = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        return limit if type(limit) is int and limit > 0 else None

    @property
    def top_logprobs(self) -> int | None:
        """``top_logprobs`` if it is an integer, otherwise None."""
        number = self.body.get("top_logprobs")
        return number if type(number) is int else None

    @property
    def asks_image_output(self) -> bool:
        """True if ``modalities`` is a list with ``image``."""
        modalities = self.body.get("modalities")
        return isinstance(modalities, list) and "image" in modalities

    @property
    def reasoning_effort(self) -> str | None:
        """``reasoning_effort`` if it is a string, otherwise None."""
        effort = self.body.get("reasoning_effort")
        return effort if isinstance(effort, str) else None

    @cached_property
    def google_options(self) -> dict[str, Any]:
        """``extra_body.google``; empty if it is absent or not an object."""
        options = get_path(self.body.get("extra_body"), "google")
        return options if isinstance(options, dict) else {}

    @cached_property
    def thinking_config(self) -> dict[str, Any]:
        """``thinking_config`` of ``google_options``; empty if it is absent or not an object.

        Google also takes ``thinkingConfig`` and members in camel case; here all is in snake case.
        """
        options = self.google_options
        config: Json = options.get("thinking_config", options.get("thinkingConfig"))
        members = config.items() if isinstance(config, dict) else ()
        return {_SNAKE_CASE.get(str(key), str(key)): value for key, value in members}


def image_of(part: Mapping[str, Json]) -> dict[str, Any]:
    """Return the ``image_url`` of a content part as an object whose ``url`` is a string.

    An ``image_url`` that is a string, as some clients send it, becomes ``{"url": it}``. The result
    is empty for a part without a well-formed image; the ``type`` of the part does not count.
    """
    image = part.get("image_url")
    if isinstance(image, str):
        return {"url": image}
    return image if isinstance(image, dict) and isinstance(image.get("url"), str) else {}
