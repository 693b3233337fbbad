from conformance.asserting import ConformanceWarning as ConformanceWarning
from conformance.asserting import assert_conformant as assert_conformant
from conformance.exchange import Exchange as Exchange
from conformance.exchange import Request as Request
from conformance.exchange import Response as Response
from conformance.targets import Target as Target

__version__: str
