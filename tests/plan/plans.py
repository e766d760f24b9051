"""Small programs and their plans."""

from __future__ import annotations

from ebmdsl.compilation import Compilation
from ebmdsl.plan.plan import Plan
from ebmdsl.source.diagnostic import Diagnostic
from ebmdsl.source.show import show
from ebmdsl.source.text import Source

BODIES = {
    "lasso": """observed y : real[4]
latent z : real[8]
param W : real[4, 8] with unit_columns
cost recon = sq(y - W @ z) / 2 {energy}
regularizer sparse = 0.1 * l1(z)
infer z by {ring} {method}
{train}
""",
    "rbm": """observed v : binary[7]
latent h : binary[5]
param W : real[7, 5]
param S : real[5, 5]
cost interaction = -(v @ W @ h) + 0 * sum(S) {energy}
infer h by marginalize
train W by energy
""",
    "kmeans": """observed y : real[2]
latent z : onehot[5]
param W : real[2, 5] {constraint}
cost distortion = sq(y - W @ z) {energy}
infer z by minimize {method}
{train}
""",
}


def text(
    name: str,
    method: str = "",
    *,
    energy: str = "",
    ring: str = "minimize",
    constraint: str = "",
    train: str = "train by energy",
) -> str:
    """One of the programs, changed in one place."""
    body = BODIES[name].format(
        method=method, energy=energy, ring=ring, constraint=constraint, train=train
    )
    return f"model {name}\n{body}"


def planned(name: str, method: str = "", **changes: str) -> Plan:
    """The plan of a program that has one."""
    compilation = Compilation(Source(f"{name}.ebm", text(name, method, **changes)))
    plan = compilation.plan
    assert plan is not None, show(compilation.diagnostics, format="short")
    return plan


def plan_of(program: str) -> tuple[Plan | None, tuple[Diagnostic, ...]]:
    """The plan of a whole program, and what was said about it."""
    compilation = Compilation(Source("program.ebm", program))
    return compilation.plan, tuple(compilation.diagnostics.all)
