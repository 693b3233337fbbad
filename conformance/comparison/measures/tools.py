"""Tool calls: the right one, any, and arguments that the tool accepts."""

from conformance.comparison.measures.answer import TOOL_KINDS, AskedAnswer
from conformance.judging.predicates.json_in_text import document
from conformance.protocol.chat.requested_schema import compile_check
from conformance.protocol.chat.tool_calls import Call
from conformance.protocol.exchange import Json


def measures(asked: AskedAnswer) -> dict[str, float]:
    """Return what is asked about tool calls.

    The case says which tool is right; without a case, ``tool_choice`` does if it requires a call.
    Where tools are offered, any call counts. The arguments count where a call is required, and
    where there is one; those in the older form ``function_call`` are not read.
    """
    usable = asked.is_usable
    values: dict[str, float] = {}
    if asked.checks(*TOOL_KINDS):
        values["right-tool"] = float(usable and not asked.problems(*TOOL_KINDS))
    elif asked.requires_call:
        values["right-tool"] = float(usable and _calls_required(asked))
    if asked.may_call:
        values["any-tool"] = float(usable and asked.has_call)
    wanted = asked.requires_call and not asked.has_call
    if wanted or (_declared(asked) and asked.calls and not asked.no_tool_fits):
        values["arguments-valid"] = float(usable and bool(asked.calls) and _all_valid(asked))
    return values


def _declared(asked: AskedAnswer) -> bool:
    return bool(asked.facts.chat_request.functions_by_name)


def _calls_required(asked: AskedAnswer) -> bool:
    """Return whether the answer has the call that ``tool_choice`` requires."""
    name = asked.facts.chat_request.function_to_call
    if name is None:
        return asked.has_call
    return any(call.name == name for call in asked.calls)


def _all_valid(asked: AskedAnswer) -> bool:
    """Return whether each call has arguments that are valid by the schema of a declared tool."""
    request = asked.facts.chat_request
    functions = request.functions_by_name
    for call in asked.calls:
        if call.custom:
            continue
        if call.name not in functions:
            if request.declares_only_functions:
                return False
        elif not _is_valid(call, functions[call.name].get("parameters")):
            return False
    return True


def _is_valid(call: Call, parameters: Json) -> bool:
    """Return whether the arguments are JSON by the parameters; no arguments are an empty object."""
    value, reason = document(call.arguments or "{}")
    check = compile_check(parameters)
    return not reason and isinstance(value, dict) and (check is None or check(value) is None)
