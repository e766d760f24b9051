"""Small programs for the tests of running, and runs made from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.start import Start, begin
from ebmdsl.runtime.train import never, train
from ebmdsl.runtime.trained import Trained, trained
from ebmdsl.source.text import Source

SPARSE = """model sparse(k = 12, lam = 0.1)
data digs = digits()
observed y : real[64] from digs.image
latent z : real[k]
param W : real[64, k] with unit_columns
decoder yhat = W @ z
cost recon = sq(y - yhat) / 2
regularizer sparse = lam * l1(z)
infer z by minimize
train by energy with adam(0.01)
run { steps = 10, batch = 16 }
report left = mean(sq(y - yhat)) / mean(sq(y))
report spread = std(F)
report used = z.mean
expect mean(gap(z)) < 1e-4
expect left < 1e-9
"""
MEANS = """model means(k = 4)
data digs = digits()
observed y : real[64] from digs.image
latent z : onehot[k]
param W : real[64, k] init kmeans_pp(y)
cost distortion = sq(y - W @ z)
infer z by minimize
train by energy
"""
PLANE = """model plane(k = 3)
data digs = digits()
observed y : real[64] from digs.image
latent z : real[k]
param W : real[64, k] with orthonormal
param mu : real[64]
cost recon = sq(y - mu - W @ z)
infer z by minimize
train by energy
"""
NOISY = """model noisy(d = 3)
data digs = digits()
observed y : real[64] from digs.image
random e : real[64] ~ normal(0, 0.1)
net enc = linear(d) |> tanh
net dec = linear(64)
encoder code = enc(y + e)
decoder back = dec(code)
cost recon = sq(y - back)
train enc by minimize(F) with sgd(0.001, momentum = 0.9)
train dec by minimize(F) with adam(0.01, every = 2)
run { steps = 10, batch = 16 }
"""
SPIRAL = """model spiral(k = 6)
data curve = spiral(n = 300, noise = 0.01)
observed y : real[2] from curve
latent z : onehot[k]
param W : real[2, k] init kmeans_pp(y)
cost distortion = sq(y - W @ z)
infer z by minimize
train by energy
run { restarts = 3 }
expect mean(F) < 1 on train
"""


class Listening:
    """A listener that remembers what it heard."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []

    def started(self, facts: Mapping[str, Any]) -> None:
        """Remember it."""
        self.heard.append(("started", dict(facts)))

    def step(self, metrics: Mapping[str, Any]) -> None:
        """Remember it."""
        self.heard.append(("step", dict(metrics)))

    def epoch(self, metrics: Mapping[str, Any]) -> None:
        """Remember it."""
        self.heard.append(("epoch", dict(metrics)))

    def note(self, text: str) -> None:
        """Remember it."""
        self.heard.append(("note", {"text": text}))

    def finished(self, summary: Mapping[str, Any]) -> None:
        """Remember it."""
        self.heard.append(("finished", dict(summary)))

    def named(self, event: str) -> list[dict[str, Any]]:
        """Pick the events of one name."""
        return [facts for name, facts in self.heard if name == event]


def compiled(text: str) -> Compilation:
    """Compile a program that must be right."""
    compilation = Compilation(Source("model.ebm", text))
    assert compilation.plan is not None, [each.message for each in compilation.diagnostics.all]
    return compilation


def started(text: str, out: Path, **options: Any) -> Start:
    """Begin a run on made-up samples, or on real ones with `smoke=False`."""
    given: dict[str, Any] = {"out": out, "smoke": True, **options}
    return begin(compiled(text), TrainOptions(**given))


def run(text: str, out: Path, stop: Callable[[], bool] = never, **options: Any) -> Trained:
    """Train to the end, or until `stop`."""
    start = started(text, out, **options)
    train(start, Silent(), stop=stop)
    return trained(start)


def after(steps: int) -> Callable[[], bool]:
    """Ask for an end after so many steps."""
    left = iter(range(steps - 1))
    return lambda: next(left, None) is None
