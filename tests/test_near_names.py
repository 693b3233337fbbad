"""What is like a name is offered in its place."""

import pytest

from conformance.near_names import did_you_mean


@pytest.mark.parametrize(
    ("name", "meant"),
    [("chat-plian", " (did you mean chat-plain?)"), ("aab", " (did you mean aac or aaa?)"), ("xyz", "")],
)
def test_what_is_near_is_offered(name: str, meant: str) -> None:
    assert did_you_mean(name, iter(["chat-plain", "aaa", "aac"])) == meant
