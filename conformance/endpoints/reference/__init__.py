"""The reference endpoint: a deterministic server of the documented protocol, without a model.

It is something to run against anywhere, never the oracle: its answers have to pass the same rules
as everyone's, and verdicts on it are a self-test. ``answer`` is all of it as a pure function;
``app`` puts it on a socket.
"""

from conformance.endpoints.reference.answering import SERVER, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import PROFILES

__all__ = ["PROFILES", "SERVER", "TOKEN", "answer"]
