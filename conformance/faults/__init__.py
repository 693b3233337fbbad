"""The fault catalogue: mistakes of real servers, and the requirement that must catch each.

Each fault is a named, pure function that puts one mistake into an exchange.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from conformance.faults.kit.fault import Fault, Group, registered, registered_of_groups
from conformance.protocol.exchange import Exchange

MODULES = (
    "envelope",
    "choices",
    "finish_reasons",
    "message",
    "usage",
    "framing",
    "chunks",
    "sequence",
    "finish",
    "stream_usage",
    "tools",
    "tool_choice",
    "tools_streamed",
    "fragments",
    "structured_output",
    "multimodal",
    "thinking",
    "extra_content",
    "logprobs",
    "errors",
    "errors_under_200",
    "auth",
    "headers",
    "probes",
    "twins",
    "bursts",
    "sessions",
    "controls",
)
"""In the order of the requirements; the controls, which are legal, come last."""


def _load() -> None:
    for chapter in MODULES:
        import_module(f"{__name__}.{chapter}")


def faults() -> Mapping[str, Fault[Exchange]]:
    """Return the faults that a single exchange shows, and the controls, by name."""
    _load()
    return MappingProxyType(registered())


def group_faults() -> Mapping[str, Fault[Group]]:
    """Return the faults that only several exchanges show, by name."""
    _load()
    return MappingProxyType(registered_of_groups())


__all__ = ["Fault", "Group", "faults", "group_faults"]
