"""`ebmc surface`: the free energy over a plane, as a picture and as numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebmdsl.cli.options import command as declare
from ebmdsl.cli.runs import FOLDER, opened
from ebmdsl.cli.shell import current_shell
from ebmdsl.cli.writing import show_file

if TYPE_CHECKING:
    from ebmdsl.report.surface import Drawn
    from ebmdsl.runtime.trained import Trained

FILE = click.Path(path_type=Path, dir_okay=False)
SAMPLES = 2000
RESOLUTION = click.IntRange(min=3, max=2001)


@declare("surface")
@click.argument("run")
@click.option("-o", "--output", type=FILE, help="The picture; else surface.png in the run.")
@click.option("--resolution", type=RESOLUTION, default=201, show_default=True)
@click.option("--open", "shown", is_flag=True, help="Show the picture.")
@click.option("--out", type=FOLDER, default="runs", show_default=True, help="Where runs lie.")
def command(run: str, output: Path | None, *, resolution: int, shown: bool, out: Path) -> None:
    """Draw F over a plane: the first two coordinates, or through three test samples."""
    shell = current_shell()
    model = opened(run, out)
    drawn = _drawn(model, output or model.run.report / "surface.png", resolution=resolution)
    if shell.wants_json:
        files = {"picture": str(drawn.picture), "table": str(drawn.table)}
        shell.record(**files, low_share=drawn.low_share)
    else:
        shell.product(f"{drawn.picture}   low-energy share of the box {drawn.low_share:.4g}")
        shell.product(f"{drawn.table}   every point and its energy")
    if shown:
        show_file(drawn.picture)


def _drawn(model: Trained, path: Path, *, resolution: int) -> Drawn:
    from ebmdsl.report.surface import around, energy_surface, evaluate, low_threshold, through
    from ebmdsl.runtime.surface import free_energy, points_of

    energy, samples = free_energy(model), points_of(model, most=SAMPLES)
    plane = around(samples) if samples.shape[1] == 2 else through(samples[:3])
    return energy_surface(
        evaluate(energy, plane, resolution=resolution),
        path,
        samples=samples,
        threshold=low_threshold(energy(samples)),
    )
