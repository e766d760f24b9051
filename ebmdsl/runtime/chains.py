"""How the chains of sampled latents go on the samples of a split, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.diagnosis import diagnosed
from ebmdsl.lower.elimination import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.negatives import Negatives
    from ebmdsl.runtime.record import Recorder
    from ebmdsl.runtime.samples import Samples

TOGETHER = 256
FEW_ACCEPTED = 0.1
APART = 1.05


def watched_chains(module: EnergyModule, samples: Samples) -> dict[str, Tensor]:
    """Return `acceptance(z)`, `r_hat(z)` and `ess(z)` for every sample, [n] each."""
    count = max(samples.count, 1)
    parts = [
        diagnosed(module, samples.rows(slice(low, low + TOGETHER)), asked=Asked())
        for low in range(0, count, TOGETHER)
    ]
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def chain_rows(module: EnergyModule, samples: Samples) -> Iterator[tuple[str, float]]:
    """Yield means over the first samples, each with a remedy where chains do not agree."""
    if not _walks(module.plan):
        return
    found = watched_chains(module, samples.chunk(slice(TOGETHER // 4)))
    for name, x in found.items():
        value = float(x.mean())
        yield f"{name}{remedy(name, value)}", value


def tell(recorder: Recorder, negatives: Negatives) -> None:
    """Close an epoch with how readily the chains of contrastive points moved in it."""
    shares = negatives.acceptance()
    recorder.close_epoch({"acceptance": min(shares.values())} if shares else {})
    for word, share in shares.items():
        advice = remedy(f"acceptance of `{word}`", share)
        if advice:
            recorder.listener.note(f"acceptance of `{word}` {share:.2g}{advice}")


def remedy(name: str, value: float) -> str:
    """Say what to do about a number of chains that is bad; nothing about a good one."""
    if name.startswith("acceptance") and value < FEW_ACCEPTED:
        return ", below 0.1: take shorter steps, or `accept = 80%` with `hmc`"
    if name.startswith("r_hat") and not value <= APART:
        return ", above 1.05: take more steps, or another sampler"
    return ""


def _walks(plan: Plan) -> bool:
    """Tell whether a latent is drawn by a chain."""
    return any(step.ring == "sample" and step.sampler is not None for step in plan.eliminations)
