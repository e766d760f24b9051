"""Expressions over a split, in float64: what reports, expectations and pictures ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast, final

import torch
from torch import Tensor

from ebmdsl.concepts.domain import REAL
from ebmdsl.concepts.kinds import Function
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Quantity, make
from ebmdsl.expr.rebuild import rebuilt, substitute
from ebmdsl.lower.diagnosis import Watched
from ebmdsl.lower.eliminate import Eliminations
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.outside import is_outside
from ebmdsl.runtime.chains import watched_chains
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.predict import Predictor

if TYPE_CHECKING:
    from collections.abc import Callable

    from ebmdsl.concepts.domain import Domain
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.predicting import Answers
    from ebmdsl.runtime.evaluate import Found

TOLERANCE = 1e-5
CHUNK = 1024
CERTIFICATES = ("gap", "residual", "steps")
Values = Mapping[str, Tensor]


@final
@dataclass(slots=True)
class Column:
    """A value that was computed before: one for each sample, or one for the split."""

    value: Tensor
    per_sample: bool


@final
class Numbers:
    """The values of expressions over one split.

    `found` is the split with its latents removed, `training` returns the same numbers over
    the training split, which statistics in laws and means refer to.
    """

    def __init__(
        self,
        module: EnergyModule,
        found: Found,
        *,
        training: Callable[[], Numbers],
        predictor: Predictor | None = None,
    ) -> None:
        self.module, self.found = module, found
        self._training = training
        self._predictor = Predictor(module) if predictor is None else predictor
        self._columns: dict[str, Column] = {}
        self._named: dict[Node, Node] = {}

    @torch.no_grad()
    def number(self, node: Node) -> Tensor:
        """Return the value of an expression over the split, in float64.

        What has a value for each sample and no reduction counts by its mean; a comparison of
        such values has to hold everywhere.
        """
        whole = self.column(node)
        inner = self._known(node)
        if not inner.per_sample:
            return whole
        return whole if node.op is Op.COMPARE else whole.mean(0)

    @torch.no_grad()
    def column(self, node: Node) -> Tensor:
        """Return a value for every sample, [n, ...], or one where it has one for all."""
        return self._evaluated(self._known(node))

    def _known(self, node: Node) -> Node:
        """Replace what is computed over the whole split by what it is there."""
        node = substitute(node, {"E": self.module.plan.energy})
        done = self._named
        for each in _inside(node):
            if each not in done:
                done[each] = self._replaced(each, tuple(done.get(a, a) for a in each.args))
        return done[node]

    def _replaced(self, node: Node, args: tuple[Node, ...]) -> Node:
        match node.op:
            case _ if node.key in self.found.values:
                return node
            case Op.SPLIT if _elsewhere(node):
                return self._kept(node, self._training().number(_here(node)))
            case Op.SPLIT:
                return self._kept(node, self._reduced(rebuilt(node, args)))
            case Op.POINT if _fills(node):
                return self._kept(node, self._filled(node, args[1]), per_sample=True)
            case Op.VARIABLE if node.data.role in ("found", "certificate"):
                return self._answered(node)
            case _:
                return rebuilt(node, args)

    def _kept(self, node: Node, value: Tensor, *, per_sample: bool = False) -> Node:
        """Remember a value under a name of its own, and return the variable of that name."""
        name = f"known {len(self._columns)}"
        self._columns[name] = Column(value, per_sample)
        quantity = Quantity(name, "node" if per_sample else "hyper", _domain(node))
        return variable(quantity, node.shape, plates=node.plates)

    def _reduced(self, node: Node) -> Tensor:
        how, each, *_ = cast("tuple[str | Function, bool]", node.data)
        x, *more = (self._evaluated(arg) for arg in node.args)
        if isinstance(how, Function):
            value = how.value(x, *more) if how.over_split else how.value(x.reshape(1, -1))
            return value.double().reshape(node.shape)
        flat = x.flatten(1) if each and x.dim() > 1 else x.reshape(-1, 1)
        value = _REDUCTIONS[how](flat)
        return value.reshape(node.shape) if each else value.reshape(())

    def _filled(self, node: Node, mask: Node) -> Tensor:
        """Return a variable with the entries that a mask marks as they are found."""
        name = _inner_name(node.args[0].data.name)
        marked = self._evaluated(mask) != 0
        return self._answers(name, marked).best[name]

    def _answered(self, node: Node) -> Node:
        """Return a minimizer, or how well something was found."""
        word, _, rest = node.data.name.partition("(")
        name = rest.removesuffix(")")
        if node.data.name in self.found.values:
            return node
        if name in self._predictor.names:
            return self._kept(node, self._predicted(name, word=word), per_sample=True)
        if word in Watched._fields:
            return self._kept(node, self._watched[node.data.name], per_sample=True)
        return self._kept(node, self._modes[name], per_sample=True)

    def _predicted(self, name: str, *, word: str) -> Tensor:
        """Return a predicted variable as a whole, or the worst proof of all its fillings."""
        fills = self._predictor.masks(name) if word in CERTIFICATES else ()
        marks = [self._evaluated(self._known(mask)) != 0 for mask in fills]
        answers = [self._answers(name, mark) for mark in marks or [_everything()]]
        if word == "mode":
            return answers[0].best[name]
        pick = (lambda one: one.steps) if word == "steps" else (lambda one: one.certificate)
        return torch.stack([pick(one)[:, 0].double() for one in answers]).amax(0)

    def _answers(self, name: str, marked: Tensor) -> Answers:
        return self._predictor.answers(self.found.samples, {name: marked}, tol=TOLERANCE)

    @cached_property
    def _watched(self) -> dict[str, Tensor]:
        """How the chains of every sample go, by the names that reports have for it."""
        return watched_chains(self.module, self.found.samples)

    @cached_property
    def _modes(self) -> dict[str, Tensor]:
        """The minimizers of E over all latents, for every sample."""
        plan = self.module.plan
        steps, like = Eliminations(plan.modes, plan.model), self.module.like
        samples, parts = self.found.samples, list[dict[str, Tensor]]()
        for low in range(0, max(samples.count, 1), CHUNK):
            rows = samples.rows(slice(low, low + CHUNK))
            count = len(range(samples.count)[low : low + CHUNK])
            values = {**self.module.weights, **rows}
            found, _ = steps.find(values, samples=count, like=like, asked=Asked(TOLERANCE))
            parts.append(found)
        return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}

    def _evaluated(self, node: Node) -> Tensor:
        """Evaluate a node for every sample, a chunk at a time, or once where none matters."""
        self._verify(node)
        kind = self.found.energy.dtype
        fixed = {n: c.value for n, c in self._columns.items() if not c.per_sample}
        if not node.per_sample:
            wide = {name: x.double() for name, x in self.module.weights.items()}
            return self.module.evaluate(node, {**wide, **fixed}).double()
        own = {n: c.value for n, c in self._columns.items() if c.per_sample}
        fixed = {name: x.to(kind) for name, x in fixed.items()}
        values, asked = {**self.found.values, **own}, Asked(TOLERANCE)
        parts = [
            self.module.evaluate(
                node, {**fixed, **_rows(values, low, kind=kind)}, asked=asked
            ).double()
            for low in range(0, max(self.found.count, 1), CHUNK)
        ]
        return torch.cat(parts)

    def _verify(self, node: Node) -> None:
        known = {*self.found.values, *self._columns, *self.module.weights, "logZ"}
        nets = {name.partition(".")[0] for name in self.module.weights if "." in name}
        own = _own(node)
        missing = {each.data.name for each in own if each.op is Op.VARIABLE} - known - nets
        applied = (each.data for each in own if each.op is Op.APPLY and each.data.weights)
        missing |= {net.name for net in applied if not nets & net.names}
        if missing:
            raise RunError(f"`{min(missing)}` has no value in a report yet")


def _everything() -> Tensor:
    return torch.ones((), dtype=torch.bool)


def _inside(node: Node) -> list[Node]:
    """List what is computed on this split, arguments first; not what is on another one."""
    seen: dict[Node, None] = {}
    pending = [(node, False)]
    while pending:
        each, ready = pending.pop()
        if ready:
            seen[each] = None
        elif each not in seen:
            pending.append((each, True))
            pending.extend((arg, False) for arg in _followed(each))
    return list(seen)


def _own(node: Node) -> list[Node]:
    """List the nodes of a model, not what a used model is asked by them."""
    seen: dict[Node, None] = {}
    pending = [node]
    while pending:
        each = pending.pop()
        if each not in seen:
            seen[each] = None
            pending += each.args[1:] if is_outside(each) else each.args
    return list(seen)


def _followed(node: Node) -> tuple[Node, ...]:
    """Return the arguments that are values here: not those on another split or elsewhere."""
    if node.op is Op.SPLIT and _elsewhere(node):
        return ()
    return node.args[1:] if node.op is Op.POINT else node.args


def _elsewhere(node: Node) -> bool:
    return len(node.data) > _HERE


_HERE = 2


def _here(node: Node) -> Node:
    """Return a statistic of another split as one of the split that it is asked on."""
    return make(node.op, node.args, data=node.data[:_HERE], shape=node.shape)


def _fills(node: Node) -> bool:
    inner = node.args[0]
    return inner.op is Op.VARIABLE and inner.data.role == "found" and node.data == ("where",)


def _domain(node: Node) -> Domain:
    """Return the domain of what takes a node's place: that of a variable, if it is one."""
    inner = node.args[0] if node.op is Op.POINT else node
    return inner.data.domain if inner.op is Op.VARIABLE else REAL


def _inner_name(text: str) -> str:
    return text.partition("(")[2].removesuffix(")")


def _rows(values: Values, low: int, *, kind: torch.dtype) -> dict[str, Tensor]:
    chunks = {name: x[low : low + CHUNK] for name, x in values.items()}
    return {n: x.to(kind) if x.is_floating_point() else x for n, x in chunks.items()}


def _covariance(x: Tensor) -> Tensor:
    centered = x - x.mean(0)
    return centered.mT @ centered / len(x)


def _median(x: Tensor) -> Tensor:
    ordered = x.sort(0).values
    return (ordered[(len(x) - 1) // 2] + ordered[len(x) // 2]) / 2


_REDUCTIONS = {
    "sum": lambda x: x.sum(0),
    "mean": lambda x: x.mean(0),
    "std": lambda x: x.std(0, correction=0),
    "min": lambda x: x.amin(0),
    "max": lambda x: x.amax(0),
    "median": _median,
    "cov": _covariance,
    "logsumexp": lambda x: torch.logsumexp(x, 0),
}
