"""Values at other points: what depends on a replaced variable is found again there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.expr.node import Node, Op, quantities
from ebmdsl.expr.points import FOUND
from ebmdsl.lower.energy import World, evaluate
from ebmdsl.lower.pairs import free_at, is_plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from torch import Tensor

    from ebmdsl.expr.node import Plate
    from ebmdsl.lower.elimination import Asked
    from ebmdsl.lower.inference import Inference
    from ebmdsl.lower.result import Result

    Values = Mapping[str, Tensor]

WORDS = ("gap", "residual")


@final
@dataclass(slots=True)
class Point:
    """Samples at another point: `rows` of them for every value of the `plates`.

    `replaced` has one row for each; `result` is what inference finds there, once it is asked.
    """

    plates: tuple[Plate, ...]
    rows: int
    replaced: dict[str, Tensor]
    result: Result | None = None

    @property
    def sizes(self) -> list[int]:
        """Return how many values each plate has."""
        return [plate.size for plate in self.plates]

    @property
    def count(self) -> int:
        """Return how many samples there are with the plates folded in."""
        return self.rows * prod(self.sizes)

    def spread(self, x: Tensor) -> Tensor:
        """Repeat what stays, [n, ...], for every value of the plates."""
        if not self.plates:
            return x[: self.rows]
        one = x[: self.rows].unsqueeze(1)
        return one.expand(self.rows, prod(self.sizes), *x.shape[1:]).flatten(0, 1)


@final
class Points:
    """What has a value at another point, for one evaluation of expressions.

    Where the same values are replaced, inference runs once. F there is differentiable in the
    parameters, and in the values that are replaced as far as these are live. Without an
    `inference` only what needs none has a value there.
    """

    def __init__(self, inference: Inference | None = None, asked: Asked | None = None) -> None:
        self._inference, self._asked = inference, asked
        self._points: dict[tuple[object, ...], tuple[object, Point]] = {}
        self._opened: dict[Inference, Points] = {}

    def __call__(self, node: Node, replaced: Sequence[Tensor], *, values: Values) -> Tensor:
        """Return the value of a `POINT`; `replaced` are the values of its further arguments."""
        inner = node.args[0]
        if inner.op is Op.VARIABLE and inner.data.role == "constant":
            return values[node.key]
        if is_here(node):
            world = self._world(self._samples(node, replaced, values=values))
            return evaluate(inner, values, world=world)
        return self._where(node).there(node, replaced, values=values)

    def _where(self, node: Node) -> Points:
        """Return what evaluates a point: where nodes are replaced, the energy is another."""
        found = self._inference.opened(node.data) if self._inference is not None else None
        if found is None or found is self._inference:
            return self
        return self._opened.setdefault(found, Points(found, self._asked))

    def there(self, node: Node, replaced: Sequence[Tensor], *, values: Values) -> Tensor:
        """Return a value at a point that is not the sample itself."""
        inner, samples = node.args[0], self._samples(node, replaced, values=values)
        if self._inference is not None and is_plain(self._inference, node):
            assert self._asked is not None
            asked = self._asked
            found = free_at(
                self._inference, node, replaced=replaced, values=values, asked=asked
            )
            return found.expand([samples, *found.shape[1:]])
        point = self._point(node, replaced, values=values, samples=samples)
        known = {**values, **self._known(inner, point, values=values)}
        found = evaluate(inner, known, world=self._world(point.count))
        return unfolded(found, node, point=point, samples=samples)

    def _world(self, samples: int) -> World:
        if self._inference is None or self._asked is None:
            return APART
        return world_of(self._inference, samples, asked=self._asked)

    def _samples(self, node: Node, replaced: Sequence[Tensor], *, values: Values) -> int:
        """Return how many samples there are: every value of a sample tells."""
        for arg, x in zip(node.args[1:], replaced, strict=True):
            if arg.per_sample:
                return x.shape[0]
        found = (values[name] for name in self._staying(node.args[0]) if name in values)
        return next((x.shape[0] for x in (*found, *_free(values))), 1)

    def _point(
        self, node: Node, replaced: Sequence[Tensor], *, values: Values, samples: int
    ) -> Point:
        """Return the point of a node; the same one for the same replaced tensors."""
        rows = self._rows(node, replaced, samples=samples)
        key = (id(values), node.data, rows, *map(id, replaced))
        if key in self._points:
            return self._points[key][1]
        plates = _plates(node.args[1:])
        pairs = zip(node.data, node.args[1:], replaced, strict=True)
        folded = {
            name: x if self._is_shared(name) else fold(arg, x, plates=plates, rows=rows)
            for name, arg, x in pairs
        }
        point = Point(plates, rows, folded)
        if self._inference is not None:
            self._points[key] = ((values, replaced), point)
        return point

    def _is_shared(self, name: str) -> bool:
        """Tell whether all samples have one value of a variable, as of a parameter."""
        if self._inference is None:
            return False
        declared = self._inference.plan.model.find(name)
        return declared is not None and not declared.quantity.per_sample

    def _rows(self, node: Node, replaced: Sequence[Tensor], *, samples: int) -> int:
        """Return 1 where every sample has the same value at the point, else their number."""
        stays = any(each not in node.data for each in self._staying(node.args[0]))
        pairs = zip(node.args[1:], replaced, strict=True)
        same = all(not arg.per_sample or x.stride(0) == 0 for arg, x in pairs)
        return 1 if same and not stays else samples

    def _staying(self, inner: Node) -> Iterable[str]:
        """Name what has a value for each sample and is needed to evaluate a node anew."""
        needed = list(quantities(inner))
        if is_found(inner):
            needed += self._inference.needs if self._inference is not None else ()
        return (each.name for each in needed if each.per_sample and each.role not in FOUND)

    def _known(self, inner: Node, point: Point, *, values: Values) -> dict[str, Tensor]:
        """Return what an evaluation at the point needs, one row for each sample there."""
        stays = {name for name in self._staying(inner) if name not in point.replaced}
        known = {name: point.spread(values[name]) for name in stays if name in values}
        known |= point.replaced
        if not is_found(inner):
            return known
        if point.result is None:
            point.result = self._found({**values, **known}, point=point)
        return known | named(point.result)

    def _found(self, values: Values, *, point: Point) -> Result:
        """Find the latents at a point, but those that are replaced."""
        assert self._inference is not None, "what is found needs an inference"
        assert self._asked is not None
        held = frozenset(point.replaced)
        asked = self._asked
        return self._inference.find(values, samples=point.count, asked=asked, held=held)


def world_of(inference: Inference, samples: int, *, asked: Asked) -> World:
    """Return what expressions of a model may ask for, at so many samples."""
    free = inference.free(samples, asked=asked)
    there = replace(asked, context=asked.context.elsewhere())
    return World(free, Points(inference, there), asked.context)


APART = World(elsewhere=Points())


def _free(values: Values) -> tuple[Tensor, ...]:
    return (values["F"],) if "F" in values else ()


def is_here(node: Node) -> bool:
    """Tell whether a point is the sample itself, as in `F(y)`."""
    return all(_is_itself(x, name) for name, x in zip(node.data, node.args[1:], strict=True))


def _is_itself(value: Node, name: str) -> bool:
    if value.op is Op.STACK and value.data == tuple(p.index for p in value.args[0].plates):
        value = value.args[0]
    return value.op is Op.VARIABLE and value.data.name == name


def is_found(inner: Node) -> bool:
    """Tell whether inference has to find a value."""
    return any(quantity.role in FOUND for quantity in quantities(inner))


def named(result: Result) -> dict[str, Tensor]:
    """Return what inference has found by the names that expressions use."""
    latents = result.assignment
    ends = {name: result.proof(name) for name in latents}
    proofs = {
        f"{word}({name})": end.certificate for word in WORDS for name, end in ends.items()
    }
    counts = {f"steps({name})": end.steps for name, end in ends.items()}
    return {**latents, **proofs, **counts, "F": result.value}


def _plates(values: Iterable[Node]) -> tuple[Plate, ...]:
    return tuple(dict.fromkeys(plate for value in values for plate in value.plates))


def fold(node: Node, x: Tensor, *, plates: tuple[Plate, ...], rows: int) -> Tensor:
    """Fold the plates of a value into the batch: [n, *own, *event] -> [rows * all, *event]."""
    x = x[:rows] if node.per_sample else x.unsqueeze(0)
    order = [node.plates.index(plate) for plate in plates if plate in node.plates]
    event = x.dim() - 1 - len(order)
    moved = x.permute(0, *(1 + at for at in order), *range(x.dim() - event, x.dim()))
    sizes = [plate.size if plate in node.plates else 1 for plate in plates]
    shape = list(x.shape[x.dim() - event :])
    wide = moved.reshape([x.shape[0], *sizes, *shape])
    return wide.expand([rows, *(p.size for p in plates), *shape]).reshape([-1, *shape])


def unfolded(x: Tensor, node: Node, *, point: Point, samples: int) -> Tensor:
    """Give a value at a point its own axes: [n, *plates of the node, *event]."""
    inner = node.args[0].plates
    event = list(x.shape[1 + len(inner) :])
    wide = x.reshape([point.rows, *point.sizes, *(p.size for p in inner), *event])
    plates = [*point.plates, *inner]
    for plate in (each for each in point.plates if each in inner):
        first, last = 1 + plates.index(plate), len(plates) - plates[::-1].index(plate)
        wide = torch.diagonal(wide, dim1=first, dim2=last).movedim(-1, first)
        plates.pop(last - 1)
    order = [1 + plates.index(plate) for plate in node.plates]
    wide = wide.permute(0, *order, *range(1 + len(order), wide.dim()))
    return wide.expand([samples, *wide.shape[1:]]) if node.per_sample else wide[0]
