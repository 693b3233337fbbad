"""A conformance suite for Google's OpenAI-compatible Chat Completions endpoints, and for whatever
claims the same protocol."""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "ConformanceWarning": "conformance.testing.assertions",
    "Exchange": "conformance.protocol.exchange",
    "Request": "conformance.protocol.exchange",
    "Response": "conformance.protocol.exchange",
    "Target": "conformance.suites.target",
    "assert_conformant": "conformance.testing.assertions",
}
"""What other projects import from here, and where it is; imported when it is asked for, as pytest
imports this package in every project that has it.

``__init__.pyi`` tells type checkers the same.
"""


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
