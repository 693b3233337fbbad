"""Tool calls: the right one, any, and arguments that the tool accepts."""

from conformance.comparison.measures.answer import AskedAnswer
from conformance.protocol import json_text
from conformance.protocol.chat.requested_schema import compile_check
from conformance.protocol.chat.tool_calls import Call


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return what is asked about tool calls.

    The case says which tool is right; without a case, the request does if it requires a call. A
    request that offers tools asks for a call, unless the case says that none fits, it forbids
    calls, or it ends with the result of one.
    """
    values: dict[str, float] = {}
    if asked.checks("tool", "arguments"):
        values["right-tool"] = float(not asked.problems("tool", "arguments"))
    elif _requires_call(asked):
        values["right-tool"] = float(_calls_required(asked))
    if _wants_call(asked):
        values["any-tool"] = float(bool(_calls(asked)) or _has_function_call(asked))
    if "right-tool" in values and _wants_call(asked):
        values["arguments-valid"] = float(bool(_calls(asked)) and _all_valid(asked))
    return values


def _requires_call(asked: AskedAnswer) -> bool:
    return asked.facts.chat_request.tool_choice in ("required", "named")


def _calls_required(asked: AskedAnswer) -> bool:
    request = asked.facts.chat_request
    if request.tool_choice != "named":
        return bool(_calls(asked))
    name = request.body["tool_choice"]["function"].get("name")
    return any(call.name == name for call in _calls(asked))


def _wants_call(asked: AskedAnswer) -> bool:
    request = asked.facts.chat_request
    if asked.check is not None and asked.check.members.get("tool", "") is None:
        return False
    if asked.checks("tool", "arguments"):
        return True
    ends_with_result = bool(request.messages) and request.messages[-1].get("role") == "tool"
    return request.declares_tools and request.tool_choice != "none" and not ends_with_result


def _calls(asked: AskedAnswer) -> tuple[Call, ...]:
    return asked.choice.calls if asked.choice else ()


def _has_function_call(asked: AskedAnswer) -> bool:
    return asked.choice is not None and asked.choice.function_call


def _all_valid(asked: AskedAnswer) -> bool:
    """True if the arguments of each call are valid by the schema that its tool declares."""
    functions = asked.facts.chat_request.functions_by_name
    return all(
        call.custom or (call.name in functions and _is_valid(call, functions[call.name]))
        for call in _calls(asked)
    )


def _is_valid(call: Call, function: dict[str, object]) -> bool:
    parsed = json_text.parse(call.arguments or "{}")
    check = compile_check(function.get("parameters"))
    return parsed.failure is None and (check is None or check(parsed.value) is None)
