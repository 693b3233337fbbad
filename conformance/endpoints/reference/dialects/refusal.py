"""Refusals: why a request is rejected, in the words of each dialect."""

from conformance.endpoints.reference.dialects.dialect import Dialect


class Refused(Exception):
    """A request is rejected with an HTTP status and a message.

    ``param`` is the dotted path of the wrong field, None if no field is to blame. ``code`` is the
    error code of OpenAI. ``unknown`` is True if ``param`` is an unknown field. ``retry_after`` is
    the number of seconds after which a client should try again, None if it is not said. ``bare`` is
    True if Google gives no details with the message.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        param: str | None = None,
        code: str | None = None,
        unknown: bool = False,
        retry_after: int | None = None,
        bare: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.param = param
        self.code = code
        self.unknown = unknown
        self.bare = bare
        self.retry_after = retry_after


def unknown_field(name: str, dialect: Dialect, inside: str = "") -> Refused:
    """Return the refusal of an unknown field.

    ``inside`` is the path of the object that has the field, "" for the request itself.
    """
    path = f"{inside}.{name}" if inside else name
    if dialect.is_google:
        where = f' at "{inside}"' if inside else ""
        return Refused(
            f'Invalid JSON payload received. Unknown name "{name[:100]}"{where}: Cannot find'
            " field.",
            param=path,
            unknown=True,
        )
    return Refused(
        f"Unrecognized request argument supplied: {name[:100]}",
        param=path,
        code="unknown_parameter",
        unknown=True,
    )


def unknown_model(model: str, dialect: Dialect) -> Refused:
    """Return the refusal of a model that does not exist, or not any more."""
    name = model[:100]
    if dialect.profile == "vertex-gemini" and "/" not in name:
        return Refused(
            f"Malformed publisher model (`model`: '{name}') for the 'openapi' request endpoint ID;"
            " expected '<publisher>/<model>'.",
            bare=True,
        )
    if dialect.profile == "vertex-gemini":
        publisher, _, model = name.partition("/")
        place = dialect.example.removeprefix("/v1/").removesuffix("/endpoints/openapi")
        message = (
            f"Publisher Model `{place}/publishers/{publisher}/models/{model}` was not found or your"
            " project does not have access to it. Please ensure you are using a valid model"
            " version. For more information, see:"
            " https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
        )
    elif dialect.profile == "gemini-api" and dialect.retired.fullmatch(name):
        newest = f"models/{dialect.listed[0]}"
        message = (
            f"This model models/{name.removeprefix('models/')} is no longer available. Please"
            f" update your code to use {newest} for the latest features and improvements."
        )
    elif dialect.profile == "gemini-api":
        message = (
            f"models/{name.removeprefix('models/')} is not found for API version v1main, or is not"
            " supported for generateContent. Call ListModels to see the list of available models"
            " and their supported methods."
        )
    else:
        message = f"The model `{name}` was not found."
    return Refused(message, status=404, param="model", code="model_not_found")
