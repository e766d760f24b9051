"""Numbers over a split: what a file reports and expects, at the tolerance of evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, final

import torch
from torch import Tensor

from ebmdsl.expr.node import Op
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.loop import Status
from ebmdsl.lower.points import named
from ebmdsl.lower.predicting import widened
from ebmdsl.lower.result import Proof
from ebmdsl.lower.seed import Randomness
from ebmdsl.runtime.chains import chain_rows
from ebmdsl.runtime.data import SPLITS, Split
from ebmdsl.runtime.diverged import unproved
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.negatives import Negatives
from ebmdsl.runtime.numbers import CHUNK, TOLERANCE, Numbers
from ebmdsl.runtime.states import States

if TYPE_CHECKING:
    from ebmdsl.check.model import Measure
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.runtime.samples import Samples
    from ebmdsl.runtime.trained import Trained

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
    samples: Samples
    proofs: tuple[Proof, ...] = ()

    @property
    def count(self) -> int:
        """Return how many samples there are."""
        return self.samples.count


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
def find_latents(
    module: EnergyModule,
    samples: Samples,
    *,
    tol: float = TOLERANCE,
    policy: str = "warn",
) -> Found:
    """Remove the latents of every sample, a chunk at a time.

    What a search leaves unproved is searched again where the `policy` is to retry; where it
    is to raise, RunError says which search that was.
    """
    asked = Asked(tol, retry=policy == "retry")
    chunks = [slice(low, low + CHUNK) for low in range(0, max(samples.count, 1), CHUNK)]
    results = [module.asked(samples.rows(chunk), asked) for chunk in chunks]
    energy = torch.cat([one.value for one in results])
    terms = _joined([one.terms for one in results])
    latents = _joined([one.assignment for one in results])
    values = {
        **samples.fields,
        **samples.rows(slice(None)),
        **_joined(list(map(named, results))),
    }
    found = Found(
        values,
        energy,
        terms,
        latents,
        torch.cat([one.certificate for one in results]),
        torch.cat([one.status for one in results]),
        steps=torch.cat([one.steps for one in results]),
        samples=samples,
        proofs=tuple(map(_proof, *(one.proofs for one in results))),
    )
    reason = unproved(module, found.proofs, rows=torch.arange(samples.count))
    if policy == "raise" and reason is not None:
        raise RunError(f"{reason} (`on_failure = raise`)")
    return found


def _proof(*parts: Proof) -> Proof:
    """Put the proofs of several chunks together."""
    chains = [part.accepted for part in parts if part.accepted is not None]
    return Proof(
        parts[0].names,
        torch.cat([part.certificate for part in parts]),
        torch.cat([part.status for part in parts]),
        torch.cat([part.steps for part in parts]),
        torch.cat(chains) if chains else None,
    )


def _joined(parts: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def evaluate_run(
    model: Trained, *, on: Split | None = None, most: int | None = None
) -> list[Measured]:
    """Measure energies, reports and expectations, all on one split or each on its own.

    `most` limits how many samples of a split are looked at.
    """
    measures = (*model.plan.model.reports, *model.plan.model.expects)
    splits = Splits(model, most=most)
    first = on or "test"
    rows = _energies(model, splits, split=first) if model.plan.model.energy else []
    for each in measures:
        split = on or each.split
        if split not in SPLITS:
            raise RunError(f"line {each.span.line}: there is no split `{split}`")
        rows.append(measure(splits.numbers(split), each, split=split))
    for name, stage in model.stages:
        own = evaluate_run(stage, on=on, most=most)
        rows += [replace(row, text=f"{name}: {row.text}") for row in own]
    return rows


def _energies(model: Trained, splits: Splits, *, split: Split) -> list[Measured]:
    """Return the means of F and its terms, and what chains say of themselves."""
    chains = chain_rows(model.module, model.sources.samples(split))
    rows = energies(splits.found(split), split=split)
    return [*rows, *(_row(text, value, split=split) for text, value in chains)]


@final
class Splits:
    """The splits of a trained model, each with its latents removed when it is asked for.

    All numbers are float64: a difference of two energies is not lost in their rounding.
    """

    def __init__(self, model: Trained, *, most: int | None = None) -> None:
        self._model, self._most = model, most
        self._module = widened(model.module)
        self._found: dict[Split, Found] = {}
        self._numbers: dict[Split, Numbers] = {}

    def found(self, split: Split) -> Found:
        """Return a split with its latents removed."""
        if split not in self._found:
            samples = self._model.sources.samples(split).chunk(slice(self._most))
            policy = self._model.settings.on_failure
            self._found[split] = find_latents(self._module, doubled(samples), policy=policy)
        return self._found[split]

    def numbers(self, split: Split) -> Numbers:
        """Return the values of expressions over a split."""
        if split not in self._numbers:
            found = self._with_negatives(self.found(split))
            numbers = Numbers(self._module, found, training=self._training)
            self._numbers[split] = numbers
        return self._numbers[split]

    def _with_negatives(self, found: Found) -> Found:
        """Add the contrastive points that reports ask for, drawn as in the first step."""
        model = self._module.plan.model
        asked = frozenset[str]().union(
            *(each.node.names for each in (*model.reports, *model.expects))
        )
        states = States(self._module, seed=self._model.settings.seed)
        drawn = Negatives(self._module, states, samples=found.samples, asked=asked)
        if not drawn.declared:
            return found
        rows, randomness = torch.arange(found.count), Randomness(self._model.settings.seed)
        points = drawn.find(found.values, rows=rows, randomness=randomness)
        return replace(found, values={**found.values, **points})

    def _training(self) -> Numbers:
        return self.numbers("train")


def doubled(samples: Samples) -> Samples:
    """Return the same samples in float64, where they are no counts."""
    variables, fields = (
        {name: x.double() if x.is_floating_point() else x for name, x in held.items()}
        for held in (samples.variables, samples.fields)
    )
    return replace(samples, variables=variables, fields=fields)


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
    return [*rows, *_proved(found, split=split)]


def _proved(found: Found, *, split: str) -> Iterator[Measured]:
    """Say of every step by itself how well it ended, where there are several."""
    for proof in found.proofs:
        names = ", ".join(proof.names)
        if len(found.proofs) > 1:
            converged = float((proof.status == Status.CONVERGED).double().mean())
            yield _row(f"share converged: {names}", converged, split=split)
        if proof.accepted is not None:
            accepted = float(proof.accepted.double().mean())
            yield _row(f"mean acceptance: {names}", accepted, split=split)


def _row(text: str, value: float, *, split: str) -> Measured:
    return Measured("energy", text, split, (value,))


def measure(numbers: Numbers, each: Measure, *, split: str) -> Measured:
    """Evaluate one `report` or `expect` line over a split."""
    line, value = each.span.line, numbers.number(each.node)
    if each.name:
        return Measured("report", each.name, split, _floats(value), line=line)
    holds = bool(value.bool().all())
    if each.node.op is not Op.COMPARE:
        return Measured("expect", each.text, split, (), holds=holds, line=line)
    left, right = (_floats(numbers.number(side)) for side in each.node.args)
    return Measured("expect", each.text, split, left, bound=right[0], holds=holds, line=line)


def _floats(x: Tensor) -> tuple[float, ...]:
    return tuple(float(one) for one in x.reshape(-1))
