"""All suites, for a project that asks them of a target of its own: ``from
conformance.suites.everything import *`` in one of its test files."""

from conformance.suites.test_auth import test_auth
from conformance.suites.test_chat import test_chat
from conformance.suites.test_conversations import test_conversations
from conformance.suites.test_errors import test_errors
from conformance.suites.test_extra_body import test_extra_body
from conformance.suites.test_extra_content import test_extra_content
from conformance.suites.test_multimodal import test_multimodal
from conformance.suites.test_others import test_others
from conformance.suites.test_response_format import test_response_format
from conformance.suites.test_sampling import test_sampling
from conformance.suites.test_streaming import test_streaming
from conformance.suites.test_thinking import test_thinking
from conformance.suites.test_tools import test_tools
from conformance.suites.test_twins import test_twins
from conformance.suites.test_variants import test_variants

__all__ = [
    "test_auth",
    "test_chat",
    "test_conversations",
    "test_errors",
    "test_extra_body",
    "test_extra_content",
    "test_multimodal",
    "test_others",
    "test_response_format",
    "test_sampling",
    "test_streaming",
    "test_thinking",
    "test_tools",
    "test_twins",
    "test_variants",
]
