"""Players: each moves its own parameters along the gradient of its own loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.lower.module import PLAINLY
from ebmdsl.runtime.checkpoint import optimizer_state, restore_optimizers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from ebmdsl.lower.elimination import Asked
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.lower.result import Result
    from ebmdsl.plan.plan import Update
    from ebmdsl.runtime.negatives import Negatives

    Values = Mapping[str, Tensor]
    Watch = Callable[[Tensor], None]


@final
@dataclass(frozen=True, slots=True)
class Player:
    """One `train` statement at work: its parameters and torch's optimizer over them."""

    update: Update
    weights: tuple[torch.nn.Parameter, ...]
    optimizer: Any

    def plays(self, step: int) -> bool:
        """Tell whether it is this player's turn."""
        return step % self.update.every == 0

    def set_rate(self, step: int, steps: int) -> None:
        """Follow the schedules of the learning rate and of what else has one."""
        assert self.update.optimizer is not None
        options = self.update.optimizer.options_at(step, steps)
        for group in self.optimizer.param_groups:
            group.update(options)


@final
class Players:
    """All players in the order written, on one module."""

    def __init__(
        self, module: EnergyModule, *, steps: int, negatives: Negatives | None = None
    ) -> None:
        self.module, self.steps, self._negatives = module, steps, negatives
        self.players = [_player(module, update) for update in module.plan.updates]

    def points(self, values: Values, *, rows: Tensor, asked: Asked) -> dict[str, Tensor]:
        """Return the contrastive points of a step; `values` hold what is found."""
        if self._negatives is None:
            return {}
        return self._negatives.find(values, rows=rows, randomness=asked.randomness)

    def _with_tables(self, asked: Asked) -> Asked:
        """Say which points are values of other samples."""
        tables = self._negatives.tables if self._negatives is not None else {}
        return replace(asked, tables=tables) if tables else asked

    def move(
        self,
        values: Values,
        result: Result,
        *,
        step: int,
        watch: Watch,
        asked: Asked = PLAINLY,
    ) -> None:
        """Let every player whose turn it is take one step; `watch` sees each loss first."""
        moved, asked = False, self._with_tables(asked)
        for player in self.players:
            if not player.plays(step):
                continue
            if moved:
                result = self._again(values, result, asked=asked)
            loss = self.module.objective(player.update, values, result=result, asked=asked)
            watch(loss)
            self._descend(player, loss, step=step)
            moved = True

    @property
    def state(self) -> dict[str, Tensor]:
        """The optimizers' memory, as named tensors."""
        return optimizer_state([player.optimizer for player in self.players])

    def restore(self, state: Values) -> None:
        """Give the optimizers their memory back."""
        restore_optimizers([player.optimizer for player in self.players], state)

    def _descend(self, player: Player, loss: Tensor, *, step: int) -> None:
        slopes = torch.autograd.grad(loss, player.weights, allow_unused=True)
        for weight, slope in zip(player.weights, slopes, strict=True):
            weight.grad = slope
        player.set_rate(step, self.steps)
        player.optimizer.step()
        # a fused step moves the weights without telling, and what is kept of them would stay
        torch.autograd.graph.increment_version(player.weights)
        self.module.project(player.update.names)

    def _again(self, values: Values, result: Result, *, asked: Asked) -> Result:
        """Evaluate F anew where another player has moved; constants that were found stay."""
        there = replace(asked, context=asked.context.elsewhere())
        sums = any(step.ring == "marginalize" for step in self.module.plan.eliminations)
        if sums or any(x.requires_grad for x in result.assignment.values()):
            return self.module.asked(values, there)
        known = {**self.module.weights, **values, **result.assignment}
        count = len(result.value)
        terms = self.module.inference.terms(known, count, context=there.context)
        return replace(result, value=torch.stack(list(terms.values())).sum(0))


def weights_of(module: EnergyModule, names: tuple[str, ...]) -> tuple[torch.nn.Parameter, ...]:
    """Return the parameters that names stand for: their own, or all weights of a net."""
    return tuple(
        weight
        for path, weight in module.named_parameters()
        if path in names or path.partition(".")[0] in names
    )


def _player(module: EnergyModule, update: Update) -> Player:
    assert update.optimizer is not None
    weights = weights_of(module, update.names)
    return Player(update, weights, update.optimizer.build(list(weights)))
