"""`ebmc eval`: the numbers that a file reports and expects, on data it was not trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ebmdsl.cli.failures import Exit
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.runs import FOLDER, failed, opened, record_of, show_measured
from ebmdsl.cli.shell import current_shell

SPLIT = click.Choice(["train", "validation", "test"])


@declare("eval")
@click.argument("run")
@click.option("--on", type=SPLIT, help="Measure everything on this split.")
@click.option("--out", type=FOLDER, default="runs", show_default=True, help="Where runs lie.")
def command(run: str, on: Any, *, out: Path) -> None:
    """Measure a run: energies, `report` and `expect` lines; exit 1 if one does not hold."""
    shell = current_shell()
    model = opened(run, out)
    from ebmdsl.runtime.evaluate import evaluate_run

    rows = evaluate_run(model, on=on)
    if shell.wants_json:
        shell.record(run=str(model.run.path), measures=[record_of(row) for row in rows])
    else:
        shell.product(f"{model.plan.model.name}  {model.run.path}")
        show_measured(rows, shell)
    if failed(rows):
        click.get_current_context().exit(Exit.MODEL)
