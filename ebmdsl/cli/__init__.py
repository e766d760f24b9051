"""The command `ebmc`."""

from ebmdsl.cli.main import main

__all__ = ["main"]
