"""All feature tests, for a project's test file: ``from conformance.suites.everything import *``.

The test of the official SDK is not included; import it from ``conformance.suites.test_sdk``.
"""

from conformance.suites.test_auth import test_auth as test_auth
from conformance.suites.test_chat import test_chat as test_chat
from conformance.suites.test_conversations import test_conversations as test_conversations
from conformance.suites.test_errors import test_errors as test_errors
from conformance.suites.test_extra_body import test_extra_body as test_extra_body
from conformance.suites.test_extra_content import test_extra_content as test_extra_content
from conformance.suites.test_multimodal import test_multimodal as test_multimodal
from conformance.suites.test_others import test_others as test_others
from conformance.suites.test_response_format import test_response_format as test_response_format
from conformance.suites.test_sampling import test_sampling as test_sampling
from conformance.suites.test_streaming import test_streaming as test_streaming
from conformance.suites.test_thinking import test_thinking as test_thinking
from conformance.suites.test_tools import test_tools as test_tools
from conformance.suites.test_twins import test_twins as test_twins
from conformance.suites.test_variants import test_variants as test_variants
