"""One training step of sparse coding beside the same step written by hand in PyTorch.

`same solver` shares only the solver with us: what is left is the price of compiling from a
file. `plain loop` shares nothing: whole-batch splitting until the last sample has converged.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import torch
from torch import Tensor

from ebmdsl.compilation import Compilation
from ebmdsl.lower.loop import solve
from ebmdsl.lower.objective import Objective, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.players import Players
from ebmdsl.runtime.record import TOLERANCE, Recorder
from ebmdsl.runtime.start import Start, begin
from ebmdsl.runtime.train import step_once
from ebmdsl.source.text import Source
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.solvers.admm import Admm

MODEL = Path(__file__).parents[1] / "models" / "sparse_coding.ebm"
LAM, RATE, BATCH = 0.5, 4e-3, 256
WARM, STEPS, ROUNDS = 60, 12, 7
LIMIT = 1.1

Step = Callable[[Tensor], float]
Codes = Callable[[Tensor, Tensor], Tensor]


def by_hand(start: Start, codes: Codes) -> Step:
    """Write the step as a lecture would: codes, loss, gradient, Adam, unit columns."""
    y = start.samples.variables["y"]
    w = start.module.get_parameter("W").detach().clone().requires_grad_()
    optimizer = torch.optim.Adam([w], lr=RATE, fused=True)

    def step(rows: Tensor) -> float:
        batch = y[rows]
        with torch.no_grad():
            z = codes(batch, w)
        loss = ((batch - z @ w.T).square().sum(-1) / 2 + LAM * z.abs().sum(-1)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            w.div_(w.norm(dim=0, keepdim=True))
        return loss.item()

    return step


def with_our_solver(y: Tensor, w: Tensor) -> Tensor:
    """Build the objective by hand and give it to the solver that we use."""
    smooth = Quadratic(Hessian(w.T @ w), y @ w, y.square().sum(-1) / 2)
    objective = Objective(smooth_part=smooth, terms=(Term(L1(), torch.tensor(LAM)),), floor=0)
    return solve(Admm(), objective, start=torch.zeros(len(y), w.shape[1]), tol=TOLERANCE).point


def plainly(y: Tensor, w: Tensor) -> Tensor:
    """Split with one factorization until every sample has its gap."""
    q, b = w.T @ w, y @ w
    rho = 0.7 * float(q.diagonal().mean())
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(q + rho * torch.eye(len(q))))
    s, z = b / rho, torch.zeros_like(b)
    for count in range(1, 3000):
        z = shrunk(s, LAM / rho)
        s = s + 1.9 * ((b + rho * (2 * z - s)) @ inverse - z)
        if count % 10 == 0 and float(gap(y, w, z=z).max()) <= TOLERANCE:
            break
    return z


def shrunk(s: Tensor, by: float) -> Tensor:
    """Move every entry towards zero."""
    return s.sign() * (s.abs() - by).clamp_min(0)


def gap(y: Tensor, w: Tensor, *, z: Tensor) -> Tensor:
    """Return the relative duality gap of the lasso, [n]."""
    left = y - z @ w.T
    scale = (LAM / (left @ w).abs().amax(-1)).clamp(max=1)
    primal = left.square().sum(-1) / 2 + LAM * z.abs().sum(-1)
    dual = (y.square().sum(-1) - (y - scale.unsqueeze(-1) * left).square().sum(-1)) / 2
    return (primal - dual) / primal


def ours(start: Start, recorder: Recorder) -> Step:
    """Take the step that `ebmc train` takes, metrics and all."""
    players = Players(start.module, steps=start.steps)

    def step(rows: Tensor) -> float:
        row = step_once(start, players, rows=rows, recorder=recorder)
        recorder.add(row)
        return float(row[0]) / len(rows)

    return step


def rows_of(start: Start, count: int) -> list[Tensor]:
    """Draw the same batches for everyone."""
    rng = torch.Generator().manual_seed(0)
    return [torch.randperm(start.samples.count, generator=rng)[:BATCH] for _ in range(count)]


def compare(start: Start, recorder: Recorder) -> int:
    """Let everyone train on the same batches in turn; print time and energy reached."""
    contenders = {
        "ours": ours(start, recorder),
        "same solver": by_hand(start, with_our_solver),
        "plain loop": by_hand(start, plainly),
    }
    batches = rows_of(start, WARM + ROUNDS * STEPS)
    energies = dict.fromkeys(contenders, 0.0)
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for low in [0, *range(WARM, len(batches), STEPS)]:
        for name, step in contenders.items():
            part = batches[low : low + (STEPS if low else WARM)]
            before = process_time()
            energies[name] = sum(map(step, part)) / len(part)
            times[name].append((process_time() - before) / len(part))
    return _show(times, energies)


def _show(times: dict[str, list[float]], energies: dict[str, float]) -> int:
    print("training step    CPU ms   ours / it   mean F of the last batches")
    ratios = {
        name: median(a / b for a, b in zip(times["ours"][1:], found[1:], strict=True))
        for name, found in times.items()
    }
    for name, found in times.items():
        line = f"{name:<14} {1e3 * median(found[1:]):8.1f} {ratios[name]:11.3f}"
        print(f"{line}   {energies[name]:.4f}")
    return int(ratios["same solver"] > LIMIT)


def main() -> int:
    """Compare on one thread, on real photographs."""
    torch.set_num_threads(1)
    compilation = Compilation(Source(str(MODEL), MODEL.read_text("utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        start = begin(compilation, TrainOptions(out=Path(folder)))
        recorder = Recorder(start, Silent())
        try:
            return compare(start, recorder)
        finally:
            recorder.journal.close()


if __name__ == "__main__":
    sys.exit(main())
