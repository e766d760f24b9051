"""Sums over chains: the forward algorithm in probabilities, with its slope in closed form."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast, final

from ebmdsl._torch import torch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from ebmdsl.concepts.factors import Factors, Group


@final
class Chain(NamedTuple):
    """The weights of states along chains of one length, none below 0 and none above 1.

    `single` is [length, m, k] for m chains in all, `pair` [length - 1, m, k, k] from each
    place to the next; its first two axes are 1 where all agree. `scale` is the logarithm of
    what was divided out, [m].
    """

    single: Tensor
    pair: Tensor
    scale: Tensor

    def step(self, at: int) -> Tensor:
        """Return the weights of the step to a place, [m or 1, k, k]."""
        return self.pair[at - 1 if self.pair.shape[0] > 1 else 0]


@final
class Pass(NamedTuple):
    """What the forward pass knows, [length, m, k] or [length, m].

    `ahead` weighs a place by what comes before it, `law` is its law given all up to it, and
    `total` is what it was divided by.
    """

    ahead: Tensor
    law: Tensor
    total: Tensor


def forward(chain: Chain) -> Pass:
    """Run along the chains; every place is divided by its sum, so that nothing vanishes.

    References: Rabiner 1989, doi:10.1109/5.18626, section V.A
    """
    ahead, laws, totals = [torch.ones_like(chain.single[0])], list[Any](), list[Any]()
    for at, weight in enumerate(chain.single.unbind()):
        if at:
            ahead.append(_times(laws[-1], chain.step(at)))
        whole = ahead[-1] * weight
        totals.append(whole.sum(-1))
        laws.append(whole / totals[-1].unsqueeze(-1))
    return Pass(torch.stack(ahead), torch.stack(laws), torch.stack(totals))


def backward(chain: Chain, seen: Pass) -> tuple[Tensor, Tensor]:
    """Return how what follows weighs each place, and the same with its own weights.

    Both are [length, m, k]; a law times the first is the law of the place given everything.
    """
    follows, owns = [torch.ones_like(seen.law[0])], list[Any]()
    for at in reversed(range(chain.single.shape[0])):
        owns.append(chain.single[at] * follows[-1] / seen.total[at].unsqueeze(-1))
        if at:
            follows.append(_times(owns[-1], chain.step(at).mT))
    return torch.stack(follows[::-1]), torch.stack(owns[::-1])


def _times(rows: Tensor, matrix: Tensor) -> Tensor:
    """Multiply [m, k] by one matrix for all rows, or by one for each."""
    if matrix.shape[0] == 1:
        return rows @ matrix[0]
    return (rows.unsqueeze(-2) @ matrix).squeeze(-2)


def slopes(chain: Chain, seen: Pass, *, rate: Tensor) -> tuple[Tensor, Tensor]:
    """Return the derivatives of rate · log Σ by the weights; they are finite at 0, too."""
    follows, owns = backward(chain, seen)
    by_single = rate.unsqueeze(-1) * seen.ahead * follows / seen.total.unsqueeze(-1)
    before, after = rate.unsqueeze(-1) * seen.law[:-1], owns[1:]
    length, m = chain.pair.shape[:2]
    if length == 1 and m == 1:
        joint = before.flatten(0, 1).mT @ after.flatten(0, 1)
        return by_single, joint.reshape(chain.pair.shape)
    joint = before.unsqueeze(-1) * after.unsqueeze(-2)
    return by_single, joint.sum_to_size(chain.pair.shape)


def _kept(ctx: Any, *made: Any) -> None:
    """Keep what the slope needs: what came in, and what came out beside the sums."""
    single, pair = made[0]
    _, ahead, law, total = made[1]
    ctx.mark_non_differentiable(ahead, law, total)
    ctx.save_for_backward(single, pair, ahead, law, total)


def _summed(single: Tensor, pair: Tensor) -> tuple[Tensor, ...]:
    """Return log Σ, [m], and what the forward pass knows, which is not remembered."""
    seen = forward(Chain(single, pair, single[:0]))
    return (seen.total.log().sum(0), *seen)


def _slopes(ctx: Any, *rates: Tensor) -> tuple[Tensor, Tensor]:
    """Return the slopes; for a second derivative, as functions of the weights."""
    single, pair, *seen = ctx.saved_tensors
    chain = Chain(single, pair, single[:0])
    known = forward(chain) if torch.is_grad_enabled() else Pass(*seen)
    return slopes(chain, known, rate=rates[0])


@cache
def _log_sum() -> Any:
    """Return the sum as a function with a slope of its own; torch is imported here."""
    parts: dict[str, Any] = {"forward": _summed, "setup_context": _kept, "backward": _slopes}
    methods: dict[str, Any] = {name: staticmethod(part) for name, part in parts.items()}
    made: Any = type("LogSum", (torch.autograd.Function,), {**methods, **_VMAPPED})
    return made


def log_sum(chain: Chain) -> tuple[Tensor, Pass]:
    """Return log Σ over all states, [n], and what the forward pass knows."""
    value, *seen = cast("tuple[Tensor, ...]", _log_sum().apply(chain.single, chain.pair))
    return value.reshape(chain.scale.shape[0], -1).sum(1) + chain.scale, Pass(*seen)


def sound(seen: Pass) -> bool:
    """Tell whether no sum came so close to 0 that states may have been lost."""
    least = torch.finfo(seen.total.dtype).tiny / torch.finfo(seen.total.dtype).eps
    return bool((seen.total > least).all())


def laws(chain: Chain, seen: Pass) -> Tensor:
    """Return the law of every place given everything, [length, m, k]."""
    return seen.law * backward(chain, seen)[0]


def drawn(chain: Chain, seen: Pass, *, rng: Any) -> Tensor:
    """Draw the states, last place first, [length, m], by number."""
    found = [_drawn(seen.law[-1], rng)]
    for at in reversed(range(1, seen.law.shape[0])):
        step = chain.step(at)
        rows = torch.arange(len(found[-1]), device=step.device)
        taken = step[rows, :, found[-1]] if len(step) > 1 else step[0].mT[found[-1]]
        found.append(_drawn(seen.law[at - 1] * taken, rng))
    return torch.stack(found[::-1])


def widened(chain: Chain, seen: Pass, *, times: int) -> tuple[Chain, Pass]:
    """Return the same for many samples that have all one law."""
    wide = [x.repeat(1, times, *[1] * (x.dim() - 2)) for x in (chain.single, *seen)]
    pair = chain.pair
    pair = pair.repeat(1, times, 1, 1) if pair.shape[1] > 1 else pair
    return Chain(wide[0], pair, chain.scale.repeat(times)), Pass(*wide[1:])


def by_site(x: Tensor, factors: Factors) -> Tensor:
    """Return values at places of chains, [length, m, k], by entry: [entries, n, k]."""
    paths = factors.graph.paths
    split: Tensor = cast("Any", x).unflatten(1, (-1, len(paths))).movedim(2, 0).flatten(0, 1)
    order = torch.tensor([site for path in paths for site in path], device=x.device)
    return split[order.argsort()]


def _drawn(law: Tensor, rng: Any) -> Tensor:
    steps = law.cumsum(1)
    uniform = torch.rand(len(law), 1, generator=rng, dtype=law.dtype).to(law.device)
    return (uniform * steps[:, -1:] < steps).to(torch.int8).argmax(1)


def chain_of(factors: Factors, beta: float) -> Chain | None:
    """Read tables as chains; None where they are none, or meet otherwise."""
    graph, groups = factors.graph, factors.groups()
    plain = all(len({*s}) == len(s) <= _ENDS for g in groups for s in g.scopes)
    if not graph.paths or not plain:
        return None
    n = max(group.given.shape[0] for group in groups)
    k, count, like = graph.counts[0], len(graph.counts), groups[0].given
    single = _Weights([n, count, k], beta)
    held = like.new_zeros(n)
    for group in groups:
        places = [scope[0] for scope in group.scopes if len(scope) == 1]
        if places:
            single.put(group, places, turned=False)
        if not group.scopes[0]:
            held = held - beta * group.energy.expand(-1, len(group.scopes)).sum(1)
    twos = [group for group in groups if len(group.scopes[0]) == _ENDS]
    pair, scale = _steps(twos, graph.paths, n=n, beta=beta)
    weight, own = single.made(like)
    order = torch.tensor(graph.paths, device=like.device).T
    laid = weight[:, order].movedim(0, 1).flatten(1, 2)
    return Chain(laid, pair, held + own.sum(1) + scale)


def _steps(
    groups: list[Group], paths: tuple[tuple[int, ...], ...], *, n: int, beta: float
) -> tuple[Tensor, Tensor]:
    """Return the weights of the steps, [length - 1, m, k, k], and what was divided out."""
    number: dict[tuple[int, ...], int] = {
        edge: at
        for at, edge in enumerate(
            (path[t], path[t + 1]) for path in paths for t in range(len(path) - 1)
        )
    }
    length, k = len(paths[0]) - 1, groups[0].given.shape[-1]
    alike = all(_alike(group, number) for group in groups)
    lead = max(group.given.shape[0] for group in groups)
    count = 1 if alike else len(number)
    weights = _Weights([lead, count, k, k], beta)
    for group in groups:
        for part, edges, turned in _directed(group, number):
            weights.put(part, [0] if alike else edges, turned=turned)
    weight, scale = weights.made(groups[0].given)
    scale = scale.sum(1) * (len(number) if alike else 1)
    if alike:
        wide = weight.repeat_interleave(len(paths), 0) if lead > 1 else weight
        return wide.movedim(0, 1), scale
    split: Tensor = cast("Any", weight).unflatten(1, (len(paths), length)).movedim(2, 0)
    size = n if max(lead, len(paths)) > 1 else 1
    return split.expand(length, size, len(paths), k, k).flatten(1, 2), scale


def _directed(
    group: Group, number: dict[tuple[int, ...], int]
) -> Iterator[tuple[Group, list[int], bool]]:
    """Split terms by the direction in which they name the two ends of a step."""
    for turned in (False, True):
        own = [at for at, s in enumerate(group.scopes) if (s not in number) == turned]
        edges = [number[_forward(group.scopes[at], turned=turned)] for at in own]
        if own:
            yield _part(group, own), edges, turned


def _alike(group: Group, number: dict[tuple[int, ...], int]) -> bool:
    """Tell whether a group is the same on every step, all in one direction."""
    turned = [scope not in number for scope in group.scopes]
    whole = len(group.scopes) == len(number) and len({*turned}) == 1
    return whole and group.given.shape[1] == 1


def _forward(scope: tuple[int, ...], *, turned: bool) -> tuple[int, ...]:
    return scope[::-1] if turned else scope


def _part(group: Group, own: list[int]) -> Group:
    """Return some of the terms."""
    return group if group.given.shape[1] == 1 else group._replace(given=group.given[:, own])


@final
class _Weights:
    """Collects the tables that are about the same entries: energies, and weights as given."""

    def __init__(self, shape: list[int], beta: float) -> None:
        self.shape, self.beta = shape, beta
        self.energy: Tensor | None = None
        self.weight: Tensor | None = None

    def put(self, group: Group, places: list[int], *, turned: bool) -> None:
        """Add the terms of a group, each at its place."""
        weighs = group.weighs and self.beta == 1
        table = group.given if weighs else group.energy
        table = table.mT if turned else table
        table = table.expand([self.shape[0], len(places), *self.shape[2:]])
        index = torch.tensor(places, device=table.device)
        whole = places == list(range(self.shape[1]))
        if weighs:
            wide = table if whole else table.new_ones(self.shape).index_copy(1, index, table)
            self.weight = wide if self.weight is None else self.weight * wide
        else:
            wide = table if whole else table.new_zeros(self.shape).index_add(1, index, table)
            self.energy = wide if self.energy is None else self.energy + wide

    def made(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return weights of at most 1, and the logarithms of what was divided out."""
        axes = tuple(range(2, len(self.shape)))
        scale = like.new_zeros(self.shape[:2])
        weight = like.new_ones(self.shape) if self.weight is None else self.weight
        if self.energy is not None:
            least = self.energy.detach().amin(axes, keepdim=True)
            least = torch.where(least.isfinite(), least, torch.zeros_like(least))
            likely = (-self.beta * (self.energy - least)).exp()
            weight = likely if self.weight is None else weight * likely
            scale = scale - self.beta * least.flatten(1)
        most = weight.detach().amax(axes, keepdim=True)
        most = torch.where(most > 0, most, torch.ones_like(most))
        return weight / most, scale + most.log().flatten(1)


_ENDS = 2
_VMAPPED: dict[str, Any] = {"generate_vmap_rule": True}
