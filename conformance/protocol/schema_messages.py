"""Describe the violation of a JSON Schema keyword in words."""

from typing import Any, NamedTuple

from conformance.protocol.exchange import Json

MISSING = "is missing"
"""The end of the message for a missing key."""

_NAMES = {
    "null": "null",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "string": "a string",
    "array": "an array",
    "object": "an object",
}

_UNITS = {"minLength": "character", "minItems": "item", "minProperties": "key"}


class Description(NamedTuple):
    """The message, the expected and the actual value of a finding."""

    message: str
    expected: Json
    actual: Json


def describe_violation(keyword: str, wanted: Json, error: Any) -> Description:
    """Describe an error of jsonschema-rs: how its instance breaks a keyword.

    Args:
        keyword: The keyword of the schema, such as ``required``.
        wanted: The value of the keyword.
        error: The ``ValidationError`` of jsonschema-rs.
    """
    instance = error.instance
    match keyword:
        case "required":
            missing = error.kind.as_dict()["property"]
            return Description(f"`{missing}` {MISSING}", f"`{missing}` is present", instance)
        case "type":
            names = [_NAMES[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
            return Description(
                f"the value is {_kind(instance)}, not {' or '.join(names)}",
                " or ".join(names),
                instance,
            )
        case "const":
            return Description("the value is not the one expected", wanted, instance)
        case "enum":
            return Description("the value is not one of those expected", wanted, instance)
        case "pattern":
            return Description(
                "the text does not have the expected form",
                f"a text that matches {wanted}",
                instance,
            )
        case "minLength" | "minItems" | "minProperties":
            unit = f"{_UNITS[keyword]}{'' if wanted == 1 else 's'}"
            return Description(
                "the value is empty" if not instance else "the value is too short",
                f"{wanted} {unit} or more",
                instance,
            )
        case "minimum" | "maximum":
            low = keyword == "minimum"
            return Description(
                f"the number is too {'small' if low else 'large'}",
                f"{wanted} or {'more' if low else 'less'}",
                instance,
            )
        case "not":
            return _forbidden(wanted, instance)
    text = str(error.message)
    return Description(text if len(text) <= 200 else text[:199] + "…", {keyword: wanted}, instance)


def _forbidden(wanted: Json, instance: Json) -> Description:
    if isinstance(wanted, dict) and "type" in wanted:
        return Description(
            f"{_NAMES[wanted['type']]} is not allowed here",
            f"not {_NAMES[wanted['type']]}",
            instance,
        )
    if isinstance(wanted, dict) and "required" in wanted:
        present = ", ".join(f"`{key}`" for key in wanted["required"])
        return Description(f"{present} is not allowed here", f"no {present}", instance)
    return Description("the value is not allowed here", {"not": wanted}, instance)


def _kind(value: Json) -> str:
    for types, name in (
        (type(None), "null"),
        (bool, "boolean"),
        (int, "integer"),
        (float, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    ):
        if isinstance(value, types):
            return _NAMES[name]
    return type(value).__name__
