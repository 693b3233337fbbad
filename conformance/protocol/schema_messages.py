"""A violated keyword of JSON Schema in words: what is wrong, what was expected, what was there."""

from typing import Any, NamedTuple

from conformance.protocol.exchange import Json

MISSING = "is missing"
"""How the message ends where a key is not there."""

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
    """Say in words how the instance of an error of jsonschema-rs breaks a keyword whose value is
    ``wanted``."""
    instance = error.instance
    match keyword:
        case "required":
            missing = error.kind.as_dict()["property"]
            return Description(f"`{missing}` {MISSING}", f"`{missing}`", instance)
        case "type":
            names = [_NAMES[name] for name in ([wanted] if isinstance(wanted, str) else wanted)]
            return Description(
                f"{_kind(instance)} where {' or '.join(names)} is expected",
                " or ".join(names),
                instance,
            )
        case "const":
            return Description("another value is expected", wanted, instance)
        case "enum":
            return Description("none of the values expected", wanted, instance)
        case "pattern":
            return Description(
                "the text is not of the form expected", f"a text that matches {wanted}", instance
            )
        case "minLength" | "minItems" | "minProperties":
            unit = f"{_UNITS[keyword]}{'' if wanted == 1 else 's'}"
            return Description(
                "it is empty" if not instance else "it is too short",
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
            f"{_NAMES[wanted['type']]} has no place here", f"not {_NAMES[wanted['type']]}", instance
        )
    if isinstance(wanted, dict) and "required" in wanted:
        present = ", ".join(f"`{key}`" for key in wanted["required"])
        return Description(f"{present} has no place here", f"no {present}", instance)
    return Description("the value has no place here", {"not": wanted}, instance)


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
