"""The pictures of a run, drawn into its report folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ebmdsl.runtime.start import Start

SHOWN = 2000


def draw_start(start: Start) -> list[Path]:
    """Draw every picture that suits a model, from samples that training has not seen."""
    from ebmdsl.report.gallery import Exhibit, gallery

    run = start.directory
    samples = start.sources.samples("test").chunk(slice(SHOWN))
    run.report.mkdir(exist_ok=True)
    exhibit = Exhibit(
        module=start.module,
        samples=samples.variables,
        metrics=run.metrics,
        folder=run.report,
        seed=start.settings.seed,
    )
    return [picture.path for picture in gallery(exhibit)]
