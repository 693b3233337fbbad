"""Check that tool calls have their results, and that Gemini 3 gets its signatures back."""

from collections.abc import Sequence

from conformance.endpoints.reference.dialects.dialect import Dialect, generation
from conformance.endpoints.reference.dialects.refusal import Refused
from conformance.endpoints.reference.generators.signatures import is_genuine
from conformance.endpoints.reference.request.history import Turn


def check_history(turns: Sequence[Turn], model: str, dialect: Dialect) -> None:
    """Raise Refused for a conversation that the server of the dialect would reject.

    Reasons: tool results that do not match the calls before them (not on vLLM), missing or wrong
    thought signatures (Gemini 3), images with different details (Vertex AI before Gemini 3).
    """
    if dialect.vendor != "vllm":
        for number, turn in enumerate(turns):
            if turn.calls:
                _check_results(turns, number, dialect)
            elif turn.role == "tool" and (
                number == 0 or not (turns[number - 1].role == "tool" or turns[number - 1].calls)
            ):
                raise _mismatch(number, dialect)
    if not dialect.is_google:
        return
    if generation(model) >= 3:
        _check_signatures(turns, dialect)
    elif (
        dialect.profile == "vertex-gemini"
        and len({medium.detail for turn in turns for medium in turn.media if medium.detail}) > 1
    ):
        raise Refused(
            "Before Gemini 3, all images of a request must have the same detail.", param="messages"
        )


def _check_results(turns: Sequence[Turn], number: int, dialect: Dialect) -> None:
    results: list[str] = []
    for turn in turns[number + 1 :]:
        if turn.role != "tool":
            break
        results.append(turn.answers or "")
    if sorted(results) != sorted(call.id for call in turns[number].calls):
        raise _mismatch(number, dialect)


def _mismatch(number: int, dialect: Dialect) -> Refused:
    if dialect.is_google:
        message = (
            "Please ensure that the number of function response parts is equal to the number of"
            " function call parts of the function call turn."
        )
    else:
        message = (
            "Each message with 'tool_calls' must be followed by tool messages that respond to each"
            " 'tool_call_id', and by no others."
        )
    return Refused(message, param=f"messages[{number}]")


def _check_signatures(turns: Sequence[Turn], dialect: Dialect) -> None:
    """Raise Refused if a message after the last user message has calls without a signature.

    Only the first call of each message needs a signature.
    """
    begin = (
        max((number for number, turn in enumerate(turns) if turn.role == "user"), default=-1) + 1
    )
    for number, turn in enumerate(turns[begin:], begin):
        if not turn.calls:
            continue
        first, path = turn.calls[0], f"messages[{number}].tool_calls[0]"
        if not first.signature:
            raise Refused(_unsigned(first.name[:100], number, dialect), param=path, bare=True)
        if not is_genuine(first.signature):
            raise Refused(
                f"The thought_signature of the function call in {path} is corrupted.", param=path
            )


def _unsigned(name: str, number: int, dialect: Dialect) -> str:
    """Return Google's message for a call without a signature in the message at ``number``."""
    if dialect.profile == "vertex-gemini":
        return (
            f"Unable to submit request because function call `default_api:{name}` in the"
            f" {number + 1}. content block is missing a `thought_signature`. Learn more:"
            " https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures"
        )
    return (
        "Function call is missing a thought_signature in functionCall parts. This is required for"
        " tools to work correctly, and missing thought_signature may lead to degraded model"
        f" performance. Additional data, function call `default_api:{name}` , position"
        f" {number + 1}. Please refer to"
        " https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
    )
