"""Check what a user says about the server behind a gateway."""

from conformance._text import did_you_mean
from conformance.judging.suite import Suite
from conformance.runs.selection import SelectionError

NAMES = ("llama.cpp", "vLLM", "SGLang", "LiteLLM", "transformers", "llama-cpp-python")
"""Servers of which some profile knows deviations."""


def check_behind(name: str, suite: Suite) -> str:
    """Return "", or why the name changes nothing: no known deviation is about such a server.

    Raises SelectionError if the name looks like a misspelled one.
    """
    patterns = [
        deviation.condition.server
        for profile in suite.profiles.values()
        for deviation in profile.deviations
        if deviation.condition.server
    ]
    if any(pattern.search(name) for pattern in patterns):
        return ""
    near = did_you_mean(name.lower(), [each.lower() for each in NAMES])
    if near:
        raise SelectionError(f"--behind {name}: no known deviation is about such a server{near}")
    return (
        f"--behind {name}: no known deviation is about such a server; there are some of"
        f" {', '.join(NAMES)}"
    )
