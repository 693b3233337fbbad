"""The work of the command ``compare``: ask or read both sides, compare, print."""

from contextlib import nullcontext
from pathlib import Path

from conformance._files import locked
from conformance.cli.compare_asked import asked, print_plan
from conformance.cli.compare_options import CompareOptions
from conformance.cli.compare_output import outputs_for, show
from conformance.cli.compare_samples import Compared, of_stored, repeated
from conformance.cli.compare_targets import Asked, Sides, Stored, sides_of
from conformance.cli.exit import INTERRUPTED, usage_error
from conformance.cli.options import live_only_in_use
from conformance.cli.output_options import OutputError
from conformance.comparison.result import Comparison
from conformance.runs.compare.comparing import compared, complete_pairs
from conformance.runs.compare.session import NotReady
from conformance.runs.selection import Selection, SelectionError, check

NOT_ENOUGH = 3
"""The exit code if not enough could be compared."""


def compare_sides(options: CompareOptions) -> int:
    """Compare and print; return the exit code.

    What the user has to correct is printed in one line, with exit code 2; a side that answers
    nothing likewise, with exit code 3.
    """
    try:
        check(Selection(options.profile))
        sides = sides_of(options)
        _check_usage(options, sides)
        outputs = outputs_for(options)
        if options.plan:
            return _plan(options, sides)
        if options.report:
            _make_folder(options.report)
        with locked(options.report) if options.report else nullcontext():
            done = _done(options, sides)
            if done is None:
                return NOT_ENOUGH
            comparison = compared(done.samples, done.settings)
            show(comparison, done.samples, done.settings, options, outputs)
    except (SelectionError, OutputError) as error:
        return usage_error(str(error))
    except NotReady as error:
        usage_error(str(error))
        return NOT_ENOUGH
    if done.unwritten:
        raise done.unwritten
    if done.interrupted:
        return INTERRUPTED
    return _exit_code(comparison, done, options)


def _exit_code(comparison: Comparison, done: Compared, options: CompareOptions) -> int:
    if comparison.fails:
        return 1
    if not complete_pairs(done.samples) or not comparison.results:
        return NOT_ENOUGH
    unclear = [
        each
        for each in comparison.results
        if each.metric.gates and each.judgement in ("cannot tell", "changed")
    ]
    return NOT_ENOUGH if options.require_proof and unclear else 0


def _check_usage(options: CompareOptions, sides: Sides) -> None:
    asks = isinstance(sides.new, Asked)
    if not asks:
        if isinstance(sides.old, Asked):
            raise SelectionError("a side that is asked can only be NEW: give the saved one first")
        if names := live_only_in_use(options):
            raise SelectionError(f"{', '.join(names)}: both sides are saved, so nothing is asked")
    elif options.resume and not options.report:
        raise SelectionError("--resume needs the --report DIR of the comparison to continue")


def _plan(options: CompareOptions, sides: Sides) -> int:
    assert isinstance(sides.new, Asked)  # see _check_usage
    print_plan(options, sides.old, sides.new)
    return 0


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise SelectionError(f"--report {folder}: this is a file; name a folder") from None
    except OSError as error:
        raise SelectionError(f"--report {folder}: {error.strerror}") from None


def _done(options: CompareOptions, sides: Sides) -> Compared | None:
    """Return the samples of both sides; None if there are none, which is then said."""
    if sides.new is None:
        assert isinstance(sides.old, Stored)
        return repeated(sides.old.path, options)
    if isinstance(sides.new, Stored):
        assert isinstance(sides.old, Stored)
        return of_stored(sides.old.path, sides.new.path, options)
    return asked(options, sides.old, sides.new)
