"""`ebmc explain`: what a message means, with a program that earns it and the mended one."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.pages import colored_page, page_of, summary_of
from ebmdsl.cli.shell import Shell, current_shell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.source.mistake import Mistake

PACKAGE = Path(__file__).parents[1]
PHASES = ("source", "syntax", "check", "expand", "graph", "plan", "lower")


@declare("explain")
@click.argument("name", required=False, metavar="ID")
@click.option("--list", "listed", is_flag=True, help="Name every message.")
@click.option("--markdown", is_flag=True, help="Print Markdown instead of a page.")
def command(name: str | None, *, listed: bool, markdown: bool) -> None:
    """Explain a message by its id, such as `shape-mismatch`."""
    shell = current_shell()
    known = every_mistake()
    if listed or name is None:
        _list(known, shell)
        return
    found = known.get(name)
    if found is None:
        raise StopError(f"no message is called `{name}`{similar(name, known)}", Exit.USAGE)
    if shell.wants_json:
        shell.record(id=name, severity=found.severity, page=page_of(found))
    elif markdown:
        shell.product(f"# {name}\n\n{page_of(found)}")
    else:
        head = click.style(f"{found.severity}[{name}]", fg="red", bold=True)
        shell.product(f"{head}\n\n{colored_page(page_of(found))}")


def every_mistake() -> dict[str, type[Mistake]]:
    """Import whatever declares a mistake, phase by phase."""
    from ebmdsl.source.mistake import mistakes

    for path in sorted(PACKAGE.glob("*/**/*.py")):
        phase, *inside = path.relative_to(PACKAGE).with_suffix("").parts
        if phase in PHASES and b"\n@mistake(" in path.read_bytes():
            import_module(".".join(("ebmdsl", phase, *inside)))
    return mistakes()


def _list(known: dict[str, type[Mistake]], shell: Shell) -> None:
    if shell.wants_json:
        shell.record(messages={name: summary_of(one) for name, one in known.items()})
        return
    width = max((len(name) for name in known), default=0)
    for name, one in known.items():
        shell.product(f"{click.style(name.ljust(width), bold=True)}  {summary_of(one)}")


def similar(name: str, known: Iterable[str]) -> str:
    """Name the id that was meant, or say where all of them are."""
    found = get_close_matches(name, list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else " (`ebmc explain --list` names all)"
