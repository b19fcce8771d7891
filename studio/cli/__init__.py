"""The command `studio`."""

from studio.cli.main import main as main
