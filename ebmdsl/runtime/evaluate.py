"""Numbers over a split: what a file reports and expects, at the tolerance of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, final

import torch
from torch import Tensor

from ebmdsl.concepts.kinds import Function
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Quantity, quantities, walk
from ebmdsl.expr.points import FOUND
from ebmdsl.expr.rebuild import rebuilt
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.loop import Status
from ebmdsl.runtime.data import SPLITS, Split
from ebmdsl.runtime.errors import RunError

if TYPE_CHECKING:
    from ebmdsl.check.model import Measure
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.runtime.samples import Samples
    from ebmdsl.runtime.trained import Trained

TOLERANCE = 1e-5
CHUNK = 1024
Values = Mapping[str, Tensor]


@final
@dataclass(frozen=True, slots=True)
class Found:
    """A split with its latents removed: every value by name, [n, ...]."""

    values: Values
    energy: Tensor
    terms: Values
    latents: Values
    certificate: Tensor
    status: Tensor
    steps: Tensor
    count: int


@final
@dataclass(frozen=True, slots=True)
class Measured:
    """A number of a split; an expectation also has a bound, and holds or does not."""

    kind: Literal["energy", "report", "expect"]
    text: str
    split: str
    value: tuple[float, ...]
    bound: float | None = None
    holds: bool | None = None
    line: int = 0


@torch.no_grad()
def find_latents(module: EnergyModule, samples: Samples, *, tol: float = TOLERANCE) -> Found:
    """Remove the latents of every sample, a chunk at a time."""
    chunks = [slice(low, low + CHUNK) for low in range(0, max(samples.count, 1), CHUNK)]
    results = [module.solve(samples.rows(chunk), tol=tol) for chunk in chunks]
    energy = torch.cat([one.value for one in results])
    terms = _joined([one.terms for one in results])
    latents = _joined([one.assignment for one in results])
    certificate = torch.cat([one.certificate for one in results])
    steps = torch.cat([one.steps for one in results])
    proofs = {
        f"{word}({name})": certificate for word in ("gap", "residual") for name in latents
    }
    counts = {f"steps({name})": steps for name in latents}
    values = {**samples.fields, **samples.variables, **latents, **proofs, **counts, "F": energy}
    status = torch.cat([one.status for one in results])
    return Found(
        values, energy, terms, latents, certificate, status, steps=steps, count=samples.count
    )


def _joined(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def evaluate_run(
    model: Trained, *, on: Split | None = None, most: int | None = None
) -> list[Measured]:
    """Measure energies, reports and expectations, all on one split or each on its own.

    `most` limits how many samples of a split are looked at.
    """
    plan = model.plan
    measures = (*plan.model.reports, *plan.model.expects)
    asked = {each.split for each in measures}
    wanted: list[Split] = [on] if on else [s for s in SPLITS if s == "test" or s in asked]
    found: dict[str, Found] = {}
    for split in wanted:
        samples = model.sources.samples(split).chunk(slice(most))
        found[split] = find_latents(model.module, samples)
    first = on or "test"
    rows = energies(found[first], split=first)
    for each in measures:
        split = on or each.split
        if split not in found:
            raise RunError(f"line {each.span.line}: there is no split `{split}`")
        rows.append(measure(model.module, each, found=found[split], split=split))
    return rows


def energies(found: Found, *, split: str) -> list[Measured]:
    """Return the means of F and of its terms, and how far they are proved."""
    means = {"F": found.energy, **(found.terms if len(found.terms) > 1 else {})}
    rows = [
        _row(f"mean({name})", float(x.double().mean()), split=split)
        for name, x in means.items()
    ]
    if found.latents:
        certificate = float(found.certificate.double().mean())
        converged = float((found.status == Status.CONVERGED).double().mean())
        rows.append(_row("mean certificate", certificate, split=split))
        rows.append(_row("share converged", converged, split=split))
    return rows


def _row(text: str, value: float, *, split: str) -> Measured:
    return Measured("energy", text, split, (value,))


@torch.no_grad()
def measure(module: EnergyModule, each: Measure, *, found: Found, split: str) -> Measured:
    """Evaluate one `report` or `expect` line over a split."""
    weights = {name: weight.detach() for name, weight in module.weights.items()}
    line, value = each.span.line, number(each.node, found, weights=weights)
    if each.name:
        return Measured("report", each.name, split, _floats(value), line=line)
    holds = bool(value.bool().all())
    if each.node.op is not Op.COMPARE:
        return Measured("expect", each.text, split, (), holds=holds, line=line)
    left, right = (_floats(number(side, found, weights=weights)) for side in each.node.args)
    return Measured("expect", each.text, split, left, bound=right[0], holds=holds, line=line)


def number(node: Node, found: Found, *, weights: Values) -> Tensor:
    """Return the value of an expression over a split, in float64.

    What has a value for each sample and no reduction counts by its mean; a comparison of
    such values has to hold everywhere.
    """
    known: dict[str, Tensor] = {}
    done: dict[Node, Node] = {}
    for each in walk(node):
        inner = rebuilt(each, tuple(done[arg] for arg in each.args))
        if each.op is Op.SPLIT:
            name = f"split {len(known)}"
            known[name] = _reduced(inner, found, weights=weights, known=known)
            inner = variable(Quantity(name, "hyper"), each.shape)
        done[each] = inner
    whole = _column(done[node], found, weights=weights, known=known)
    if not done[node].per_sample:
        return whole
    return whole if node.op is Op.COMPARE else whole.mean(0)


def _reduced(node: Node, found: Found, *, weights: Values, known: Values) -> Tensor:
    how, each, *elsewhere = cast("tuple[str | Function, bool]", node.data)
    if elsewhere:
        raise RunError("a statistic of the training split has no value in a report yet")
    x, *more = (_column(arg, found, weights=weights, known=known) for arg in node.args)
    if isinstance(how, Function):
        value = how.value(x, *more) if how.over_split else how.value(x.reshape(1, -1))
        return value.double().reshape(node.shape)
    flat = x.flatten(1) if each and x.dim() > 1 else x.reshape(-1, 1)
    value = _REDUCTIONS[how](flat)
    return value.reshape(node.shape) if each else value.reshape(())


_REDUCTIONS = {
    "sum": lambda x: x.sum(0),
    "mean": lambda x: x.mean(0),
    "std": lambda x: x.std(0, correction=0),
    "min": lambda x: x.amin(0),
    "max": lambda x: x.amax(0),
    "median": lambda x: _median(x),
    "cov": lambda x: _covariance(x),
    "logsumexp": lambda x: torch.logsumexp(x, 0),
}


def _covariance(x: Tensor) -> Tensor:
    centered = x - x.mean(0)
    return centered.mT @ centered / len(x)


def _median(x: Tensor) -> Tensor:
    ordered = x.sort(0).values
    return (ordered[(len(x) - 1) // 2] + ordered[len(x) // 2]) / 2


def _is_found(node: Node) -> bool:
    """Tell whether inference has to find a value."""
    return any(quantity.role in FOUND for quantity in quantities(node))


def _column(node: Node, found: Found, *, weights: Values, known: Values) -> Tensor:
    """Evaluate a node for every sample, a chunk at a time, or once where none matters."""
    if not node.per_sample:
        wide = {name: x.double() for name, x in weights.items()}
        return evaluate(node, {**known, **wide}).double()
    missing = node.names - {*found.values, *known, *weights, *_nets(weights)}
    if missing:
        raise RunError(f"`{min(missing)}` has no value in a report yet")
    if any(each.op is Op.POINT and _is_found(each.args[0]) for each in walk(node)):
        raise RunError("F at another point has no value in a report yet")
    kind = found.energy.dtype
    fixed = {name: x.to(kind) for name, x in known.items()}
    values = {n: x for n, x in found.values.items() if n in node.names}
    parts = [
        evaluate(node, {**weights, **fixed, **_rows(values, low, kind=kind)}).double()
        for low in range(0, found.count, CHUNK)
    ]
    return torch.cat(parts)


def _rows(values: Values, low: int, *, kind: torch.dtype) -> dict[str, Tensor]:
    chunks = {name: x[low : low + CHUNK] for name, x in values.items()}
    return {n: x.to(kind) if x.is_floating_point() else x for n, x in chunks.items()}


def _nets(weights: Values) -> set[str]:
    return {name.partition(".")[0] for name in weights if "." in name}


def _floats(x: Tensor) -> tuple[float, ...]:
    return tuple(float(one) for one in x.reshape(-1))
