"""The command line as a program, and as a module: ``python -m conformance``."""

import sys

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C ends it with one line, even while modules are imported."""
    try:
        from conformance.cli import main as command

        command(prog_name="conformance")
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        raise SystemExit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
