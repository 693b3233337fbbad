"""Which feature of the protocol a case is about, by the first words of its id."""

from collections.abc import Mapping
from types import MappingProxyType

from conformance.cases import ERROR_AREAS

OTHERS = "others"
"""The feature of a case whose id says none."""

CASE_FEATURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "chat": ("chat", "story", "histories", "text", "web"),
        "streaming": ("stream", "streaming"),
        "sampling": ("sampling", "limit", "stop", "n", "logprobs"),
        "multimodal": ("image", "audio", "video", "multimodal", "modalities"),
        "response_format": ("json", "response-format"),
        "tools": ("tools", "functions"),
        "thinking": ("thinking", "effort"),
        "extra_body": ("extra-body", "safety", "cached", "media"),
        "extra_content": ("extra-content",),
        "conversations": ("conversation",),
        "errors": ERROR_AREAS,
        "auth": ("auth",),
    }
)
"""The first words of the case ids of each feature; all other cases belong to ``OTHERS``."""


def feature_of(case_id: str) -> str:
    """Return the feature that a case is about, a key of ``CASE_FEATURES`` or ``OTHERS``."""
    return next(
        (
            feature
            for feature, words in CASE_FEATURES.items()
            if any(case_id == word or case_id.startswith(f"{word}-") for word in words)
        ),
        OTHERS,
    )
