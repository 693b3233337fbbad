"""Find what a check of arguments demands although the tool cannot be called that way."""

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.protocol.chat.requested_schema import compile_check


def impossible_arguments(checked: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each parameter or value that is checked but not declared.

    ``checked`` is the JSON Schema of a check, ``declared`` that of the same value in the tool.
    Patterns are not compared.
    """
    known = declared.get("properties", {})
    members = checked.get("properties", {})
    for name in sorted({*members, *checked.get("required", ())}):
        if name in known:
            yield from impossible_arguments(members.get(name, {}), known[name])
        else:
            yield f"the tool has no parameter {name}"
    for part in checked.get("allOf", ()):
        yield from impossible_arguments(part, declared)
    items = [checked[key] for key in ("items", "contains") if key in checked]
    for item in (*items, *checked.get("prefixItems", ())):
        yield from impossible_arguments(item, declared.get("items", {}))
    fits = compile_check(dict(declared))
    values = [*checked.get("enum", ()), *([checked["const"]] if "const" in checked else ())]
    yield from (
        f"the tool does not take the value {value!r}" for value in values if fits and fits(value)
    )
