"""Check a model name against the form that the profile of a target uses."""

import re

_PUBLISHER_OF = (
    (re.compile(r"gemini|gemma|imagen|veo"), "google"),
    (re.compile(r"llama"), "meta"),
    (re.compile(r"deepseek"), "deepseek-ai"),
    (re.compile(r"qwen"), "qwen"),
    (re.compile(r"gpt-oss"), "openai"),
)
"""The publishers of well-known model families on Vertex AI."""
_NOT_PUBLISHERS = ("models", "publishers", "projects", "endpoints", "tunedModels")
"""The first parts of resource names, which are not publishers."""


def why_wrong_model(model: str, profile_name: str) -> str:
    """Return why a target with this profile has no model of this name, with the fix, or "".

    Vertex AI wants ``PUBLISHER/NAME``, the Gemini API ``NAME`` or ``models/NAME``. Names for other
    profiles are not checked.
    """
    if profile_name == "vertex-gemini":
        publisher, _, name = model.partition("/")
        if publisher and name and "/" not in name and publisher not in _NOT_PUBLISHERS:
            return ""
        return (
            f"--model {model!r}: Vertex AI needs the publisher before the name:"
            f" --model {_with_publisher(model)}"
        )
    if profile_name == "gemini-api" and model.startswith(("google/", "publishers/")):
        return (
            f"--model {model!r}: the Gemini API takes the name without its publisher:"
            f" --model {_bare(model)}"
        )
    return ""


def _bare(model: str) -> str:
    """Return the last part of a model name, or an example if that is empty."""
    return model.rpartition("/")[2] or "gemini-3.5-flash"


def _with_publisher(model: str) -> str:
    name = _bare(model)
    known = (publisher for family, publisher in _PUBLISHER_OF if family.match(name))
    return f"{next(known, 'PUBLISHER')}/{name}"
