"""What of two answers can be compared: by class where a model may vary, to the letter where it may
not."""

from collections.abc import Iterator

from conformance.judging.predicates.conditions import is_complete
from conformance.judging.rules.probe_checks import is_answer, was_authorized, was_processed
from conformance.judging.rules.usage import detail
from conformance.protocol.chat.choices import Choice
from conformance.protocol.chat.facts import Facts

_STOPS = frozenset({"stop", "stop_sequence", "eos_token"})
_CALLS = frozenset({"tool_calls", "function_call"})
_FILTERS = ("content_filter", "function_call_filter")


def whole_answer(facts: Facts) -> bool:
    """The answer is there in full, and it is no error."""
    return is_complete(facts) and bool(facts.choices)


def paired(baseline: Facts, variant: Facts) -> Iterator[tuple[Choice, Choice]]:
    """The choices of both answers that have the same index."""
    by_index = {choice.index: choice for choice in variant.choices}
    for choice in baseline.choices:
        if choice.index in by_index:
            yield choice, by_index[choice.index]


def result_class(facts: Facts) -> str | None:
    """answered, refused or failed; None where the answer is about who asks, or the request was put
    off."""
    if not was_processed(facts) or not was_authorized(facts):
        return None
    return "answered" if is_answer(facts) else "failed" if facts.status >= 500 else "refused"


def judged_on_the_request(baseline: Facts, variant: Facts) -> bool:
    """Both results say what became of the request."""
    return result_class(baseline) is not None and result_class(variant) is not None


def finish_class(choice: Choice) -> str | None:
    """The kind of finish reason: stop, calls, cut, filtered, or another one as it is; None where
    there is none."""
    reason = choice.finish_reason
    if reason in _STOPS:
        return "stop"
    if reason in _CALLS:
        return "calls"
    if reason is not None and reason.startswith(_FILTERS):
        return "filtered"
    return "cut" if reason == "length" else reason


def function_called(choice: Choice) -> tuple[str, str] | None:
    """The name and the arguments of the older ``function_call``, None where there is none."""
    called = [
        value
        for piece in choice.messages
        if isinstance(value := piece.value.get("function_call"), dict)
    ]
    name, arguments = (
        "".join([text for each in called if isinstance(text := each.get(key), str)])
        for key in ("name", "arguments")
    )
    return (name, arguments) if called else None


def calls_of(choice: Choice) -> list[tuple[str, str]]:
    """The names and arguments of all calls, the older ``function_call`` among them, sorted."""
    made = [(call.name or "", call.arguments or "") for call in choice.calls]
    return sorted(made + ([called] if (called := function_called(choice)) else []))


def greedy(baseline: Facts, _: Facts) -> bool:
    """Both requests, which are alike in this, ask for the likeliest token at every step, so that
    the model may hardly vary."""
    return baseline.request.get("temperature") == 0


def same_words(a: Choice, b: Choice) -> bool:
    """Whether two choices say the same to the letter."""
    return (a.text, a.refusal, calls_of(a)) == (b.text, b.refusal, calls_of(b))


def same_model(baseline: Facts, variant: Facts) -> bool:
    """The same model answers, as far as both say: a name may stand for another model the next
    day."""
    a, b = _model(baseline), _model(variant)
    return a is None or b is None or a == b


def _model(facts: Facts) -> str | None:
    said = (
        facts.body.get("model") if isinstance(facts.body, dict) else next(iter(facts.models), None)
    )
    return said if isinstance(said, str) and said else None


def sees_the_prompt_only(facts: Facts) -> bool:
    """The model sees nothing but the messages: no server looks something up for it, which puts into
    the prompt what is found that day."""
    types = [tool.get("type", "function") for tool in facts.chat_request.tools]
    looked_up = (
        facts.request.get("web_search_options") is not None
        or facts.request.get("plugins")
        or facts.chat_request.google_options.get("tools")
    )
    return not looked_up and all(each in ("function", "custom") for each in types)


def tokens(facts: Facts, name: str) -> int | None:
    """A count of the last usage, None where it is no integer."""
    count = facts.usages[-1].value.get(name) if facts.usages else None
    return count if type(count) is int else None


def thinking_tokens(facts: Facts) -> int:
    """The tokens of thought that the last usage tells of."""
    return (
        (detail(facts.usages[-1].value, "completion", "reasoning_tokens") or 0)
        if facts.usages
        else 0
    )
