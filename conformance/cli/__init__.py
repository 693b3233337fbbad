"""The command line: what can be typed stands in commands.py, what each command does in a module of
its name."""

from conformance.cli.commands import main

__all__ = ["main"]
