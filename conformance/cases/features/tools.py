"""Features of tools: how functions are declared and chosen, including deprecated ``functions``."""

from collections.abc import Callable

from conformance.cases.features.feature import Body, Feature, words
from conformance.cases.features.request_access import Object, functions, messages, subschemas
from conformance.protocol.json_access import dict_items, get_path

_TOOL = (("one-tool", "several-tools"),)
_LONG_NAME = 60  # characters; the maximum is 64


def _declares(test: Callable[[Object], bool]) -> Callable[[Body], bool]:
    """Test for a function, declared as a tool, that passes ``test``."""
    return lambda body: any(test(function) for function in functions(body))


def _takes(test: Callable[[Object], bool]) -> Callable[[Body], bool]:
    """Test for a subschema, in the parameters of a declared function, that passes ``test``."""
    return _declares(
        lambda function: any(test(schema) for schema in subschemas(function.get("parameters")))
    )


def _has_numbers(schema: Object) -> bool:
    return isinstance(schema.get("enum"), list) and any(
        not isinstance(value, str) for value in schema["enum"]
    )


def _chooses(
    name: str,
    phrase: str,
    is_in: Callable[[Body], bool],
    source: str = "2, V-OV, OA-SPEC",
    need: str = "",
) -> Feature:
    return Feature(
        f"choice-{name}",
        "tools",
        phrase,
        source,
        is_in,
        words(f"tools {need}"),
        "choice",
        implies=_TOOL,
    )


def _says(choice: str) -> Callable[[Body], bool]:
    return lambda body: body.get("tool_choice") == choice


def _of_tools(
    name: str,
    phrase: str,
    source: str,
    is_in: Callable[[Body], bool],
    excludes: str = "",
    need: str = "",
) -> Feature:
    return Feature(
        name,
        "tools",
        phrase,
        source,
        is_in,
        words(f"tools {need}"),
        excludes=words(excludes),
        implies=_TOOL,
    )


FEATURES = (
    Feature(
        "one-tool",
        "tools",
        "one tool",
        "2, OA-SPEC",
        lambda body: len(functions(body)) == 1,
        words("tools"),
        "declared",
    ),
    Feature(
        "several-tools",
        "tools",
        "several tools",
        "2, OA-SPEC",
        lambda body: len(functions(body)) > 1,
        words("tools"),
        "declared",
    ),
    _of_tools(
        "no-parameters",
        "a function without parameters",
        "5.5, OA-SPEC",
        _declares(lambda function: "parameters" not in function),
        "one-tool",
    ),
    _of_tools(
        "nested-parameters",
        "nested parameters",
        "OA-SPEC",
        _takes(lambda schema: schema.get("type") == "object" and "properties" in schema),
    ),
    _of_tools(
        "numeric-enum", "an enum of numbers", "reports", _takes(_has_numbers), need="integer-enum"
    ),
    _of_tools(
        "long-name",
        "a function with a long name",
        "OA-SPEC",
        _declares(lambda function: len(str(function.get("name"))) >= _LONG_NAME),
    ),
    _of_tools(
        "strict-function",
        "strict parameters",
        "OA-SPEC",
        _declares(lambda function: function.get("strict") is True),
    ),
    _chooses("auto", "tool_choice auto", _says("auto")),
    _chooses("none", "tool_choice none", _says("none")),
    _chooses("required", "tool_choice required", _says("required"), need="tool-choice-required"),
    _chooses(
        "named",
        "a named tool_choice",
        lambda body: isinstance(get_path(body, "tool_choice", "function", "name"), str),
        "2, OA-SPEC",
        "tool-choice-named",
    ),
    _chooses(
        "validated", "tool_choice validated", _says("validated"), "2, V-OV", "tool-choice-validated"
    ),
    Feature(
        "parallel-off",
        "tools",
        "parallel_tool_calls false",
        "2, OA-SPEC",
        lambda body: body.get("parallel_tool_calls") is False,
        words("tools parallel-tools"),
        implies=_TOOL,
    ),
    Feature(
        "functions",
        "tools",
        "functions",
        "2, V-OV, OA-SPEC",
        lambda body: bool(dict_items(body.get("functions"))),
        words("legacy-functions"),
        "declared",
    ),
    Feature(
        "function-call",
        "tools",
        "a named function_call",
        "2, V-OV, OA-SPEC",
        lambda body: isinstance(get_path(body, "function_call", "name"), str),
        words("legacy-functions"),
        implies=(("functions",),),
    ),
    Feature(
        "function-result",
        "tools",
        "a function message",
        "3.11, OA-SPEC",
        lambda body: bool(messages(body, "function")),
        words("legacy-functions"),
        implies=(("functions",),),
    ),
    Feature(
        "web-search",
        "tools",
        "web_search_options",
        "2, V-OV",
        lambda body: isinstance(body.get("web_search_options"), dict),
        words("web-search"),
        excludes=words("declared google-tools"),
    ),
)
"""From simple to special."""
