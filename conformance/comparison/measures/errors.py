"""Rate limits, failures of the server, and answers that were lost on the way."""

from http import HTTPStatus

from conformance.comparison.sample import Sample
from conformance.protocol.chat.facts import fold

_FAILURES = HTTPStatus.INTERNAL_SERVER_ERROR


def infrastructure(sample: Sample) -> dict[str, float]:
    """Return which of these happened; if one did, the sample says nothing about the model.

    An answer is not whole without a response, if the connection ended early, if the stream ends
    with an error, and for a status that is neither 200 nor an error.
    """
    exchange = sample.exchange
    status = exchange.response.status if exchange else 0
    is_limit = status == HTTPStatus.TOO_MANY_REQUESTS
    is_failure = status >= _FAILURES
    return {
        "error-429": float(is_limit),
        "error-5xx": float(is_failure),
        "no-answer": float(not (is_limit or is_failure) and not _is_whole(sample)),
    }


def _is_whole(sample: Sample) -> bool:
    if sample.exchange is None or sample.exchange.response.truncated:
        return False
    status = sample.exchange.response.status
    if status != HTTPStatus.OK:
        return status >= HTTPStatus.BAD_REQUEST
    return not fold(sample.exchange).failures
