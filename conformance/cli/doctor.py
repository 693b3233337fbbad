"""The command ``doctor``: says line by line what keeps a target from being asked, and how to mend
it."""

from conformance._text import printable
from conformance.cli.exit import usage_error
from conformance.cli.target_options import TargetOptions, target_here
from conformance.endpoints.client.doctor import diagnose
from conformance.runs.selection import SelectionError


def run(at: TargetOptions, profile: str | None, name: str | None, seconds: float) -> int:
    """Examine a target; 0 where all is well, 3 where something is wrong."""
    try:
        target = target_here(at, profile, name, keyless=True)
    except SelectionError as error:
        return usage_error(str(error))
    print(
        printable(
            f"target: {target.name}: {target.base_url} as {target.profile}, model {target.model}"
        ),
        flush=True,
    )
    wrong = False
    for check in diagnose(target, seconds):
        print(printable(str(check)), flush=True)
        wrong = wrong or bool(check.fix)
    return 3 if wrong else 0
