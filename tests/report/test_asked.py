"""Pictures that a file asks for: of values, of codes, of the weights of nets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ebmdsl.report.asked import asked, pictures
from ebmdsl.report.gallery import Exhibit
from tests.runtime.programs import run

CODER = """model coder
data digs = digits()
observed y : real[64] from digs.image
net enc = linear(16) |> tanh |> linear(3)
net dec = linear(64)
encoder code = enc(y)
decoder back = dec(code)
cost recon = sq(y - back)
train by energy with sgd(0.01)
run { steps = 2, batch = 16 }
plot tile(back)
plot tile(enc)
plot scatter(code)
plot tile(code)
"""


def test_values_codes_and_weights_are_drawn_by_their_names(tmp_path: Path) -> None:
    model = run(CODER, tmp_path)
    samples = model.sources.samples("test").rows(slice(None))
    exhibit = Exhibit(model.module, samples, model.run.metrics, tmp_path)
    names = [path.name for path in asked(exhibit)]
    assert names == ["tile-back.png", "tile-enc.png", "scatter-code.png"]
    assert all((tmp_path / name).stat().st_size > 1000 for name in names)


def test_what_is_square_is_a_picture() -> None:
    def shape(*axes: int) -> tuple[int, ...] | None:
        found = pictures(np.zeros(axes))
        return None if found is None else found.shape

    assert shape(7, 64) == (7, 8, 8)
    assert shape(7, 1, 28, 28) == (7, 28, 28)
    assert shape(7, 3, 16, 16) == (7, 16, 16)
    assert shape(7, 5, 2, 9, 9) == (70, 9, 9)
    assert shape(7, 60) is None
    assert shape(7, 8, 9) is None
