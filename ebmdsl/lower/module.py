"""The compiled model: the only `nn.Module`, with parameters named as in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, cast, final

import torch
from torch import Tensor, nn

from ebmdsl.concepts.base import default, find
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.expr.rebuild import substitute
from ebmdsl.lower.constants import constants_of, learned
from ebmdsl.lower.eliminate import Eliminations
from ebmdsl.lower.elimination import TOLERANCE, Asked
from ebmdsl.lower.energy import Free, evaluate, evaluate_all
from ebmdsl.lower.result import Result
from ebmdsl.lower.seed import Randomness

if TYPE_CHECKING:
    from ebmdsl.expr.node import Node
    from ebmdsl.lower.loop import Solution
    from ebmdsl.plan.plan import Plan, Update

Values = Mapping[str, Tensor]
FIRST = Randomness()


def lower(plan: Plan, *, dtype: torch.dtype = torch.float32) -> EnergyModule:
    """Return the module of a plan; its parameters are zero until they are initialized."""
    return EnergyModule(plan, dtype)


@final
class EnergyModule(nn.Module):
    """A model as a function of its observed variables.

    Every method takes the observed, given and random variables by name, each
    [*lead, *plates, *event] with the same leading shape, and returns [*lead, …].
    """

    plan: Plan

    def __init__(self, plan: Plan, dtype: torch.dtype) -> None:
        nn.Module.__init__(self)
        self.plan = plan
        for declared in plan.model.with_role("param"):
            weight = torch.zeros(declared.shape, dtype=dtype)
            self.register_parameter(declared.name, nn.Parameter(weight))
        for net in plan.model.nets:
            for path, shape in learned(net):
                _register(self, path, weight=torch.zeros(shape, dtype=dtype))
        self.constants = constants_of(plan.model, dtype=dtype)
        self._eliminations = Eliminations(plan.eliminations, plan.model)

    @property
    def weights(self) -> dict[str, Tensor]:
        """Return every parameter, and every constant, by the name that the file gives it."""
        return {**dict(self.named_parameters()), **self.constants}

    @property
    def like(self) -> Tensor:
        """Return a number with the type and the device of the parameters."""
        found = next(iter(self.parameters()), None)
        return torch.zeros(()) if found is None else found.detach().new_zeros(())

    def solve(
        self, values: Values, *, tol: float = TOLERANCE, randomness: Randomness = FIRST
    ) -> Result:
        """Remove the latents of every sample and return F with what was found."""
        lead, flat = self._flat(values)
        n, asked = _samples(flat), Asked(tol, randomness)
        live = {**self.weights, **flat}
        found, solutions = self._eliminations.find(live, samples=n, like=self.like, asked=asked)
        terms = self._terms({**live, **found}, n)
        value = self._eliminations.value(live, found, asked=asked)
        if value is None:
            value = torch.stack(list(terms.values())).sum(0)
        result = Result(value, terms, dict(found), *_worst(solutions, n))
        return result if len(lead) == 1 else _shaped(result, lead)

    def energy(self, values: Values) -> Tensor:
        """Return E at given latents too, [*lead]."""
        lead, flat = self._flat(values)
        terms = self._terms({**self.weights, **flat}, _samples(flat))
        return torch.stack(list(terms.values())).sum(0).reshape(lead)

    def terms(self, values: Values) -> dict[str, Tensor]:
        """Return each term of the energy by name, [*lead]."""
        lead, flat = self._flat(values)
        terms = self._terms({**self.weights, **flat}, _samples(flat))
        return {name: term.reshape(lead) for name, term in terms.items()}

    def _terms(self, values: Values, samples: int) -> dict[str, Tensor]:
        factors = self.plan.graph.energy
        found = evaluate_all([factor.node for factor in factors], values)
        return {
            factor.id: x.reshape(-1).expand(samples)
            for factor, x in zip(factors, found, strict=True)
        }

    def evaluate(self, node: Node, values: Values) -> Tensor:
        """Return any expression of the model; no batch axis where it has no sample's value."""
        return evaluate(node, {**self.weights, **values})

    def objective(self, update: Update, values: Values, *, result: Result) -> Tensor:
        """Return the batch mean of what a player minimizes."""
        known = {**self.weights, **values, **result.assignment, "F": result.value}
        node = substitute(update.objective, {"E": self.plan.energy})
        return evaluate(node, known, free=self.free(len(result.value))).mean()

    def free(self, samples: int, *, randomness: Randomness = FIRST) -> Free:
        """Return F, [samples], as a function of all values and of what was found there."""

        def value(values: Values) -> Tensor:
            asked = Asked(randomness=randomness)
            own = self._eliminations.value(values, values, asked=asked)
            terms = self._terms(values, samples) if own is None else {}
            return torch.stack(list(terms.values())).sum(0) if own is None else own

        return value

    @torch.no_grad()
    def project(self, names: Iterable[str]) -> None:
        """Bring parameters back to what their constraints and domains allow."""
        for name in names:
            for weight, constraint in self._constrained(name):
                held = self.get_parameter(weight)
                held.copy_(constraint.project(held))

    def _constrained(self, name: str) -> Iterator[tuple[str, Constraint]]:
        """Pair the weights of a parameter or a net with what they must obey."""
        declared = self.plan.model.find(name)
        if declared is not None:
            yield from ((name, each) for each in declared.constraints)
            kept = cast("Any", find(Constraint, declared.quantity.domain.name))
            yield from ((name, kept()),) if kept is not None else ()
        for net in (each for each in self.plan.model.nets if each.name == name):
            for each in net.constraints:
                yield from ((f"{name}.{weight}", each) for weight in net.obedient(each))
            kept_ones = (held for held in net.pipe.weights(net.input) if held.keeps)
            yield from (
                (f"{name}.{held.name}", default(Constraint, held.keeps)) for held in kept_ones
            )

    def _flat(self, values: Values) -> tuple[torch.Size, dict[str, Tensor]]:
        """Fold the leading axes of every value into one."""
        lead: torch.Size | None = None
        flat: dict[str, Tensor] = {}
        for name, x in values.items():
            own = self._axes(name)
            lead = x.shape[: x.dim() - own] if lead is None else lead
            flat[name] = x.reshape([prod(lead), *x.shape[x.dim() - own :]])
        return (torch.Size([1]) if lead is None else lead), flat

    def _axes(self, name: str) -> int:
        declared = self.plan.model.find(name)
        return 0 if declared is None else len(declared.plates) + len(declared.shape)


def _register(module: nn.Module, path: str, *, weight: Tensor) -> None:
    """Place a weight under its dotted name, with a plain module for every part."""
    *parents, leaf = path.split(".")
    for parent in parents:
        if not hasattr(module, parent):
            module.add_module(parent, nn.Module())
        module = module.get_submodule(parent)
    module.register_parameter(leaf, nn.Parameter(weight))


def _samples(flat: Values) -> int:
    return next((x.shape[0] for x in flat.values()), 1)


def _worst(solutions: list[Solution], samples: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the certificate, the status and the steps of the worst step of every sample."""
    if not solutions:
        zero = torch.zeros(samples, dtype=torch.float64)
        return zero, zero.to(torch.int8), zero.to(torch.int32)
    columns = zip(*map(_judged, solutions), strict=True)
    certificate, status, steps = (torch.stack(each).amax(0) for each in columns)
    return certificate, status, steps


def _judged(solution: Solution) -> tuple[Tensor, Tensor, Tensor]:
    return solution.certificate, solution.status, solution.steps


def _shaped(result: Result, lead: torch.Size) -> Result:
    """Unfold the leading axes of everything in a result."""
    return Result(
        result.value.reshape(lead),
        {name: x.reshape(lead) for name, x in result.terms.items()},
        {name: x.reshape([*lead, *x.shape[1:]]) for name, x in result.assignment.items()},
        result.certificate.reshape(lead),
        result.status.reshape(lead),
        result.steps.reshape(lead),
    )
