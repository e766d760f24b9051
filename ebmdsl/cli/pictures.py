"""The pictures of a run, drawn into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ebmdsl.report.gallery import Picture
    from ebmdsl.runtime.trained import Trained

SHOWN = 2000


def draw(model: Trained, folder: Path) -> list[Picture]:
    """Draw every picture that suits a model, from samples that training has not seen."""
    from ebmdsl.report.gallery import Exhibit, gallery

    samples = model.sources.samples("test").chunk(slice(SHOWN))
    folder.mkdir(parents=True, exist_ok=True)
    exhibit = Exhibit(
        module=model.module,
        samples=samples.variables,
        metrics=model.run.metrics,
        folder=folder,
        seed=model.settings.seed,
    )
    return list(gallery(exhibit))
