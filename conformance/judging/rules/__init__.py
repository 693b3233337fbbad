"""The rules: one module per chapter of the ledger, one function per requirement.

Rules that only a probe shows are in one table (probes.py), rules over two exchanges in the
modules of twins, rules over a conversation in sessions.py.
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
    """All rules over one exchange, by requirement id."""
    for chapter in MODULES:
        import_module(f"{__name__}.{chapter}")
    return MappingProxyType(registered())


def twin_rules() -> Mapping[str, TwinRule]:
    """All rules over the two exchanges of a twin, by requirement id."""
    for module in OF_TWINS:
        import_module(f"{__name__}.{module}")
    return MappingProxyType(registered_twin_rules())


def session_rules() -> Mapping[str, SessionRule]:
    """All rules over the turns of a conversation, by requirement id."""
    import_module(f"{__name__}.sessions")
    return MappingProxyType(registered_session_rules())


__all__ = ["Rule", "SessionRule", "TwinRule", "rules", "session_rules", "twin_rules"]
