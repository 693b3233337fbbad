"""Create thought signatures, and recognise them when a request sends them back."""

import base64
import binascii
import hashlib

from conformance.endpoints.reference.generators.dice import Dice

_KEY = b"conformance-reference"
_DUMMIES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")


def signature(dice: Dice) -> str:
    """Return a signature: base64 of 16 bytes and their keyed hash."""
    payload = dice.bytes("signature", 16)
    return base64.b64encode(payload + _proof(payload)).decode()


def is_genuine(text: str) -> bool:
    """Return whether a signature was created here, or is one of the documented placeholders."""
    if text in _DUMMIES:
        return True
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(data) == 32 and data[16:] == _proof(data[:16])


def _proof(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, key=_KEY, digest_size=16).digest()
