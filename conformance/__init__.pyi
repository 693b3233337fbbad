from conformance.asserting import ConformanceWarning as ConformanceWarning
from conformance.asserting import assert_conformant as assert_conformant
from conformance.protocol.exchange import Exchange as Exchange
from conformance.protocol.exchange import Request as Request
from conformance.protocol.exchange import Response as Response
from conformance.targets import Target as Target

__version__: str
