"""`ebmc infer`: codes, energies and certificates for given samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.options import command as declare
from ebmdsl.cli.runs import FOLDER, opened
from ebmdsl.cli.shell import current_shell

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILE = click.Path(path_type=Path, dir_okay=False)


@declare("infer")
@click.argument("run")
@click.option("-i", "--input", "given", type=FILE, help="Samples by name: .npz, or one .npy.")
@click.option("-o", "--output", type=FILE, default="codes.npz", show_default=True)
@click.option("--tol", type=click.FloatRange(min=0, min_open=True), default=1e-5)
@click.option("--out", type=FOLDER, default="runs", show_default=True, help="Where runs lie.")
def command(run: str, given: Path | None, *, output: Path, tol: float, out: Path) -> None:
    """Find the latents of samples: by default those of the test split."""
    shell = current_shell()
    model = opened(run, out)
    from ebmdsl.runtime.infer import arrays_of, infer, read_arrays, write_arrays

    only = next((each.name for each in model.plan.model.with_role("observed")), "y")
    arrays = None if given is None else read_arrays(given, only=only)
    found = infer(model, arrays, tol=tol)
    answer = arrays_of(found)
    write_arrays(output, answer)
    status = _statuses(answer["status"])
    if shell.wants_json:
        shapes = {name: list(x.shape) for name, x in answer.items()}
        shell.record(output=str(output), samples=found.count, arrays=shapes, **status)
        return
    listed = ", ".join(f"{name} {list(x.shape)}" for name, x in answer.items())
    ended = ", ".join(f"{count} {word}" for word, count in status.items() if count)
    shell.product(f"{output}: {listed}")
    shell.say(f"{found.count} samples: {ended}")


def _statuses(codes: NDArray[Any]) -> dict[str, int]:
    from ebmdsl.lower.loop import Status

    return {each.name.lower(): int((codes == each.value).sum()) for each in Status}
