"""A third package adds a regularizer, a layer and a solver, with one file each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ebmdsl.concepts.plugins import plugged, plugins

PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "ebm-robust"
version = "1.0"

[project.entry-points."ebmdsl.concepts"]
"functions.huber" = "ebm_robust.huber:Huber"
"layers.softsign" = "ebm_robust.softsign:Softsign"
"solvers.normed_descent" = "ebm_robust.normed_descent:NormedDescent"
"""
HUBER = '''"""`huber`: square near zero, absolute value far out."""

from typing import ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol


@final
@concept("huber")
class Huber(Function):
    """Sum of squares near zero and of absolute values far out.

    References: Huber 1964, doi:10.1214/aoms/1177703732
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(
            curvature=Curvature.CONVEX,
            smoothness=Smoothness.C1,
            block=Block.SEPARABLE,
            low=0,
        ),
    )
    symbol: ClassVar[Symbol] = Symbol("huber({})")

    def shape(self, *arguments):
        return ()

    def value(self, *arguments):
        size = arguments[0].abs()
        near = size.clamp(max=1)
        return (near**2 / 2 + size - near).flatten(1).sum(-1)
'''
SOFTSIGN = '''"""`softsign`: x / (1 + |x|)."""

from typing import ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Monotone, Smoothness
from ebmdsl.concepts.kinds import Layer


@final
@concept("softsign")
class Softsign(Layer):
    """A sigmoid with slow tails.

    References: Bergstra, Desjardins, Lamblin & Bengio 2009, Quadratic polynomials
    """

    facts: ClassVar[Facts] = Facts(
        block=Block.ELEMENTWISE,
        monotone=Monotone.INCREASING,
        smoothness=Smoothness.C1,
        low=-1,
        high=1,
    )

    def weights(self, x):
        return ()

    def shape(self, x):
        return x

    def apply(self, x, weights, *, context):
        return x / (1 + x.abs())
'''
DESCENT = '''"""`normed_descent`: gradient steps that are checked."""

from typing import ClassVar, NamedTuple, final

from torch import Tensor

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Budget, Course
from ebmdsl.concepts.stepping import refusal_of_smooth, safe_step, trial


class State(NamedTuple):
    z: Tensor
    length: Tensor


@final
@concept("normed_descent")
class NormedDescent(Solver):
    """Gradient steps with backtracking, and a price that nobody pays by choice.

    References: Nesterov 2004, section 1.2.3
    """

    most: ClassVar[int] = 3000

    @property
    def budget(self):
        return Budget(Course.CERTIFIED, self.most)

    def accepts(self, problem):
        refusal = refusal_of_smooth(problem, "a gradient step")
        return refusal or Accept(1e12, "gradient steps", problem.certificate)

    def init(self, objective, start):
        return State(start, safe_step(objective, start))

    def step(self, objective, state):
        z, length, held = trial(objective, state.z, step=state.length)
        return State(z if held is None else z.where(~held, state.z), length)

    def solution(self, state):
        return state.z
'''
PROGRAM = """model robust(k = 3)
data digs = digits()
observed y : real[64] from digs.image
latent z : real[k]
net dec = linear(64) |> softsign
decoder yhat = dec(z)
cost recon = huber(y - yhat)
regularizer small = sq(z) / 10
infer z by minimize with normed_descent
train by energy with adam(1e-3)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the package as a wheel, and install it into a folder of its own."""
    root = tmp_path_factory.mktemp("plugin")
    package = root / "ebm_robust"
    package.mkdir()
    for name, text in {
        "__init__": "",
        "huber": HUBER,
        "softsign": SOFTSIGN,
        "normed_descent": DESCENT,
    }.items():
        (package / f"{name}.py").write_text(text, "utf-8")
    (root / "pyproject.toml").write_text(PROJECT, "utf-8")
    (root / "robust.ebm").write_text(PROGRAM, "utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(build, cwd=root, check=True, capture_output=True)
    (wheel,) = (root / "dist").glob("*.whl")
    unpack = [sys.executable, "-m", "zipfile", "-e", str(wheel), str(root / "site")]
    subprocess.run(unpack, check=True)
    return root


def _ebmc(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ebmdsl", *arguments],
        cwd=installed,
        env={**os.environ, "PYTHONPATH": str(installed / "site")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_words_are_in_the_reference(installed: Path) -> None:
    shown = _ebmc(installed, "words", "huber")
    assert "Sum of squares near zero" in shown.stdout, shown.stderr
    listed = json.loads(_ebmc(installed, "version", "-v", "--format", "json").stdout)
    assert listed["layers.softsign"] == "ebm_robust.softsign:Softsign"


def test_a_program_of_its_words_is_planned_trained_and_cited(installed: Path) -> None:
    plan = _ebmc(installed, "plan", "robust.ebm")
    assert "normed_descent" in plan.stdout, plan.stderr
    trained = _ebmc(installed, "train", "robust.ebm", "--smoke")
    assert trained.returncode == 0, trained.stderr
    assert "10.1214/aoms/1177703732" in _ebmc(installed, "cite", "robust.ebm").stdout


def test_without_the_package_its_words_are_unknown() -> None:
    assert plugins() == {}
    assert plugged("functions") == ()
