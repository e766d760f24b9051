"""States: what is remembered from step to step, written after the parameters have moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, final

import torch

from ebmdsl._record import record
from ebmdsl.concepts.base import find
from ebmdsl.concepts.context import Context
from ebmdsl.concepts.kinds import Function, Law
from ebmdsl.lower.constants import unlearned
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.outside import statistics_in
from ebmdsl.lower.seed import stream
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.statistics import statistics

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from ebmdsl.check.model import Declared, Memory, Net
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.runtime.samples import Samples

    Values = Mapping[str, Tensor]

CHUNK = 1024


@final
@record
class Uniform:
    """Uniform numbers from one stream, as layers ask for them."""

    rng: torch.Generator

    def __call__(self, like: Tensor) -> Tensor:
        """Draw them in the shape of a tensor."""
        return torch.rand(like.shape, generator=self.rng, dtype=like.dtype).to(like.device)


@final
class States:
    """The memory of a run: particles, queues, banks, averages, followers, statistics.

    What is no bank lies in `module.constants`. A bank holds [samples, *plates, *shape], one
    entry for each sample of the training split.
    """

    def __init__(self, module: EnergyModule, *, seed: int = 0) -> None:
        self.module, self.seed = module, seed
        self._kept: list[tuple[Tensor, Tensor, float]] = []
        self._waiting: dict[str, Tensor] = {}
        self._step = 0
        declared = module.plan.model.with_role("state")
        self._declared = [(each, memory) for each in declared if (memory := each.memory)]
        self._banks: dict[str, Tensor] = {}

    @property
    def remembers(self) -> bool:
        """Whether there is anything to remember."""
        return bool(self._declared) or bool(self._own())

    @torch.no_grad()
    def fill(self, samples: Samples) -> None:
        """Start every state from the training samples and the initial parameters.

        Statistics of the training split are computed here, once for the whole run.
        """
        model, values = self.module.plan.model, {**self.module.weights, **samples.variables}
        for node in statistics_in(model):
            known = statistics(node, values)
            self.module.constants[node.key].copy_(known[node.key])
        for net in self.module.plan.model.nets:
            self._start_net(net)
        for declared, memory in self._declared:
            self._start(declared, memory, samples=samples)

    def begin(self, step: int, steps: int) -> None:
        """Give every schedule its value at a step, counted from 0, out of `steps`."""
        self._step = step
        set_schedules(self.module, step, steps=steps)

    def context(self, step: int) -> Context:
        """Return what layers are given in training at a step."""
        return Context(Uniform(stream(self.seed, "layers", step=step)), self._kept)

    def rows(self, index: Tensor) -> dict[str, Tensor]:
        """Return the entries of some training samples in every bank, [n, *plates, *shape]."""
        return {name: bank[index] for name, bank in self._banks.items()}

    def whole(self, name: str) -> Tensor:
        """Return all that a state remembers, the entries of all samples of a bank."""
        return self._banks[name] if name in self._banks else self.module.constants[name]

    def others(self, name: str, rows: Tensor, *, count: int, rng: torch.Generator) -> Tensor:
        """Draw entries of other samples from a bank, [n, count, *plates, *shape]."""
        bank, own = self._banks[name], rows.unsqueeze(1)
        drawn = torch.randint(len(bank) - 1, (len(rows), count), generator=rng)
        return bank[drawn + (drawn >= own)]

    def put(self, name: str, points: Tensor) -> None:
        """Hand in what a state is to hold after this step: the end points of its chains."""
        self._waiting[name] = points.detach()

    @torch.no_grad()
    def write(self, values: Values, *, rows: Tensor) -> None:
        """Write every state from what a step has found; `rows` are its training samples."""
        self._keep_statistics()
        context = Context(Uniform(stream(self.seed, "states", step=self._step)))
        for net in self.module.plan.model.nets:
            if net.memory is not None:
                self._follow(net, net.memory)
        for declared, memory in self._declared:
            self._write(declared, memory, step=_Step(values, rows, context))
        self._waiting.clear()

    def own(self, tensors: Values) -> dict[str, Tensor]:
        """Return what is this module's own, where other stages have left more."""
        names = {*self._own(), *(each.name for each, _ in self._declared)}
        return {name: x for name, x in tensors.items() if name in names}

    def tensors(self) -> dict[str, Tensor]:
        """Return copies of all that is remembered, by name."""
        return {name: x.clone() for name, x in self._own().items()}

    @torch.no_grad()
    def restore(self, tensors: Values, *, path: Path) -> None:
        """Take up what was remembered: the same names, shapes and types, and only numbers."""
        banks = [each for each, memory in self._declared if memory.word == "bank"]
        for each in banks:
            if each.name in tensors:
                entries = len(tensors[each.name])
                self._banks[each.name] = self.module.like.new_zeros(entries, *each.whole)
        own = self._own()
        if own.keys() != tensors.keys():
            odd = ", ".join(sorted(own.keys() ^ tensors.keys()))
            raise RefusedError(f"{path} does not fit the states of the model: {odd}")
        for name, held in own.items():
            held.copy_(_verified(name, tensors[name], like=held, path=path))

    def _own(self) -> dict[str, Tensor]:
        """Return the tensors that this run writes: not those of used models or schedules."""
        nets = self.module.plan.model.nets
        names = [path for net in nets for path, _ in unlearned(net)]
        names += [each.name for each, _ in self._declared if not each.quantity.keyed]
        names += [node.key for node in statistics_in(self.module.plan.model)]
        return {name: self.module.constants[name] for name in names} | self._banks

    def _start_net(self, net: Net) -> None:
        """Let a follower begin where its net does, and statistics as their layers say."""
        constants = self.module.constants
        for weight in net.pipe.weights(net.input):
            if not weight.learned:
                law = cast("Law", cast("Any", find(Law, weight.init))())
                drawn = law.draw(weight.shape, stream(self.seed, "statistics"))
                constants[f"{net.name}.{weight.name}"].copy_(drawn)
        if net.memory is not None:
            self._follow(net, net.memory, rate=0.0)

    def _follow(self, net: Net, memory: Memory, *, rate: float | None = None) -> None:
        r"""Move a follower, $w \leftarrow r w + (1 - r) v$ for the weights v of its net."""
        options = dict(memory.options)
        share = 1 - (float(options["rate"]) if rate is None else rate)
        weights = self.module.weights
        for held in net.pipe.weights(net.input):
            if held.learned:
                now = weights[f"{options['net']}.{held.name}"]
                weights[f"{net.name}.{held.name}"].lerp_(now.detach(), share)

    def _keep_statistics(self) -> None:
        for running, value, share in self._kept:
            running.lerp_(value.to(running.dtype), share)
        self._kept.clear()

    def _start(self, declared: Declared, memory: Memory, *, samples: Samples) -> None:
        """Start a state from training samples: all of them for a bank, else some."""
        if memory.word == "bank":
            rows = torch.arange(samples.count)
            values = self._values(memory, samples, rows=rows)
            self._banks[declared.name] = _after(memory, values, declared=declared)
            return
        count = int(dict(memory.options).get("count", CHUNK))
        rng = stream(self.seed, f"init {declared.name}")
        rows = torch.randperm(samples.count, generator=rng)[:count]
        if memory.word != "ema" and len(rows) < count:
            rows = torch.randint(samples.count, (count,), generator=rng)
        values = self._values(memory, samples, rows=rows)
        own = values if memory.word != "ema" else values.mean(0)
        self.module.constants[declared.name].copy_(own.reshape(declared.whole))

    def _values(self, memory: Memory, samples: Samples, *, rows: Tensor) -> Tensor:
        """Return what is remembered of some training samples, [n, …], a chunk at a time."""
        parts = [
            self._found(memory, samples.rows(part), context=Context())
            for part in rows.split(CHUNK)
        ]
        return torch.cat(parts)

    def _found(self, memory: Memory, values: Values, *, context: Context) -> Tensor:
        """Evaluate what is remembered; one that is the same for all samples gets a row."""
        node = memory.of
        assert node is not None
        latents = {each.name for each in self.module.plan.model.with_role("latent")}
        if latents & node.names - values.keys():
            values = {**values, **self.module.solve(values).assignment}
        x = self.module.evaluate(node, values, asked=Asked(context=context))
        return x if node.per_sample else x[None]

    def _write(self, declared: Declared, memory: Memory, *, step: _Step) -> None:
        match memory.word:
            case "particles":
                if declared.name in self._waiting:
                    end = self._waiting[declared.name].reshape(declared.whole)
                    self.module.constants[declared.name].copy_(end)
            case "queue":
                held = self.module.constants[declared.name]
                values = self._found(memory, step.values, context=step.context)
                rows = values.reshape(len(values), *held.shape[1:])
                held.copy_(torch.cat([rows, held])[: len(held)])
            case "bank":
                old = self._banks[declared.name]
                now = self._found(memory, step.values, context=step.context)
                old[step.rows] = _after(memory, now, declared=declared, old=old[step.rows])
            case _:
                held = self.module.constants[declared.name]
                now = self._found(memory, step.values, context=step.context).mean(0)
                share = 1 - float(dict(memory.options)["rate"])
                held.lerp_(now.reshape(held.shape).to(held.dtype), share)


@final
@record
class _Step:
    """What states are written from: values of a batch, and which samples they are of."""

    values: Values
    rows: Tensor
    context: Context


def set_schedules(module: EnergyModule, step: int, *, steps: int) -> None:
    """Give every schedule of a model its value at a step, counted from 0, out of `steps`."""
    for name, schedule in module.plan.model.schedules:
        module.constants[name].fill_(schedule.at(step, steps))


def _after(
    memory: Memory, now: Tensor, *, declared: Declared, old: Tensor | None = None
) -> Tensor:
    """Return the entries of a bank: what they were, mixed with what they are, `then` bent."""
    options = dict(memory.options)
    entries = now.reshape(len(now), *declared.whole)
    if old is not None:
        entries = old.lerp(entries.to(old.dtype), 1 - float(options.get("momentum", 0.0)))
    bend = options.get("then")
    if bend is None:
        return entries
    function = cast("Any", find(Function, bend))
    if function is None:
        raise RunError(f"`then = {bend}`: only a function of the catalogue bends a bank")
    return function().value(entries)


def _verified(name: str, found: Tensor, *, like: Tensor, path: Path) -> Tensor:
    if found.shape != like.shape or found.dtype != like.dtype:
        has, needs = list(found.shape), list(like.shape)
        raise RefusedError(f"{path}: the state `{name}` is {has}, and the model needs {needs}")
    if not bool(found.isfinite().all()):
        raise RefusedError(f"{path}: the state `{name}` has entries that are not numbers")
    return found
