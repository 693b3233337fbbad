"""The rules: a module a chapter of the ledger (tools has two), a function a requirement; what only a probe shows stands together in one table."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from conformance.rules.base import Rule, registered

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


def rules() -> Mapping[str, Rule]:
    """All rules, by requirement."""
    for chapter in MODULES:
        import_module(f"{__name__}.{chapter}")
    return MappingProxyType(registered())


__all__ = ["Rule", "rules"]
