"""Watch the chains of `infer z by sample`: several for each sample, from scattered starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, final

import torch

from ebmdsl.concepts.sampling import seen
from ebmdsl.lower.diagnostics import bulk_ess, split_r_hat
from ebmdsl.lower.drawing import Drawing, scattered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.sampling import Chain
    from ebmdsl.lower.elimination import Asked
    from ebmdsl.lower.module import EnergyModule

    Values = Mapping[str, Tensor]

CHAINS = 4
SHORTEST = 100
MOST_ENTRIES = 32


@final
class Watched(NamedTuple):
    """How the chains of every sample went, [n] each.

    `acceptance` is the mean share of accepted steps, `r_hat` the worst split R-hat and `ess`
    the least effective size, of the energy and of the entries (32 at most, evenly chosen).
    """

    acceptance: Tensor
    r_hat: Tensor
    ess: Tensor


@torch.no_grad()
def diagnosed(module: EnergyModule, values: Values, *, asked: Asked) -> dict[str, Tensor]:
    """Return `acceptance(z)`, `r_hat(z)` and `ess(z)` of every latent that is sampled, [n].

    Draws that are exact have the acceptance 1, the R-hat 1 and count once for each step.
    """
    found: dict[str, Tensor] = {}
    result = module.asked(values, asked)
    known = {**module.weights, **values, **result.assignment}
    for step in module.plan.eliminations:
        if step.ring != "sample" or step.open:
            continue
        drawing = Drawing(step, module.plan.model)
        others = {name: x for name, x in known.items() if name not in step.names}
        rng = asked.randomness.stream(f"chains of {', '.join(step.names)}")
        watched = watch(drawing, others, samples=len(result.value), like=result.value, rng=rng)
        for word, x in zip(Watched._fields, watched, strict=True):
            found |= {f"{word}({name})": x for name in step.names}
    return found


def watch(drawing: Drawing, values: Values, *, samples: int, like: Tensor, rng: Any) -> Watched:
    """Run four chains for each sample: as many steps as the file says, then as many again."""
    index = torch.arange(samples, device=like.device).repeat_interleave(CHAINS)
    rows = {
        name: x[index] if name in drawing.reduced.per_sample else x
        for name, x in values.items()
    }
    size = drawing.reduced.layout.size
    start = torch.zeros(len(index), size, dtype=like.dtype, device=like.device)
    if drawing.step.sampler is None:
        one = torch.ones(samples, dtype=torch.float64, device=like.device)
        return Watched(one, one, one * CHAINS)
    objective, sampler = drawing.objective(rows, start), drawing.sampler(values)
    chain = sampler.start(objective, scattered(objective, start, rng=rng))
    draws = sampler.draws(objective, size)
    trace: list[Tensor] = []
    shares: list[Tensor] = []
    warm = max(sampler.steps, getattr(sampler, "warm", 0))
    for at in range(warm + max(sampler.steps, SHORTEST)):
        chain = sampler.step(objective, chain, noise=draws.noise(chain.z, rng))
        if at >= warm:
            trace.append(_compared(seen(sampler, objective, chain=chain)))
            shares.append(chain.accepted)
    return _watched(torch.stack(trace, 1), torch.stack(shares), samples=samples)


def _compared(chain: Chain) -> Tensor:
    """Return what is compared: the energy, and entries."""
    every = max(1, -(-chain.z.shape[1] // MOST_ENTRIES))
    return torch.cat([chain.energy.unsqueeze(-1), chain.z[:, ::every]], -1)


def _watched(trace: Tensor, shares: Tensor, *, samples: int) -> Watched:
    """Summarize the values, [n chains, steps, k], of all chains."""
    _, steps, kinds = trace.shape
    apart = trace.reshape(samples, CHAINS, steps, kinds)
    draws = apart.permute(1, 2, 0, 3).reshape(CHAINS, steps, samples * kinds)
    r_hat = split_r_hat(draws).reshape(samples, kinds).amax(-1)
    ess = bulk_ess(draws).reshape(samples, kinds).amin(-1)
    acceptance = shares.mean(0).reshape(samples, CHAINS).mean(-1)
    return Watched(acceptance.double(), r_hat.double(), ess.double())
