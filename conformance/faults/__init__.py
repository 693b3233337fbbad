"""The fault catalogue: mistakes of real servers, and the requirement that must catch each.

Each fault is a named, pure function that puts one mistake into an exchange. The modules with the
faults are imported when the catalogue is first read, because most commands do not need them.
"""

from collections.abc import Mapping
from functools import cache

from conformance.faults.kit.fault import Fault, Group, by_name
from conformance.protocol.exchange import Exchange


@cache
def faults() -> Mapping[str, Fault[Exchange]]:
    """Return the faults that a single exchange shows, by name.

    They are in the order of the requirements; the controls, which are legal, come last.
    """
    from conformance.faults import (
        auth,
        bursts,
        choices,
        chunks,
        controls,
        envelope,
        errors,
        errors_under_200,
        extra_content,
        finish,
        finish_reasons,
        fragments,
        framing,
        headers,
        logprobs,
        message,
        multimodal,
        probes,
        sequence,
        stream_usage,
        structured_output,
        thinking,
        tool_choice,
        tools,
        tools_streamed,
        usage,
    )

    return by_name(
        (
            *envelope.FAULTS,
            *choices.FAULTS,
            *finish_reasons.FAULTS,
            *message.FAULTS,
            *usage.FAULTS,
            *framing.FAULTS,
            *sequence.FAULTS,
            *chunks.FAULTS,
            *finish.FAULTS,
            *stream_usage.FAULTS,
            *tools.FAULTS,
            *tool_choice.FAULTS,
            *tools_streamed.FAULTS,
            *fragments.FAULTS,
            *structured_output.FAULTS,
            *multimodal.FAULTS,
            *thinking.FAULTS,
            *extra_content.FAULTS,
            *logprobs.FAULTS,
            *errors.FAULTS,
            *errors_under_200.FAULTS,
            *auth.FAULTS,
            *headers.FAULTS,
            *probes.FAULTS,
            *bursts.FAULTS,
            *controls.FAULTS,
        )
    )


@cache
def group_faults() -> Mapping[str, Fault[Group]]:
    """Return the faults that only several exchanges show, by name."""
    from conformance.faults import bursts, sessions, twins

    return by_name(
        (*twins.GROUP_FAULTS, *bursts.GROUP_FAULTS, *sessions.GROUP_FAULTS), taken=faults()
    )


__all__ = ["Fault", "Group", "faults", "group_faults"]
