"""When a number is no longer finite: which term, where it is written, and which sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.concepts.problem import Course
from ebmdsl.lower.loop import Status
from ebmdsl.runtime.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.result import Proof, Result
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.source.text import Span

    Values = Mapping[str, Tensor]


@torch.no_grad()
def explain(module: EnergyModule, values: Values, *, result: Result, rows: Tensor) -> str:
    """Say what is not finite first: an input, a parameter, or a term at one sample.

    `rows` are the numbers of the batch's samples in the training split.
    """
    for name, weight in module.named_parameters():
        if not bool(weight.isfinite().all()):
            return f"parameter `{name}` is no longer finite"
    for name, x in values.items():
        row = _first_bad(x)
        if row is not None:
            return f"`{name}` of training sample {int(rows[row])} is not finite"
    latents = module.terms({**values, **result.assignment})
    for name, term in latents.items():
        row = _first_bad(term)
        if row is not None:
            where = _place(module, name)
            return f"the term `{name}`{where} is {term[row].item()} at sample {int(rows[row])}"
    return f"the loss{_losses(module)} is not finite, though the energy is"


def verify_finite(weights: Values, *, step: int) -> None:
    """Refuse to keep parameters that are not finite."""
    for name, weight in weights.items():
        if not bool(weight.isfinite().all()):
            raise RunError(f"parameter `{name}` is no longer finite after step {step}")


def _first_bad(x: Tensor) -> int | None:
    if not x.is_floating_point() or x.dim() == 0:
        return None
    bad = ~x.reshape(len(x), -1).isfinite().all(-1)
    return int(bad.nonzero()[0]) if bool(bad.any()) else None


def _place(module: EnergyModule, name: str) -> str:
    span = next((t.span for t in module.plan.model.terms if t.name == name), None)
    return "" if span is None else f" ({place(span)})"


def _losses(module: EnergyModule) -> str:
    spans = [update.span for update in module.plan.updates]
    return f" of `train` ({place(spans[0])})" if spans else ""


def place(span: Span) -> str:
    """Name a place in a program as an editor opens it."""
    return f"{span.source.name}:{span.line}:{span.column}"


def unproved(module: EnergyModule, proofs: tuple[Proof, ...], *, rows: Tensor) -> str | None:
    """Say which search ended without a proof, and at which sample worst; None where none did.

    A method that takes a fixed number of steps promises no proof, and is passed over.
    """
    for step in module.plan.eliminations:
        proof = next((each for each in proofs if each.names == step.names), None)
        if proof is None or _promises_nothing(step) or not bool(proof.status.any()):
            continue
        lost = proof.status == Status.NON_FINITE.value
        row = int(torch.where(lost, torch.inf, proof.certificate).argmax())
        count = int((proof.status > 0).sum())
        names = ", ".join(f"`{name}`" for name in step.names)
        end = _ended(proof, row)
        share = f"{count} of {len(proof.status)} samples are not proved"
        return f"{names} ({place(step.span)}): {share}; sample {int(rows[row])} {end}"
    return None


def _ended(proof: Proof, row: int) -> str:
    if int(proof.status[row]) == Status.NON_FINITE.value:
        return "is not finite"
    certificate, steps = float(proof.certificate[row]), int(proof.steps[row])
    return f"is at its limit, certificate {certificate:.2g} after {steps} steps"


def _promises_nothing(step: Eliminate) -> bool:
    return step.solver is None or step.solver.budget.course is Course.COUNTED
