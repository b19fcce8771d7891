"""Exit codes, and the one exception that carries a wrong command line to `command.main`."""

from __future__ import annotations

DONE = 0  # warnings may have been printed
DOCUMENT = 1  # errors in the document
USAGE = 2  # the command line itself
FAILED = 3  # something broke while running
CANCELLED = 130  # Ctrl-C, as shells say it


class UsageError(Exception):
    """What was asked for cannot be meant; the text is a sentence for the person who typed it."""
