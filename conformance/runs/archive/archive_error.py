"""The error of everything that reads or writes archives."""


class ArchiveError(ValueError):
    """An archive cannot be written, or must not be used; the message fits on one line."""
