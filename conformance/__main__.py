"""The command line as a module: ``python -m conformance``."""

from conformance.cli import main

main(prog_name="conformance")
