"""The reference endpoint: a deterministic server of the documented protocol with no model.

It gives the suite something to run against anywhere, but it does not define what is correct: its
answers are judged by the same rules as all others. ``answer`` is the whole server as a pure
function; ``app`` serves it over HTTP.
"""

from conformance.endpoints.reference.answering import SERVER, TOKEN, answer
from conformance.endpoints.reference.dialects.dialect import PROFILES

__all__ = ["PROFILES", "SERVER", "TOKEN", "answer"]
