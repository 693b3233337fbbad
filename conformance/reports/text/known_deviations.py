"""The known deviations that were met, for people."""

from collections import Counter

from rich.console import Console

from conformance.reports.text.terminal import prose


def render(counted: Counter[tuple[str, str]], console: Console) -> None:
    """Print them, the most frequent first; ``counted`` is by requirement and by what is known.
    Nothing is printed where there are none."""
    if not counted:
        return
    prose(
        console,
        f"Known deviations ({counted.total():,}), with sources as in docs/protocol.md",
        style="dim",
    )
    width = len(f"{max(counted.values()):,}")
    for (requirement, known), count in sorted(
        counted.items(), key=lambda item: (-item[1], item[0])
    ):
        prose(console, f"{requirement:<8}  {count:>{width},}  {known}", 2, hang=4)
    console.print()
