from conformance.protocol.exchange import Exchange as Exchange
from conformance.protocol.exchange import Request as Request
from conformance.protocol.exchange import Response as Response
from conformance.suites.target import Target as Target
from conformance.testing.assertions import ConformanceWarning as ConformanceWarning
from conformance.testing.assertions import assert_conformant as assert_conformant

__version__: str
