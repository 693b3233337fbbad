"""MM: faults of how images are taken."""

from conformance.exchange import Exchange
from conformance.faults.base import fault
from conformance.faults.edit import asked, with_error
from conformance.faults.when import is_answer
from conformance.json_parts import inside, objects


def image_urls(exchange: Exchange) -> list[str]:
    """The URLs of the images of the request."""
    parts = [part for message in objects(asked(exchange).get("messages")) for part in objects(message.get("content"))]
    images = [part.get("image_url") for part in parts]
    urls = [image if isinstance(image, str) else inside(image, "url") for image in images]
    return [url for url in urls if isinstance(url, str)]


def _asks_remote(exchange: Exchange) -> bool:
    return any(url.startswith("https://") for url in image_urls(exchange))


@fault("remote-image-refused", "MM-004", also=("ERR-007", "ERR-018", "ERR-019"), report="B095", applies=(is_answer, _asks_remote))
def remote_image_refused(exchange: Exchange) -> Exchange | None:
    """An image by its https URL is refused, as only data is taken."""
    message = "Invalid value at 'contents[0].parts[1].inline_data.data' (TYPE_BYTES), Base64 decoding failed for an image URL"
    return with_error(exchange, 400, [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}])


@fault("image-as-server-error", "MM-013", also=("ERR-019",), report="B189", applies=(is_answer, image_urls))
def image_as_server_error(exchange: Exchange) -> Exchange | None:
    """An image for a model that reads text only is a server error."""
    error = {"message": "Unsupported content part type: image_url", "type": "server_error", "param": None, "code": 500}
    return with_error(exchange, 500, {"error": error})


@fault("remote-image-refused-in-due-form", "MM-004", applies=(is_answer, _asks_remote))
def remote_image_refused_in_due_form(exchange: Exchange) -> Exchange | None:
    """An image by its https URL is refused by a well-formed error."""
    error = {"message": "Only base64 encoded images are supported.", "type": "invalid_request_error", "param": None, "code": None}
    return with_error(exchange, 400, {"error": error})


@fault("image-as-server-error-without-code", "MM-013", applies=(is_answer, image_urls))
def image_as_server_error_without_code(exchange: Exchange) -> Exchange | None:
    """An image that cannot be read is a server error."""
    error = {"message": "cannot identify image file", "type": "server_error", "param": None, "code": None}
    return with_error(exchange, 500, {"error": error})
