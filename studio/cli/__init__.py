"""The command `studio`."""

from studio.cli.command import main as main
