"""Base64 that contains certain bytes contains one of their forms."""

import base64
from collections.abc import Callable

import pytest

from conformance.protocol.base64_forms import base64_forms

DATA = b"\xfb\xef\xbe-key-\xff\xff"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc"])
@pytest.mark.parametrize("after", [b"", b"y", b"yz"])
def test_base64_of_surrounded_bytes_contains_a_form(
    encode: Callable[[bytes], bytes], before: bytes, after: bytes
) -> None:
    text = encode(before + DATA + after).decode()
    assert any(form in text for form in base64_forms(DATA))


def test_base64_of_other_bytes_contains_no_form() -> None:
    text = base64.b64encode(DATA[:-1] + b"\x00").decode()
    assert not any(form in text for form in base64_forms(DATA))
