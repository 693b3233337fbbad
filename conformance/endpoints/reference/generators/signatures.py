"""Thought signatures: made so that the endpoint knows its own, and demanded back as Gemini 3
does."""

import base64
import binascii
import hashlib

from conformance.endpoints.reference.generators.dice import Dice

_KEY = b"conformance-reference"
_DUMMIES = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")


def signature(dice: Dice) -> str:
    """A signature, base64 of 16 bytes and of the proof that they are ours."""
    payload = dice.bytes("signature", 16)
    return base64.b64encode(payload + _proof(payload)).decode()


def is_genuine(text: str) -> bool:
    """Whether a signature is one that was made here, or one of the documented stand-ins."""
    if text in _DUMMIES:
        return True
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(data) == 32 and data[16:] == _proof(data[:16])


def _proof(payload: bytes) -> bytes:
    return hashlib.blake2b(payload, key=_KEY, digest_size=16).digest()
