"""`knn`: share of the samples whose nearest neighbors have their class."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("knn")
class Knn(Function):
    """Share of the samples whose nearest other samples mostly have the same class.

    The labels are tokens, or distributions over the classes (one-hot or soft); a sample is
    not its own neighbor.

    References: Cover & Hart 1967, doi:10.1109/TIT.1967.1053964
    """

    neighbors: int = 1
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, low=0, high=1),
        Facts(smoothness=Smoothness.STEP, low=0, high=1),
    )
    over_split: ClassVar[bool] = True
    takes: ClassVar[tuple[str, ...]] = ("number", "labels")
    symbol: ClassVar[Symbol] = Symbol("nearest neighbors({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for features and one label per sample."""
        labels = arguments[1]
        if self.neighbors < 1:
            return Misfit(f"{self.neighbors} neighbors cannot vote", option="neighbors")
        return () if len(labels) <= 1 else Misfit(f"{show(labels)} is not one label per sample")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, columns [n, *event] and [n] or [n, k] -> []."""
        features, labels = arguments
        rows = features.unsqueeze(-1).flatten(1)
        classes = labels.argmax(-1) if labels.dim() == 2 else labels.long()
        votes = torch.nn.functional.one_hot(classes)
        right = [
            self._right(rows, votes, some=each) for each in torch.arange(len(rows)).split(1024)
        ]
        return torch.cat(right).to(rows.dtype).mean()

    def _right(self, rows: Tensor, votes: Tensor, *, some: Tensor) -> Tensor:
        """Tell of some samples whether their neighbors vote for their class."""
        away = torch.cdist(rows[some], rows)
        away[torch.arange(len(some)), some] = inf
        near = away.topk(min(self.neighbors, len(rows) - 1), largest=False).indices
        return votes[near].sum(1).argmax(-1) == votes[some].argmax(-1)
