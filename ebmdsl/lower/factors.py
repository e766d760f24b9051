"""Evaluate the terms of a discrete energy as tables over the states of few entries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.concepts.factors import Group, surprise
from ebmdsl.lower.energy import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from torch import Tensor

    from ebmdsl.concepts.interactions import Interactions
    from ebmdsl.concepts.sampling import Site
    from ebmdsl.plan.templates import Read, Template

    Values = Mapping[str, Tensor]


@final
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tables:
    """The tables of an objective for the samples whose values it holds.

    `held` are the numbers of the values that some entries must have, [n, entries]; -1 where
    an entry is free.
    """

    graph: Interactions
    templates: tuple[Template, ...]
    sites: tuple[Site, ...]
    values: Values
    per_sample: tuple[str, ...]
    held: Tensor | None = None

    def rows(self, index: Tensor) -> Tables:
        """Return the tables of some of the samples."""
        moved = {name: self.values[name][index] for name in self.per_sample}
        held = None if self.held is None else self.held[index]
        return replace(self, values={**self.values, **moved}, held=held)

    def clamped(self, *, free: Tensor, known: Tensor) -> Tables:
        """Return the tables where only the `free` entries of [n, d] move from `known`."""
        numbers = [
            torch.where(free[:, site.first], -1, site.index(known)) for site in self.sites
        ]
        return replace(self, held=torch.stack(numbers, 1))

    def groups(self) -> tuple[Group, ...]:
        """Evaluate every term over the states of its entries."""
        terms = tuple(group for each in self.templates for group in self._groups(each))
        return terms if self.held is None else (*terms, *self._fixed(self.held))

    def _fixed(self, held: Tensor) -> Iterator[Group]:
        """Yield that entries which are held cannot have other values."""
        like = next(v for v in self.values.values() if v.is_floating_point())
        for count in dict.fromkeys(self.graph.counts):
            own = [at for at, k in enumerate(self.graph.counts) if k == count]
            wanted = held[:, own].unsqueeze(-1)
            other = (wanted >= 0) & (wanted != torch.arange(count, device=held.device))
            energy = like.new_zeros(other.shape).masked_fill(other, torch.inf)
            yield Group(tuple((at,) for at in own), energy)

    def _groups(self, template: Template) -> Iterator[Group]:
        if template.kind == "clique":
            table = self._evaluated(template, self._listed(template))
            table = table.reshape([*table.shape[:2], *template.counts])
            alone = len(template.scopes) == len(template.which)
            if template.weight and not alone:
                table = surprise(table)
            yield Group(template.scopes, _joined(table, template), template.weight and alone)
            return
        states = changed(template)
        table = self._evaluated(template, self._changing(template, states))
        yield from _differences(_joined(table, template), template)

    def _listed(self, template: Template) -> dict[str, Tensor]:
        """Return all states of the entries of every read."""
        found: dict[str, Tensor] = {}
        for read in template.reads:
            own = template.counts[read.low : read.high]
            axes = torch.meshgrid(*(torch.arange(k) for k in own), indexing="ij")
            states = torch.stack([axis.reshape(-1) for axis in axes], -1)
            found[read.name] = self._at(template, states, read=read)
        return found

    def _changing(self, template: Template, states: Tensor) -> dict[str, Tensor]:
        """Return the states of every read while few entries change."""
        return {
            read.name: self._at(template, states[:, read.low : read.high], read=read)
            for read in template.reads
        }

    def _at(self, template: Template, states: Tensor, *, read: Read) -> Tensor:
        """Return the values of states by number, [states, *shape]."""
        like = next(v for v in self.values.values() if v.is_floating_point())
        values = self.sites[template.scopes[0][read.low]].values.to(like)
        return values[states.to(like.device)].reshape([-1, *read.shape])

    def _evaluated(self, template: Template, states: Values) -> Tensor:
        """Return the value for all states at all places, [n, places, *axes]."""
        node, places = template.node, [plate.size for plate in template.plates]
        x = evaluate(node, {**self.values, **states})
        x = x.reshape([x.shape[0] if node.per_sample else 1, *(p.size for p in node.plates)])
        axes = {template.axis(read): len(states[read.name]) for read in template.reads}
        held = [plate.index for plate in node.plates]
        wanted = [*(plate.index for plate in template.plates), *axes]
        x = x.permute([0, *(held.index(name) + 1 for name in wanted if name in held)])
        sizes = iter(x.shape[1:])
        spread = [next(sizes) if name in held else 1 for name in wanted]
        apart = any(plate.index in held for plate in template.plates)
        lead = places if apart else [1] * len(places)
        x = x.reshape([x.shape[0], *spread]).expand([x.shape[0], *lead, *axes.values()])
        return x.reshape([x.shape[0], prod(lead), *axes.values()])


def _joined(table: Tensor, template: Template) -> Tensor:
    """Add up the places that are about the same entries, [n, scopes or 1, *axes]."""
    if table.shape[1] == 1:
        often = [count for _, count in sorted(Counter(template.which).items())]
        if len({*often}) == 1:
            return table if often[0] == 1 else table * often[0]
        wide = torch.tensor(often, dtype=table.dtype, device=table.device)
        return table * wide.reshape([1, -1, *[1] * (table.dim() - 2)])
    if template.which == tuple(range(len(template.scopes))):
        return table
    which = torch.tensor(template.which, device=table.device)
    total = table.new_zeros([table.shape[0], len(template.scopes), *table.shape[2:]])
    return total.index_add(1, which, table)


def changed(template: Template) -> Tensor:
    """List the states in which few entries differ from the first, [states, entries].

    First comes the base, then every change of one entry, then every change of two.
    """
    size = len(template.counts)
    rows = [torch.zeros(1, size, dtype=torch.long)]
    for at, count in enumerate(template.counts):
        row = torch.zeros(count - 1, size, dtype=torch.long)
        row[:, at] = torch.arange(1, count)
        rows.append(row)
    for a, b in template.meeting:
        first, second = template.counts[a] - 1, template.counts[b] - 1
        row = torch.zeros(first * second, size, dtype=torch.long)
        row[:, a] = torch.arange(1, first + 1).repeat_interleave(second)
        row[:, b] = torch.arange(1, second + 1).repeat(first)
        rows.append(row)
    return torch.cat(rows)


def _differences(table: Tensor, template: Template) -> Iterator[Group]:
    """Split a sum of functions of few entries, [n, scopes, states], into its parts."""
    base = table[..., 0]
    yield Group(tuple(() for _ in template.scopes), base)
    units: list[Tensor] = []
    first = 1
    for count in template.counts:
        own = table[..., first : first + count - 1] - base.unsqueeze(-1)
        units.append(_from_zero(own))
        first += count - 1
    for at, unit in enumerate(units):
        yield Group(tuple((scope[at],) for scope in template.scopes), unit)
    for a, b in template.meeting:
        shape = (template.counts[a] - 1, template.counts[b] - 1)
        both = table[..., first : first + prod(shape)].unflatten(-1, shape)
        first += prod(shape)
        alone = units[a][..., 1:].unsqueeze(-1) + units[b][..., 1:].unsqueeze(-2)
        meet = both - alone - base[..., None, None]
        meet = _from_zero(_from_zero(meet).mT).mT
        yield Group(tuple((scope[a], scope[b]) for scope in template.scopes), meet)


def _from_zero(x: Tensor) -> Tensor:
    """Put a zero in front of the last axis."""
    return torch.cat([torch.zeros_like(x[..., :1]), x], -1)
