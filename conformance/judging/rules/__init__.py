"""The rules: a module a chapter of the ledger (tools has two), a function a requirement; what only
a probe shows stands together in one table.

What it takes two exchanges to show stands in the modules of twins, what takes a conversation in
sessions.
"""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from conformance.judging.group_rule import (
    SessionRule,
    TwinRule,
    registered_session_rules,
    registered_twin_rules,
)
from conformance.judging.rule import Rule, registered

MODULES = (
    "envelope",
    "choices",
    "message",
    "usage",
    "framing",
    "sequence",
    "tools",
    "tools_streamed",
    "structured_output",
    "multimodal",
    "thinking",
    "logprobs",
    "errors",
    "auth",
    "headers",
    "probes",
)

OF_TWINS = ("twins_streamed", "twins_prompt_tokens", "twins_parameters", "twins_timing")


def rules() -> Mapping[str, Rule]:
    """All rules, by requirement."""
    for chapter in MODULES:
        import_module(f"{__name__}.{chapter}")
    return MappingProxyType(registered())


def twin_rules() -> Mapping[str, TwinRule]:
    """All rules over the two exchanges of a twin, by requirement."""
    for module in OF_TWINS:
        import_module(f"{__name__}.{module}")
    return MappingProxyType(registered_twin_rules())


def session_rules() -> Mapping[str, SessionRule]:
    """All rules over the turns of a conversation, by requirement."""
    import_module(f"{__name__}.sessions")
    return MappingProxyType(registered_session_rules())


__all__ = ["Rule", "SessionRule", "TwinRule", "rules", "session_rules", "twin_rules"]
