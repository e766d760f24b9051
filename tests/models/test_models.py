"""Every model trained on its real data, beside what other libraries find there."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.linear_model import Lasso

from ebmdsl.cli.pictures import draw
from ebmdsl.compilation import Compilation
from ebmdsl.lower.module import lower
from ebmdsl.report.orientation import tuning
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.evaluate import evaluate_run
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.start import begin
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import Trained, trained
from ebmdsl.source.text import Source
from tests.house.tree import ROOT

pytestmark = [pytest.mark.models, pytest.mark.timeout(1200)]


@cache
def _trained(name: str, out: Path) -> Trained:
    path = ROOT / "models" / f"{name}.ebm"
    start = begin(Compilation(Source(str(path), path.read_text())), TrainOptions(out=out))
    train(start, Silent())
    return trained(start)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


def _samples(model: Trained) -> Any:
    return model.sources.samples("train").variables["y"]


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "models").glob("*.ebm")))
def test_what_the_file_expects_holds(name: str, out: Path) -> None:
    rows = evaluate_run(_trained(name, out))
    assert not [row.text for row in rows if row.holds is False]


@pytest.mark.parametrize("name", ["kmeans", "kmeans_digits"])
def test_prototypes_are_as_good_as_the_best_of_ten_runs(name: str, out: Path) -> None:
    model = _trained(name, out)
    y = _samples(model)
    with torch.no_grad():
        ours = float(model.module.solve({"y": y}).value.mean())
    states = model.module.get_parameter("W").shape[1]
    elsewhere: Any = KMeans
    best: float = elsewhere(states, n_init=10, random_state=0).fit(y.numpy()).inertia_
    theirs = best / len(y)
    print(f"{name}: {ours:.6g}, scikit-learn {theirs:.6g}, ratio {ours / theirs:.4f}")
    assert ours <= 1.02 * theirs


def test_the_plane_is_that_of_the_principal_components(out: Path) -> None:
    model = _trained("pca", out)
    y = _samples(model).double().numpy()
    found = model.module.get_parameter("W").detach().double().numpy()
    theirs: Any = PCA(found.shape[1]).fit(y)
    overlap = np.linalg.svd(found.T @ theirs.components_.T)[1].clip(-1, 1)
    sine = np.linalg.norm(found - theirs.components_.T @ theirs.components_ @ found, 2)
    print(f"pca: largest principal angle {sine:.2e} rad, least cosine {overlap.min():.12f}")
    assert np.arcsin(min(sine, 1)) < 1e-3


def test_filters_of_photographs_are_oriented(out: Path) -> None:
    begun = time.monotonic()
    model = _trained("sparse_coding", out)
    weight = model.module.get_parameter("W").detach().double().numpy()
    found = tuning(weight.T.reshape(-1, 12, 12))
    print(f"sparse coding: {found.share:.3f} oriented, bins {found.counts}")
    print(f"trained in {time.monotonic() - begun:.1f} s")
    assert found.share >= 0.7
    assert sum(count > 0 for count in found.counts) >= 6


def test_codes_are_those_of_the_lasso(out: Path) -> None:
    text = (ROOT / "models" / "sparse_coding.ebm").read_text()
    exact = text.replace("infer z by minimize", "infer z by minimize with admm(tol = 1e-8)")
    plan = Compilation(Source("exact.ebm", exact)).plan
    assert plan is not None
    module = lower(plan, dtype=torch.float64)
    model = _trained("sparse_coding", out)
    weight = model.module.get_parameter("W").detach().double()
    with torch.no_grad():
        module.get_parameter("W").copy_(weight)
    y = model.sources.samples("test").variables["y"][:100].double()
    found = module.solve({"y": y})
    w, lam = weight.numpy(), 0.5
    for patch, value in zip(y.numpy(), found.value.tolist(), strict=True):
        lasso = Lasso(alpha=lam / 144, fit_intercept=False, tol=1e-12, max_iter=100_000)
        z = lasso.fit(w, patch).coef_
        theirs = ((patch - w @ z) ** 2).sum() / 2 + lam * np.abs(z).sum()
        assert value == pytest.approx(theirs, rel=1e-6)


def test_the_gap_at_the_default_tolerance_is_small(out: Path) -> None:
    """The gap is computed again from the definition of the lasso's dual, in float64."""
    model = _trained("sparse_coding", out)
    y = model.sources.samples("test").variables["y"][:1000]
    with torch.no_grad():
        z = model.module.solve({"y": y}).assignment["z"].double().numpy()
    w, target = model.module.get_parameter("W").detach().double().numpy(), y.double().numpy()
    rest = target - z @ w.T
    primal = (rest**2).sum(1) / 2 + 0.5 * np.abs(z).sum(1)
    dual_point = rest * np.minimum(1, 0.5 / np.abs(rest @ w).max(1))[:, None]
    dual = (target**2).sum(1) / 2 - ((target - dual_point) ** 2).sum(1) / 2
    gap = float(((primal - dual) / primal).mean())
    print(f"sparse coding: mean relative duality gap {gap:.2e}")
    assert gap < 1e-5


def test_the_surface_on_disk_is_the_free_energy(out: Path, tmp_path: Path) -> None:
    model = _trained("kmeans", out)
    draw(model, tmp_path)
    (table,) = tmp_path.glob("*.csv")
    rows = np.loadtxt(table, delimiter=",", skiprows=1)
    points = torch.tensor(rows[:, :2], dtype=torch.float32)
    with torch.no_grad():
        direct = model.module.solve({"y": points}).value.double().numpy()
    np.testing.assert_allclose(rows[:, 2], direct, atol=1e-6, rtol=1e-5)
