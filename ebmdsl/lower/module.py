"""The compiled model: the only `nn.Module`, with parameters named as in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, cast, final

import torch
from torch import Tensor, nn

from ebmdsl.concepts.base import default, find
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.expr.node import Op, quantities
from ebmdsl.expr.rebuild import substitute
from ebmdsl.lower.completions import Completed, completions
from ebmdsl.lower.constants import constants_of, learned
from ebmdsl.lower.constraints import in_a_run
from ebmdsl.lower.elimination import TOLERANCE, Asked
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.inference import NOTHING, Inference
from ebmdsl.lower.log_partition import LogPartition
from ebmdsl.lower.minimizing import Minimizing
from ebmdsl.lower.outside import inputs_in
from ebmdsl.lower.points import named, world_of
from ebmdsl.lower.result import Proof, Result
from ebmdsl.lower.seed import Randomness

if TYPE_CHECKING:
    from ebmdsl.expr.node import Node
    from ebmdsl.lower.compiled import Compiled
    from ebmdsl.plan.plan import Plan, Update

Values = Mapping[str, Tensor]
Outside = Callable[["Node", Values], Tensor]
FIRST = Randomness()
PLAINLY = Asked()


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
        self.inference = Inference(plan, lambda: self.like)
        self._partition = LogPartition.of(plan)
        self._inputs = inputs_in(plan.model)
        self.outside: Outside | None = None

    def compile_steps(self, compiled: Compiled) -> None:
        """Let the steps of every solver be taken by compiled ones, where these agree."""
        for step in self.inference.eliminations.steps:
            if isinstance(step, Minimizing):
                step.advance = compiled

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
        return self.asked(values, Asked(tol, randomness))

    def asked(self, values: Values, asked: Asked) -> Result:
        """Remove the latents as they are asked for."""
        lead, flat = self._flat(values)
        flat = self._told(flat)
        result = self.find({**self.weights, **flat}, samples=prod(lead), asked=asked)
        return result if len(lead) == 1 else _shaped(result, lead)

    def find(
        self,
        values: Values,
        *,
        samples: int,
        asked: Asked,
        held: frozenset[str] = NOTHING,
    ) -> Result:
        """Return F and what is found from weights and samples, [n, …]; what is `held` stays."""
        return self.inference.find(values, samples=samples, asked=asked, held=held)

    def energy(self, values: Values) -> Tensor:
        """Return E at given latents too, [*lead]."""
        lead, flat = self._flat(values)
        terms = self.inference.terms({**self.weights, **self._told(flat)}, prod(lead))
        return torch.stack(list(terms.values())).sum(0).reshape(lead)

    def terms(self, values: Values) -> dict[str, Tensor]:
        """Return each term of the energy by name, [*lead]."""
        lead, flat = self._flat(values)
        terms = self.inference.terms({**self.weights, **self._told(flat)}, prod(lead))
        return {name: term.reshape(lead) for name, term in terms.items()}

    def evaluate(self, node: Node, values: Values, *, asked: Asked = PLAINLY) -> Tensor:
        """Return any expression of the model; no batch axis where it has no sample's value.

        `values` hold what is known at the samples, [n, …]: what was found there by name, and
        F as `F` (see `named`). What is at another point is found there.
        """
        count = self._count(values)
        known = {**self.weights, **self._told(values)}
        if "logZ" in node.names and "logZ" not in known:
            known["logZ"] = self.log_partition(values, samples=count, asked=asked)
        return evaluate(node, known, world=world_of(self.inference, count, asked=asked))

    def _told(self, values: Values) -> dict[str, Tensor]:
        """Add what used models find at these samples, where nobody has asked them before."""
        if self.outside is None:
            return dict(values)
        asked = [node for key, node in self._inputs.items() if key not in values]
        known = [node for node in asked if node.op is Op.POINT and _is_told(node, values)]
        return {**values, **{node.key: self.outside(node, values) for node in known}}

    def log_partition(
        self, values: Values | None = None, *, samples: int = 1, asked: Asked = PLAINLY
    ) -> Tensor:
        """Return log Z for what is given in every sample, [n], as differentiable as F.

        Raises ValueError where the plan knows no exact way.
        """
        if self._partition is None:
            raise ValueError("the program does not ask for log Z, or it cannot be had")
        found = self._partition.value(self.weights, values or {}, samples=samples, asked=asked)
        return found.to(self.like.dtype)

    def objective(
        self, update: Update, values: Values, *, result: Result, asked: Asked = PLAINLY
    ) -> Tensor:
        """Return the batch mean of what a player minimizes."""
        node = substitute(update.objective, {"E": self.plan.energy})
        return self.evaluate(node, {**values, **named(result)}, asked=asked).mean()

    def _count(self, values: Values) -> int:
        """Return how many samples there are."""
        declared = map(self.plan.model.find, values)
        sampled = (each.name for each in declared if each and each.quantity.per_sample)
        name = next(sampled, "F")
        return values[name].shape[0] if name in values else 1

    def completions(self, values: Values, result: Result) -> Completed:
        """Return samples with latents, several times over where they were summed out."""
        found, steps = result.assignment, self.inference.eliminations
        return completions(steps, self.weights, values=values, found=found)

    @torch.no_grad()
    def project(self, names: Iterable[str]) -> None:
        """Bring parameters back to what their constraints and domains allow."""
        for name in names:
            for weight, constraint in self._constrained(name):
                held = self.get_parameter(weight)
                held.copy_(in_a_run(constraint, self.weights).project(held))

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
            if own is None:
                flat[name] = x
                continue
            lead = x.shape[: x.dim() - own] if lead is None else lead
            flat[name] = x.reshape([prod(lead), *x.shape[x.dim() - own :]])
        return (torch.Size([1]) if lead is None else lead), flat

    def _axes(self, name: str) -> int | None:
        """Count the axes of one sample's value; None where samples share the value."""
        declared = self.plan.model.find(name)
        if name in self._inputs:
            node = self._inputs[name]
            return len(node.plates) + len(node.shape)
        if declared is None:
            return 0
        if not declared.quantity.per_sample:
            return None
        return len(declared.plates) + len(declared.shape)


def _is_told(node: Node, values: Values) -> bool:
    """Tell whether the values are known that a used model is asked about."""
    return all(each.name in values for arg in node.args[1:] for each in quantities(arg))


def _register(module: nn.Module, path: str, *, weight: Tensor) -> None:
    """Place a weight under its dotted name, with a plain module for every part."""
    *parents, leaf = path.split(".")
    for parent in parents:
        if not hasattr(module, parent):
            module.add_module(parent, nn.Module())
        module = module.get_submodule(parent)
    module.register_parameter(leaf, nn.Parameter(weight))


def _shaped(result: Result, lead: torch.Size) -> Result:
    """Unfold the leading axes of everything in a result."""
    return Result(
        result.value.reshape(lead),
        {name: x.reshape(lead) for name, x in result.terms.items()},
        {name: x.reshape([*lead, *x.shape[1:]]) for name, x in result.assignment.items()},
        result.certificate.reshape(lead),
        result.status.reshape(lead),
        result.steps.reshape(lead),
        tuple(_proof_shaped(proof, lead) for proof in result.proofs),
    )


def _proof_shaped(proof: Proof, lead: torch.Size) -> Proof:
    accepted = None if proof.accepted is None else proof.accepted.reshape(lead)
    return Proof(
        proof.names,
        proof.certificate.reshape(lead),
        proof.status.reshape(lead),
        proof.steps.reshape(lead),
        accepted,
    )
