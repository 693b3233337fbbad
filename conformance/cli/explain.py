"""The command ``explain``: what a requirement demands, whom it protects, and an example."""

import click

from conformance.cli.exit import exit_with, usage_error


@click.command(short_help="Explain a requirement, with an example and links.")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The format of the explanation.",
)
def explain(ids: tuple[str, ...], form: str) -> None:
    """Explain requirements, such as SSE-003; sse3 means the same.

    Shows the levels, which clients a violation breaks, the smallest example of a violation (-
    conforms, + violates) with what is reported for it, the targets that are known to break the
    requirement, and where it comes from.

    Exit codes: 0 success, 2 bad usage.
    """
    exit_with(lambda: _explain(ids, form))


def _explain(ids: tuple[str, ...], form: str) -> int:
    """Print the explanations; return 2 for an unknown id, else 0."""
    from conformance.judging.own_checks import with_own_checks
    from conformance.judging.requirements.typed_ids import id_like
    from conformance.judging.suite import shipped_suite
    from conformance.runs.explaining.explanation import explanation_of

    suite = with_own_checks(shipped_suite())
    wanted = list(dict.fromkeys(map(id_like, ids)))
    if unknown := [name for name in wanted if name not in suite.requirements]:
        from conformance.runs.selection import why_unknown

        return usage_error(why_unknown(unknown, suite.requirements))
    explanations = [explanation_of(name, suite) for name in wanted]
    if form == "json":
        from conformance.reports.explain_json import as_json

        print(as_json(explanations).decode())
        return 0
    from rich.console import Console

    from conformance.reports.explain_text import page_of
    from conformance.reports.text.page import Line, show

    console = Console(highlight=False)
    for number, explanation in enumerate(explanations):
        show(console, [*([Line("")] if number else []), *page_of(explanation, console.width)])
    return 0
