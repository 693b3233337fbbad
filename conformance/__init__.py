"""A conformance suite for OpenAI-compatible Chat Completions endpoints, such as Google's."""

from importlib import import_module

__version__ = "0.1.0"

_PUBLIC = {
    "ConformanceWarning": "conformance.testing.assertions",
    "Exchange": "conformance.protocol.exchange",
    "Request": "conformance.protocol.exchange",
    "Response": "conformance.protocol.exchange",
    "Target": "conformance.suites.target",
    "assert_conformant": "conformance.testing.assertions",
}
"""The public names and the modules that define them.

They are imported on first use, because pytest imports this package in every project that has it
installed. ``__init__.pyi`` declares the same names for type checkers.
"""


def __getattr__(name: str) -> object:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
