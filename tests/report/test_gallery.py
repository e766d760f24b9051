"""The gallery shows what suits a model: filters, reconstructions, a surface, energies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from ebmdsl.compilation import Compilation
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.report.gallery import Exhibit, Picture, gallery, undrawn
from ebmdsl.source.text import Source
from tests.report.pictures import is_a_picture

SPARSE = """model tiny(k = 12, lam = 0.2)
data photos = photographs() |> patches(10) |> whiten(cutoff = 0.4)
observed y : real[100] from photos
latent z : real[k]
param W : real[100, k] with unit_columns
decoder yhat = W @ z
cost recon = sq(y - yhat) / 2
regularizer sparse = lam * l1(z)
infer z by minimize
train by energy
"""
KMEANS = """model means(k = 3)
data curve = spiral(n = 100)
observed y : real[2] from curve
latent z : onehot[k]
param W : real[2, k] init kmeans_pp(y)
cost distortion = sq(y - W @ z)
infer z by minimize
train by energy
"""


def compiled(text: str) -> EnergyModule:
    compilation = Compilation(Source("test.ebm", text))
    plan = compilation.plan
    assert plan is not None, compilation.diagnostics
    module = lower(plan)
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=rng))
    module.project(plan.model.parameters)
    return module


def shown(text: str, folder: Path) -> tuple[Exhibit, dict[str, Picture]]:
    module = compiled(text)
    y = module.plan.model.with_role("observed")[0]
    rng = torch.Generator().manual_seed(1)
    metrics = folder / "metrics.jsonl"
    events = [
        {"event": "epoch", "epoch": n, "energy": {"total": 1.0 / (n + 1)}} for n in range(5)
    ]
    metrics.write_text("".join(json.dumps(event) + "\n" for event in events))
    samples = {y.name: torch.randn((40, *y.shape), generator=rng)}
    exhibit = Exhibit(module, samples, metrics, folder / "report")
    return exhibit, {picture.path.name: picture for picture in gallery(exhibit)}


def test_a_sparse_coder_shows_filters_and_reconstructions(tmp_path: Path) -> None:
    _, found = shown(SPARSE, tmp_path)
    assert set(found) == {
        "learning-curve.png",
        "filters-W.png",
        "orientation-W.png",
        "energies.png",
        "reconstructions-yhat.png",
    }
    assert all(is_a_picture(picture.path) for picture in found.values())
    assert 0 <= found["orientation-W.png"].numbers["oriented filters"] <= 1


def test_two_dimensions_show_a_surface_that_is_the_free_energy(tmp_path: Path) -> None:
    exhibit, found = shown(KMEANS, tmp_path)
    assert set(found) == {"learning-curve.png", "surface.png", "energies.png"}
    table = np.loadtxt(tmp_path / "report" / "surface.csv", delimiter=",", skiprows=1)
    rows = table[:: len(table) // 50]
    direct = exhibit.module.solve({"y": torch.from_numpy(rows[:, :2]).float()}).value
    np.testing.assert_allclose(rows[:, 2], direct.detach().numpy(), rtol=1e-6, atol=1e-6)
    share = found["surface.png"].numbers["low-energy share of the box"]
    assert 0 < share < 1


def test_pictures_are_the_same_every_time(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = (shown(KMEANS, tmp_path / name)[1] for name in ("a", "b"))
    for name, picture in first.items():
        assert picture.path.read_bytes() == second[name].path.read_bytes()


def test_weights_are_left_as_they_are(tmp_path: Path) -> None:
    exhibit, _ = shown(KMEANS, tmp_path)
    before = exhibit.module.weights["W"].clone()
    gallery(exhibit)
    assert torch.equal(exhibit.module.weights["W"], before)
    assert exhibit.module.weights["W"].grad is None


def test_pictures_that_nobody_can_draw_are_named() -> None:
    asked = SPARSE + "plot orientation(W)\nplot interpolate(yhat)\n"
    assert undrawn(compiled(asked).plan.model) == ("interpolate",)


def test_a_run_without_a_log_has_no_curve(tmp_path: Path) -> None:
    exhibit, _ = shown(KMEANS, tmp_path)
    exhibit.metrics.write_text("")
    names = {picture.path.name for picture in gallery(exhibit)}
    assert "learning-curve.png" not in names
