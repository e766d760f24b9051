"""`ebmc data`: the named data sets, what is in them, and how to bring them."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.pages import summary_of
from ebmdsl.cli.shell import Shell, current_shell

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Dataset, Field

DRAWN = 64


@declare("data")
@click.argument("action", type=click.Choice(["list", "show", "fetch"]))
@click.argument("name", required=False)
@click.option("-o", "out", metavar="FILE.png", help="With show: draw some samples.")
def command(action: str, *, name: str | None, out: str | None) -> None:
    """List the data sets, show one of them, or fetch its files into the data folder."""
    shell = current_shell()
    if action == "list":
        _list(shell)
        return
    if name is None:
        raise StopError(f"`ebmc data {action}` needs the name of a data set", Exit.USAGE)
    dataset = _dataset(name)
    if action == "fetch":
        _fetch(dataset, shell)
    else:
        _show(dataset, shell, out=out)


def _list(shell: Shell) -> None:
    from ebmdsl.concepts.base import find, words
    from ebmdsl.concepts.kinds import Dataset

    found = {word: cls for word in words(Dataset) if (cls := find(Dataset, word)) is not None}
    if shell.wants_json:
        shell.record(data={word: {"fetch": cls.fetch} for word, cls in found.items()})
        return
    width = max(map(len, found))
    for word, cls in found.items():
        where = " (ebmc data fetch)" if cls.fetch else ""
        name = click.style(word.ljust(width), fg="cyan")
        shell.product(f"  {name}  {summary_of(cls)}{where}")


def _dataset(text: str) -> Dataset:
    """Read `mnist` or `letters("python", length = 32)` as a program would."""
    from ebmdsl.compilation import Compilation
    from ebmdsl.source.text import Source

    call = text if "(" in text else f"{text}()"
    program = f"model shown\ndata shown = {call}\nparam a : real\ncost c = sq(a)\n"
    model = (compilation := Compilation(Source("data", program))).model
    if model is None:
        reason = next(iter(compilation.diagnostics.errors)).message
        raise StopError(f"`{text}`: {reason}", Exit.USAGE)
    return model.data[0].dataset


def _fetch(dataset: Dataset, shell: Shell) -> None:
    """Run the command that brings the files, in the data folder; loading checks them."""
    from ebmdsl.std.folder import folder

    if not dataset.fetch:
        shell.say(f"`{dataset.word}` needs nothing: it comes with an installed package")
        return
    folder().mkdir(parents=True, exist_ok=True)
    for step in dataset.fetch.split(" && "):
        shell.say(f"in {folder()}: {step}")
        arguments = [found for part in shlex.split(step) for found in _matching(part)]
        _run(arguments, str(folder()))
    _loaded(dataset)
    shell.say(f"`{dataset.word}` is there")


def _matching(part: str) -> list[str]:
    """Write out a name with a star as the files that it stands for."""
    from ebmdsl.std.folder import folder

    found = sorted(one.name for one in folder().glob(part)) if "*" in part else []
    return found or [part]


def _run(arguments: list[str], where: str) -> None:
    try:
        done = subprocess.run(arguments, cwd=where, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise StopError(f"`{arguments[0]}` is not installed", Exit.RUN) from None
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise StopError(f"`{shlex.join(arguments)}` failed: {' '.join(last)}", Exit.RUN)


def _loaded(dataset: Dataset) -> dict[str, dict[str, Any]]:
    try:
        return {split: dict(dataset.load(split, 0)) for split in ("train", "test")}
    except (ImportError, OSError) as error:
        raise StopError(f"`{dataset.word}`: {error}", Exit.RUN) from None


def _show(dataset: Dataset, shell: Shell, *, out: str | None) -> None:
    splits = _loaded(dataset)
    if shell.wants_json:
        shapes = {
            split: {name: list(x.shape) for name, x in arrays.items()}
            for split, arrays in splits.items()
        }
        shell.record(data=dataset.word, splits=shapes)
    else:
        for field in dataset.fields():
            shell.product(_line(field, splits))
    if out is not None:
        _draw(dataset, splits["train"], out=out)


def _line(field: Field, splits: dict[str, dict[str, Any]]) -> str:
    """Describe one field: its shape, its domain, its samples and its range."""
    import numpy as np

    values = [arrays[field.name] for arrays in splits.values()]
    counts = " + ".join(f"{len(x):,}" for x in values)
    low, high = float(np.nanmin(values[0])), float(np.nanmax(values[0]))
    shape = "x".join(map(str, field.shape)) or "1"
    star = "*" if field.main else " "
    name = click.style(field.name, fg="cyan")
    return f"{star} {name}: {field.domain}[{shape}], {counts} samples, {low:.4g} … {high:.4g}"


def _draw(dataset: Dataset, arrays: dict[str, Any], *, out: str) -> None:
    """Draw samples whose main field is a square picture."""
    from pathlib import Path

    from ebmdsl.report.filters import filter_grid

    main = next(field for field in dataset.fields() if field.main)
    samples = arrays[main.name][:DRAWN]
    try:
        filter_grid(samples.reshape(len(samples), -1).T, Path(out), title=dataset.word)
    except ValueError as error:
        raise StopError(
            f"`{dataset.word}.{main.name}` is no square picture: {error}", Exit.USAGE
        ) from None
