"""MM: faults of how a server accepts images."""

from conformance.faults.dialects import openai_error, refused_by_google, refused_by_openai
from conformance.faults.kit.body_edits import request_body, with_error
from conformance.faults.kit.conditions import is_answer
from conformance.faults.kit.fault import fault
from conformance.protocol.exchange import Exchange
from conformance.protocol.json_access import dict_items, get_path


def image_urls(exchange: Exchange) -> list[str]:
    """Return the URLs of the images in the request."""
    parts = [
        part
        for message in dict_items(request_body(exchange).get("messages"))
        for part in dict_items(message.get("content"))
    ]
    images = [part.get("image_url") for part in parts]
    urls = [image if isinstance(image, str) else get_path(image, "url") for image in images]
    return [url for url in urls if isinstance(url, str)]


def _asks_remote(exchange: Exchange) -> bool:
    return any(url.startswith("https://") for url in image_urls(exchange))


@fault(
    "remote-image-refused",
    "MM-004",
    also=("ERR-007", "ERR-018", "ERR-019"),
    report="B095",
    applies=(is_answer, _asks_remote),
)
def remote_image_refused(exchange: Exchange) -> Exchange | None:
    """The server rejects the https URL of an image because it accepts only inline data."""
    message = (
        "Invalid value at 'contents[0].parts[1].inline_data.data' (TYPE_BYTES), Base64 decoding"
        " failed for an image URL"
    )
    return refused_by_google(exchange, message)


@fault(
    "image-as-server-error",
    "MM-013",
    also=("ERR-019",),
    report="B189",
    applies=(is_answer, image_urls),
)
def image_as_server_error(exchange: Exchange) -> Exchange | None:
    """The server answers with status 500 because the model cannot read images."""
    return with_error(
        exchange,
        500,
        openai_error("Unsupported content part type: image_url", "server_error", code=500),
    )


@fault("remote-image-refused-in-due-form", "MM-004", applies=(is_answer, _asks_remote))
def remote_image_refused_in_due_form(exchange: Exchange) -> Exchange | None:
    """The server rejects the https URL of an image with a well-formed error."""
    return refused_by_openai(exchange, "Only base64 encoded images are supported.")


@fault("image-as-server-error-without-code", "MM-013", applies=(is_answer, image_urls))
def image_as_server_error_without_code(exchange: Exchange) -> Exchange | None:
    """The server answers with status 500 because it cannot read the image."""
    return with_error(exchange, 500, openai_error("cannot identify image file", "server_error"))


FAULTS = (
    remote_image_refused,
    image_as_server_error,
    remote_image_refused_in_due_form,
    image_as_server_error_without_code,
)
