"""`ebmc infer`: codes, predictions, energies and certificates for given samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.failures import Exit
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.runs import FOLDER, opened
from ebmdsl.cli.shell import current_shell

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ebmdsl.cli.shell import Shell
    from ebmdsl.runtime.infer import Inferred, Query
    from ebmdsl.runtime.trained import Trained

FILE = click.Path(path_type=Path, dir_okay=False)
SHOWN = 5


@declare("infer")
@click.argument("run")
@click.option("-i", "--input", "given", type=FILE, help="Samples: .npz, .csv, or one .npy.")
@click.option("-o", "--output", type=FILE, default="codes.npz", show_default=True)
@click.option("--find", multiple=True, metavar="NAME", help="An observed variable to find.")
@click.option("--mask", type=FILE, help="Entries to find: 1 where a variable is not known.")
@click.option("--samples", "first", type=click.IntRange(min=1), help="Only the first samples.")
@click.option("--tol", type=click.FloatRange(min=0, min_open=True), default=1e-5)
@click.option("--strict", is_flag=True, help="A sample that is not proved fails the command.")
@click.option("--out", type=FOLDER, default="runs", show_default=True, help="Where runs lie.")
def command(run: str, **flags: Any) -> None:
    """Find the latents of samples, and of their variables what is not known.

    By default these are the samples of the test split. An observed variable that a `predict`
    finds may be left out of the input, hold NaN, be named by --find, or have a mask.
    """
    shell = current_shell()
    model = opened(run, flags["out"]).last
    from ebmdsl.runtime.infer import arrays_of, infer
    from ebmdsl.runtime.tables import write_arrays

    inferred = infer(model, _query(model, flags), tol=flags["tol"])
    answer = arrays_of(inferred)
    write_arrays(flags["output"], answer)
    _tell(shell, flags["output"], inferred=inferred, answer=answer)
    _warn(shell, model, inferred=inferred)
    if flags["strict"] and bool(inferred.status.any()):
        click.get_current_context().exit(Exit.RUN)


def _query(model: Trained, flags: dict[str, Any]) -> Query:
    from ebmdsl.runtime.infer import Query
    from ebmdsl.runtime.tables import read_arrays

    declared = model.plan.model.with_role("observed", "given", "random")
    shapes = {each.name: each.whole for each in declared}
    findable = [name for step in model.plan.predictions for name in step.wanted]
    observed = [each.name for each in declared if each.role == "observed"]
    given, mask = flags["given"], flags["mask"]
    read = None if given is None else read_arrays(given, only=observed[0], shapes=shapes)
    only = (findable or observed)[0]
    masks = {} if mask is None else read_arrays(mask, only=only, shapes=shapes)
    return Query(read, masks, find=flags["find"], first=flags["first"])


def _tell(
    shell: Shell, output: Path, *, inferred: Inferred, answer: dict[str, NDArray[Any]]
) -> None:
    status, count = _statuses(answer["status"]), inferred.found.count
    if shell.wants_json:
        shapes = {name: list(x.shape) for name, x in answer.items()}
        shell.record(output=str(output), samples=count, arrays=shapes, **status)
        return
    listed = ", ".join(f"{name} {list(x.shape)}" for name, x in answer.items())
    ended = ", ".join(f"{count} {word}" for word, count in status.items() if count)
    shell.product(f"{output}: {listed}")
    shell.say(f"{count} samples: {ended}")
    for line in _unproved(answer):
        shell.say(line)


def _warn(shell: Shell, model: Trained, *, inferred: Inferred) -> None:
    """Say where the search is written that left samples without a proof."""
    import torch

    from ebmdsl.runtime.diverged import unproved

    found = inferred.found
    reason = unproved(model.module, found.proofs, rows=torch.arange(found.count))
    if reason is not None and not shell.wants_json:
        shell.say(reason)


def _unproved(answer: dict[str, NDArray[Any]]) -> list[str]:
    """Name the first samples whose search did not end at a proof."""
    rows = answer["status"].nonzero()[0]
    words = {1: "at its limit", 2: "not finite"}
    lines = [
        f"  sample {row}: {words[int(answer['status'][row])]},"
        f" certificate {float(answer['certificate'][row]):.2g}"
        for row in rows[:SHOWN]
    ]
    more = len(rows) - SHOWN
    return [*lines, f"  … and {more} more: see `status`"] if more > 0 else lines


def _statuses(codes: NDArray[Any]) -> dict[str, int]:
    from ebmdsl.lower.loop import Status

    return {each.name.lower(): int((codes == each.value).sum()) for each in Status}
