"""The pictures of a run, drawn into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.cli.shell import Shell
    from ebmdsl.report.gallery import Picture
    from ebmdsl.runtime.trained import Trained

SHOWN = 2000


def draw(model: Trained, folder: Path) -> list[Picture]:
    """Draw every picture that suits a model, from samples that training has not seen."""
    from ebmdsl.report.gallery import Exhibit, gallery

    model = model.last
    samples = model.sources.samples("test").chunk(slice(SHOWN))
    folder.mkdir(parents=True, exist_ok=True)
    exhibit = Exhibit(
        module=model.module,
        samples=samples.rows(slice(None)),
        metrics=model.run.metrics,
        folder=folder,
        seed=model.settings.seed,
    )
    return list(gallery(exhibit))


def tell_undrawn(model: Model, shell: Shell) -> None:
    """Say which pictures the file asks for that nobody draws yet."""
    from ebmdsl.report.gallery import undrawn

    for word in undrawn(model):
        shell.say(f"`plot {word}` is not drawn yet")
