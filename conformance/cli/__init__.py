"""The command line: a module for each command, and ``commands`` lists them."""

from conformance.cli.commands import main

__all__ = ["main"]
