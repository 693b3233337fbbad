"""The known deviations that occurred, as text."""

from collections import Counter

from rich.console import Console

from conformance.reports.text.terminal import prose


def render(counted: Counter[tuple[str, str]], console: Console) -> None:
    """Print the known deviations, the most frequent first; print nothing if there are none.

    ``counted`` maps (requirement, description of the deviation) to the number of findings.
    """
    if not counted:
        return
    prose(
        console,
        f"Known deviations ({counted.total():,}); `conformance explain ID` links their sources",
        style="dim",
    )
    width = len(f"{max(counted.values()):,}")
    for (requirement, known), count in sorted(
        counted.items(), key=lambda item: (-item[1], item[0])
    ):
        prose(console, f"{requirement:<8}  {count:>{width},}  {known}", 2, hang=4)
    console.print()
