"""AUTH: faults of credentials."""

from conformance.faults.errors import refuses
from conformance.faults.kit.body_edits import map_body
from conformance.faults.kit.fault import fault
from conformance.protocol.exchange import Exchange


def _credential(exchange: Exchange) -> str:
    """Return the credential of the request; "" if it is missing or redacted."""
    value = dict(exchange.request.headers).get("authorization", "").rpartition(" ")[2]
    return "" if "REDACT" in value.upper() else value


@fault("credential-repeated", "AUTH-004", applies=(refuses, _credential))
def credential_repeated(exchange: Exchange) -> Exchange | None:
    """The error message repeats the full credential."""
    return map_body(
        exchange,
        lambda body: (
            body
            | {
                "error": (
                    body["error"]
                    | {"message": f"Incorrect API key provided: {_credential(exchange)}."}
                )
            }
        ),
    )


FAULTS = (credential_repeated,)
