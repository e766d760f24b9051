"""`ebmc version`: which compiler this is, and with `-v` what it stands on."""

from __future__ import annotations

import platform

import click

from ebmdsl import __version__
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import current_shell

STANDS_ON = ("torch", "numpy", "lark", "networkx", "pydantic", "scikit-learn", "pygraphviz")


@declare("version")
def command() -> None:
    """Show the version; with -v also those of Python, the libraries and the plug-ins."""
    shell = current_shell()
    libraries = {**_libraries(), **_plugins()} if shell.verbose else {}
    if shell.wants_json:
        shell.record(version=__version__, **libraries)
        return
    shell.product(f"ebmc {__version__}")
    for name, version in libraries.items():
        shell.product(f"  {name:<13} {click.style(version, dim=True)}")


def _libraries() -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for name in STANDS_ON:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _plugins() -> dict[str, str]:
    """Name the words of installed plug-ins, with where they come from."""
    from ebmdsl.concepts.plugins import plugins

    return {f"{kind}.{word}": entry.value for (kind, word), entry in plugins().items()}
