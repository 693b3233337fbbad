"""The command ``requirements``: prints the ledger."""

from shutil import get_terminal_size

from conformance.ledger.listing import as_json, as_markdown, as_text


def run(form: str) -> int:
    """Print the ledger; the exit code."""
    match form:
        case "md":
            print(as_markdown())
        case "json":
            print(as_json())
        case _:
            print(as_text(get_terminal_size().columns))
    return 0
