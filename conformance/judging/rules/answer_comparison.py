"""Compare two answers: by class if the model may vary, otherwise word for word."""

from collections.abc import Iterator

from conformance.judging.predicates.conditions import is_complete
from conformance.judging.rules.probe_checks import is_answer, was_authorized, was_processed
from conformance.judging.rules.usage import detail
from conformance.protocol.chat.choices import FILTERS, Choice
from conformance.protocol.chat.facts import Facts

_STOPS = frozenset({"stop", "stop_sequence", "eos_token"})
_CALLS = frozenset({"tool_calls", "function_call"})


def whole_answer(facts: Facts) -> bool:
    """The answer is complete, has a choice and is not an error."""
    return is_complete(facts) and bool(facts.choices)


def paired(baseline: Facts, variant: Facts) -> Iterator[tuple[Choice, Choice]]:
    """Yield the choices of both answers that have the same index."""
    by_index = {choice.index: choice for choice in variant.choices}
    for choice in baseline.choices:
        if choice.index in by_index:
            yield choice, by_index[choice.index]


def result_class(facts: Facts) -> str | None:
    """Return ``answered``, ``refused`` or ``failed``.

    None if the request was not processed or not authorized, so its content was not judged.
    """
    if not was_processed(facts) or not was_authorized(facts):
        return None
    return "answered" if is_answer(facts) else "failed" if facts.status >= 500 else "refused"


def judged_on_the_request(baseline: Facts, variant: Facts) -> bool:
    """Both answers show how the server treats the content of the request."""
    return result_class(baseline) is not None and result_class(variant) is not None


def finish_class(choice: Choice) -> str | None:
    """Return the class of the finish reason: stop, calls, cut, filtered, or the reason itself.

    ``cut`` is the class of ``length``. None if there is no finish reason.
    """
    reason = choice.finish_reason
    if reason in _STOPS:
        return "stop"
    if reason in _CALLS:
        return "calls"
    if reason is not None and reason.startswith(FILTERS):
        return "filtered"
    return "cut" if reason == "length" else reason


def function_called(choice: Choice) -> tuple[str, str] | None:
    """Return name and arguments of the older ``function_call``, or None."""
    called = [
        value
        for piece in choice.messages
        if isinstance(value := piece.value.get("function_call"), dict)
    ]
    name, arguments = (
        "".join([text for value in called if isinstance(text := value.get(key), str)])
        for key in ("name", "arguments")
    )
    return (name, arguments) if called else None


def calls_of(choice: Choice) -> list[tuple[str, str]]:
    """Return names and arguments of all calls, also of the older ``function_call``, sorted."""
    calls = [(call.name or "", call.arguments or "") for call in choice.calls]
    return sorted(calls + ([called] if (called := function_called(choice)) else []))


def greedy(baseline: Facts, _: Facts) -> bool:
    """The temperature is 0, so the model hardly varies; it is the same in both requests."""
    return baseline.request.get("temperature") == 0


def same_words(a: Choice, b: Choice) -> bool:
    """Return whether two choices have the same text, refusal and calls."""
    return (a.text, a.refusal, calls_of(a)) == (b.text, b.refusal, calls_of(b))


def same_model(baseline: Facts, variant: Facts) -> bool:
    """Both answers name the same model, or one of them names none.

    A server may use another model for the same name on the next day.
    """
    a, b = _model(baseline), _model(variant)
    return a is None or b is None or a == b


def _model(facts: Facts) -> str | None:
    name = (
        facts.body.get("model") if isinstance(facts.body, dict) else next(iter(facts.models), None)
    )
    return name if isinstance(name, str) and name else None


def sees_the_prompt_only(facts: Facts) -> bool:
    """The request uses no web search, plugin or other server tool.

    These add results to the prompt that may differ from day to day.
    """
    types = [tool.get("type", "function") for tool in facts.chat_request.tools]
    looked_up = (
        facts.request.get("web_search_options") is not None
        or facts.request.get("plugins")
        or facts.chat_request.google_options.get("tools")
    )
    return not looked_up and all(kind in ("function", "custom") for kind in types)


def tokens(facts: Facts, name: str) -> int | None:
    """Return a count of the last usage; None if it is missing or not an integer."""
    count = facts.usages[-1].value.get(name) if facts.usages else None
    return count if type(count) is int else None


def thinking_tokens(facts: Facts) -> int:
    """Return the reasoning tokens of the last usage; 0 if there are none."""
    return (
        (detail(facts.usages[-1].value, "completion", "reasoning_tokens") or 0)
        if facts.usages
        else 0
    )
