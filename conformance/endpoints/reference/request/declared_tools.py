"""Read the tools that a request declares and its choice among them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.endpoints.reference.dialects.dialect import Dialect
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.request.response_format import legal

_SMALL_WORDS = frozenset({"get", "set", "the", "and", "for", "tool", "call", "fetch", "current"})
_OPEN = ("auto", "none", "validated")  # choices that require no call


@dataclass(frozen=True, slots=True)
class Tool:
    """A declared function; ``parameters`` is its JSON Schema, None if it takes none."""

    name: str
    description: str
    parameters: Mapping[str, Any] | None

    def is_spoken_of(self, text: str) -> bool:
        """Return whether a text contains a word of the function's name.

        This replaces a model's decision that the function is useful. Words such as "get" and words
        of fewer than three letters do not count.
        """
        words = re.findall(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}", self.name)
        lowered = text.lower()
        return any(word.lower() in lowered for word in words if word.lower() not in _SMALL_WORDS)


@dataclass(frozen=True, slots=True)
class Tooling:
    """The tools of a request and its choice among them.

    With the choice "named" there is exactly one tool. ``legacy`` is True if the request declares
    them in ``functions``.
    """

    tools: tuple[Tool, ...] = ()
    choice: Literal["none", "auto", "required", "named"] = "auto"
    parallel: bool = True
    legacy: bool = False


def tooling_of(fields: Mapping[str, Any], dialect: Dialect) -> Tooling:
    """Return the tools of a request that satisfies the request schema. Raises Refused."""
    tools, choice = _declared(fields.get("tools", ()), dialect), fields.get("tool_choice", "auto")
    if choice == "validated" and not dialect.is_google:
        raise Refused(
            "Invalid value for 'tool_choice': expected one of none, auto, required.",
            param="tool_choice",
            code="invalid_value",
        )
    if "functions" in fields and not tools and choice in _OPEN and dialect.vendor != "vllm":
        functions = tuple(
            _tool(function, f"functions[{number}]", dialect)
            for number, function in enumerate(fields["functions"])
        )
        return _chosen(
            functions,
            fields.get("function_call", "auto"),
            "function_call",
            parallel=False,
            legacy=True,
        )
    return _chosen(
        tools, choice, "tool_choice", parallel=fields.get("parallel_tool_calls", True), legacy=False
    )


def _declared(tools: Sequence[Mapping[str, Any]], dialect: Dialect) -> tuple[Tool, ...]:
    for number, tool in enumerate(tools):
        if tool["type"] != "function":
            path = f"tools[{number}].type"
            raise Refused(
                f"Invalid value for '{path}': expected function.", param=path, code="invalid_value"
            )
    return tuple(
        _tool(tool["function"], f"tools[{number}].function", dialect)
        for number, tool in enumerate(tools)
    )


def _tool(function: Mapping[str, Any], path: str, dialect: Dialect) -> Tool:
    parameters = function.get("parameters")
    if parameters is not None:
        parameters = legal(parameters, f"{path}.parameters", dialect)
        kinds = parameters.get("type", "object")
        if "object" not in ([kinds] if isinstance(kinds, str) else kinds):
            raise Refused(
                f"Invalid schema at '{path}.parameters': it must have the type object.",
                param=f"{path}.parameters",
                code="invalid_function_parameters",
            )
    return Tool(function["name"], function.get("description") or "", parameters)


def _chosen(
    tools: tuple[Tool, ...], choice: Any, path: str, *, parallel: bool, legacy: bool
) -> Tooling:
    if len({tool.name for tool in tools}) < len(tools):
        raise Refused(
            "Two functions are declared with the same name.",
            param="functions" if legacy else "tools",
            code="invalid_value",
        )
    if isinstance(choice, dict) and choice.get("type") == "allowed_tools":
        tools, choice = _allowed(tools, choice.get("allowed_tools"), path)
    if choice in _OPEN:
        return Tooling(tools, "none" if choice == "none" else "auto", parallel, legacy)
    if choice == "required":
        if not tools:
            raise Refused(
                f"Invalid value for '{path}': there are no tools to call.",
                param=path,
                code="invalid_value",
            )
        return Tooling(tools, "required", parallel, legacy)
    name = _name(choice)
    named = tuple(tool for tool in tools if tool.name == name)[:1]
    if not named:
        raise Refused(
            f"Invalid value for '{path}': expected the name of a function that is declared.",
            param=path,
            code="invalid_value",
        )
    return Tooling(named, "named", parallel, legacy)


def _allowed(tools: tuple[Tool, ...], allowed: Any, path: str) -> tuple[tuple[Tool, ...], Any]:
    """Return the tools that OpenAI's ``allowed_tools`` allows, and its mode."""
    if not (
        isinstance(allowed, dict)
        and isinstance(allowed.get("tools"), list)
        and allowed.get("mode") in ("auto", "required")
    ):
        raise Refused(
            f"Invalid value for '{path}.allowed_tools': expected an object with mode and tools.",
            param=path,
            code="invalid_value",
        )
    names = [_name(tool) for tool in allowed["tools"]]
    return tuple(tool for tool in tools if tool.name in names), allowed["mode"]


def _name(choice: Any) -> Any:
    function = choice.get("function", choice) if isinstance(choice, dict) else None
    return function.get("name") if isinstance(function, dict) else None
