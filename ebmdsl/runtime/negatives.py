"""Contrastive points of a step: drawn once, after the latents are found, and constant."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import prod
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl._record import record
from ebmdsl.check.plates import opened
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Law
from ebmdsl.expr.node import Op
from ebmdsl.lower.chains import Chains
from ebmdsl.lower.elimination import Asked, Table
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.mining import mined
from ebmdsl.runtime.neighbors import Neighbors, turned

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ebmdsl.check.model import Declared, Drawn, Model
    from ebmdsl.expr.node import Node, Plate, Quantity
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.seed import Randomness
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.samples import Samples
    from ebmdsl.runtime.states import States

    Values = Mapping[str, Tensor]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Draw:
    """One contrastive variable of one step: what it is, what is known, and its numbers.

    `values` are known at the samples, [n, …]; `rows` are their numbers in the training split.
    """

    declared: Declared
    drawn: Drawn
    values: Values
    rows: Tensor
    rng: torch.Generator

    @property
    def count(self) -> int:
        """Return how many samples there are."""
        return len(self.rows)

    @property
    def own(self) -> int:
        """Count the points of each sample: the places of the plates that are their own."""
        held = {plate.index for plate in self.inside}
        return prod(plate.size for plate in self.declared.plates if plate.index not in held)

    @property
    def inside(self) -> tuple[Plate, ...]:
        """Return the plates of what a point stands for."""
        return () if self.drawn.start is None else opened(self.drawn.start)[1]

    def shaped(self, points: Tensor) -> Tensor:
        """Give points their axes, [n, *plates, *shape]."""
        return points.reshape([points.shape[0], *self.declared.whole])


@final
class Negatives:
    """Finds the contrastive points of each step that a loss, or who `asked`, depends on."""

    def __init__(
        self,
        module: EnergyModule,
        states: States,
        *,
        samples: Samples,
        asked: frozenset[str] | None = None,
    ) -> None:
        self.module, self.states = module, states
        self.declared = _wanted(module.plan, _named(module.plan) if asked is None else asked)
        self.tables: dict[str, Table] = {}
        self._samples = samples
        self._chains = Chains(module)
        self._data: dict[str, Neighbors] = {}
        self._words: dict[str, Callable[[Draw], Tensor]] = {
            "": self._value,
            "others": self._others,
            "batch": self._others,
            "flip": self._flip,
            "mine": self._mine,
            "importance": self._importance,
        }

    @torch.no_grad()
    def find(
        self, values: Values, *, rows: Tensor, randomness: Randomness
    ) -> dict[str, Tensor]:
        """Return the points by name, [n, *plates, *shape]; `values` hold what is found.

        Where chains start from particles, these go on where the chains end; `tables` then
        tell which points are values of other samples.
        """
        found: dict[str, Tensor] = {}
        for declared in self.declared:
            drawn = declared.drawn
            assert drawn is not None
            rng = randomness.stream(f"negative {declared.name}")
            draw = Draw(declared, drawn, {**values, **found}, rows, rng)
            found[declared.name] = self._drawn(draw)
        return found

    def acceptance(self) -> dict[str, float]:
        """Return the mean share of accepted steps of each sampler since this was last asked."""
        return self._chains.acceptance()

    def _drawn(self, draw: Draw) -> Tensor:
        if draw.drawn.sampler is not None:
            return self._walked(draw)
        own = self._words.get(draw.drawn.word, self._of_law)
        return draw.shaped(own(draw))

    def _start(self, draw: Draw) -> Tensor:
        assert draw.drawn.start is not None
        return self.module.evaluate(draw.drawn.start, draw.values)

    def _value(self, draw: Draw) -> Tensor:
        """Return what a node of the model is, at every place of the points' own plates."""
        assert draw.drawn.start is not None
        x = self._start(draw)
        wide = x if draw.drawn.start.per_sample else x.unsqueeze(0)
        one = wide.reshape([len(wide), 1, -1])
        return one.expand(draw.count, draw.own, one.shape[2])

    def _others(self, draw: Draw) -> Tensor:
        """Return the values of other samples, or entries that a state remembers."""
        start, rng = draw.drawn.start, draw.rng
        assert start is not None
        state = state_of(start)
        if state is not None and state.keyed:
            return self.states.others(state.name, draw.rows, count=draw.own, rng=rng)
        x = self._start(draw)
        if start.per_sample:
            index = other_rows(draw.count, draw.own, rng=rng)
            self.tables[draw.declared.name] = Table(x, index)
            return x[index]
        kept = x[some_rows(len(x), draw.own, rng=rng)]
        return kept.unsqueeze(0).expand(draw.count, *kept.shape)

    def _flip(self, draw: Draw) -> Tensor:
        """Return the neighbors; one that is data is the sample itself, which weighs nothing."""
        y = self._start(draw)
        points = turned(draw.declared, draw.drawn, y=y)
        unless = dict(draw.drawn.options).get("unless")
        if unless is None:
            return points
        data = self._data.setdefault(draw.declared.name, self._neighbors(unless))
        return data.without(points, y)

    def _neighbors(self, unless: Node) -> Neighbors:
        rows = self.module.evaluate(unless, {**self._samples.variables, **self._samples.fields})
        return Neighbors(rows)

    def _mine(self, draw: Draw) -> Tensor:
        return mined(self.module, draw.drawn, values=draw.values, count=draw.own)

    def _of_law(self, draw: Draw) -> Tensor:
        law = _Law(draw.drawn.word, draw.drawn.options)
        return self._from(law, draw, shape=draw.declared.whole)

    def _from(self, law: _Law, draw: Draw, *, shape: tuple[int, ...]) -> Tensor:
        """Draw from a law whose options are numbers, or have a value for each sample."""
        drawn = law.kind(**self._options(law, draw)).draw((draw.count, *shape), draw.rng)
        return drawn.to(self.module.like.dtype)

    def _options(self, law: _Law, draw: Draw) -> dict[str, Any]:
        axes = len(draw.declared.whole)
        return {name: self._option(node, draw, axes=axes) for name, node in law.options}

    def _option(self, node: Node, draw: Draw, *, axes: int) -> Any:
        x = self.module.evaluate(node, draw.values)
        if not node.per_sample:
            return x if x.dim() else float(x)
        return x.reshape([len(x), *[1] * (axes + 1 - x.dim()), *x.shape[1:]])

    def _importance(self, draw: Draw) -> Tensor:
        r"""Draw from a law q, then among these draws with weights $e^{-F} / q$.

        The mean over the points is then the self-normalized estimate, drawn again: Rubin
        1987, doi:10.1080/01621459.1987.10478461.
        """
        law = _Law.named(draw.drawn.options)
        points = self._from(law, draw, shape=draw.declared.whole)
        flat = points.reshape([draw.count * draw.own, -1])
        (declared,) = self.module.plan.model.with_role("observed")
        there = {declared.name: flat.reshape([-1, *declared.whole])}
        known = {**self.module.weights, **self._staying(draw, declared.name), **there}
        found = self.module.find(known, samples=len(flat), asked=Asked())
        surprise = law.surprise(points, self._options(law, draw)).reshape(len(flat), -1)
        weights = (surprise.sum(1) - found.value).reshape(draw.count, draw.own)
        chosen = torch.multinomial(
            weights.softmax(1), draw.own, replacement=True, generator=draw.rng
        )
        wide = flat.reshape([draw.count, draw.own, -1])
        return wide.gather(1, chosen.unsqueeze(2).expand_as(wide))

    def _walked(self, draw: Draw) -> Tensor:
        """Move chains by a sampler; those that start from particles are particles again."""
        start, drawn = draw.drawn.start, draw.drawn
        assert start is not None
        assert drawn.sampler is not None
        x = self._start(draw)
        if not start.per_sample:
            return self._of_particles(draw, x)
        name = moved_name(self.module.plan.model, start)
        many = x.unsqueeze(1).expand(draw.count, draw.own, *x.shape[1:]).flatten(0, 1)
        staying = self._staying(draw, name)
        walked = self._chains.walk(
            drawn.sampler, start={name: many}, values=staying, rng=draw.rng
        )
        return draw.shaped(walked.points[name].reshape([draw.count, -1]))

    def _of_particles(self, draw: Draw, x: Tensor) -> Tensor:
        """Move particles, which are the same for all samples."""
        start, drawn = draw.drawn.start, draw.drawn
        assert start is not None
        assert drawn.sampler is not None
        name = moved_name(self.module.plan.model, start)
        walked = self._chains.walk(drawn.sampler, start={name: x}, values={}, rng=draw.rng)
        points = walked.points[name]
        state = state_of(start)
        if state is not None:
            self.states.put(state.name, points)
        kept = draw.shaped(points[: draw.own].reshape([1, -1]))
        return kept.expand([draw.count, *kept.shape[1:]])

    def _staying(self, draw: Draw, name: str) -> dict[str, Tensor]:
        """Return what else F depends on, a row for every chain."""
        needed = {each.name for each in self.module.inference.needs if each.per_sample}
        known = {n: x for n, x in draw.values.items() if n in needed and n != name}
        hidden = {each for step in self.module.plan.eliminations for each in step.names}
        return {
            n: x.repeat_interleave(draw.own, 0) for n, x in known.items() if n not in hidden
        }


@final
@record
class _Law:
    """A law as a point is drawn from it: its word, and the options as they were written."""

    word: str
    written: tuple[tuple[str, Any], ...]

    @staticmethod
    def named(options: tuple[tuple[str, Any], ...]) -> _Law:
        """Return the law of `importance`, whose word is among the options."""
        return _Law(str(dict(options)["law"]), options)

    @property
    def kind(self) -> Any:
        """Return the law's class."""
        return find(Law, self.word)

    def surprise(self, points: Tensor, options: dict[str, Any]) -> Tensor:
        """Return minus the log density of every entry."""
        given = (torch.as_tensor(x, dtype=points.dtype) for x in options.values())
        value: Tensor = self.kind.surprise(points, *given)
        return value

    @property
    def options(self) -> list[tuple[str, Node]]:
        """Pair the names of the law's options with their values."""
        names = [each.name for each in fields(self.kind) if each.init]
        nodes = [x for name, x in self.written if name.startswith("option")]
        return list(zip(names, nodes, strict=True))


def state_of(start: Node) -> Quantity | None:
    """Return the state that a value is, if it is one as it stands."""
    inner = opened(start)[0]
    is_state = inner.op is Op.VARIABLE and inner.data.role == "state"
    return inner.data if is_state else None


def moved_name(model: Model, start: Node) -> str:
    """Name the observed variable that chains move: where they start, or the only one."""
    inner = opened(start)[0]
    if inner.op is Op.VARIABLE and inner.data.role == "observed":
        return inner.data.name
    names = [each.name for each in model.with_role("observed")]
    if len(names) != 1:
        listed = ", ".join(f"`{name}`" for name in names) or "none"
        raise RunError(f"chains move one observed variable, and here are {listed}")
    return names[0]


def other_rows(n: int, count: int, *, rng: torch.Generator) -> Tensor:
    """Choose other samples of a batch for each sample, [n, count]; all of them first.

    Where a batch has fewer others than points, all of them count several times.
    """
    if n < 2:
        raise RunError("a batch of one sample has no others: make `batch` larger")
    every = torch.arange(1, n)
    if count < n - 1:
        every = every[torch.randperm(n - 1, generator=rng)[:count]].sort().values
    offsets = every[torch.arange(count) % len(every)]
    return (torch.arange(n).unsqueeze(1) + offsets) % n


def some_rows(n: int, count: int, *, rng: torch.Generator) -> Tensor:
    """Choose entries of a state, [count]: all in their order, or some without repetition."""
    if count == n:
        return torch.arange(n)
    if count > n:
        raise RunError(f"a state with {n} entries has no {count} of them")
    return torch.randperm(n, generator=rng)[:count].sort().values


def _named(plan: Plan) -> frozenset[str]:
    """Name what losses and terms depend on."""
    asked = frozenset[str]().union(*(update.objective.names for update in plan.updates))
    return asked.union(*(each.node.names for each in plan.model.terms))


def _wanted(plan: Plan, names: frozenset[str]) -> tuple[Declared, ...]:
    """List the points among these names, and those that these are made of."""
    needed = names
    wanted: list[Declared] = []
    for declared in reversed(plan.model.with_role("negative")):
        if declared.name in needed and declared.drawn is not None:
            wanted.append(declared)
            start = declared.drawn.start
            needed |= start.names if start is not None else frozenset[str]()
    return tuple(reversed(wanted))
