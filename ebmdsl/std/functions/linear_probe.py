"""`linear_probe`: accuracy of a linear classifier that saw some of the labels."""

from __future__ import annotations

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
@concept("linear_probe")
class LinearProbe(Function):
    r"""Accuracy of a linear classifier on features that has seen a share of the `labels`.

    The features are brought to mean 0 and deviation 1; the classifier is multinomial logistic
    regression, $\min_A\, c \sum_i \mathrm{xent}(A u_i, t_i) + \lVert A \rVert^2 / 2$ with
    $c = 0.1$, on that share of the samples, taken at random and always the same; it is judged
    on the rest.

    References: Alain & Bengio 2017, arXiv:1610.01644
    """

    labels: float = 0.5
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.STEP, low=0, high=1),
        Facts(smoothness=Smoothness.STEP, low=0, high=1),
    )
    over_split: ClassVar[bool] = True
    takes: ClassVar[tuple[str, ...]] = ("number", "labels")
    symbol: ClassVar[Symbol] = Symbol("probe({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for features and one label per sample."""
        if not 0 < self.labels < 1:
            return Misfit(f"{self.labels:g} is no share of the labels", option="labels")
        event = arguments[1]
        return () if len(event) <= 1 else Misfit(f"{show(event)} is not one label per sample")

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, columns [n, *event] and [n] or [n, k] -> []."""
        features, given = arguments
        rows = features.detach().unsqueeze(-1).flatten(1).double()
        classes = given.argmax(-1) if given.dim() == 2 else given.long()
        order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(0))
        seen, judged = order.tensor_split([max(round(self.labels * len(rows)), 1)])
        mean, spread = rows[seen].mean(0), rows[seen].std(0, correction=0) + 1e-3
        scaled = torch.nn.functional.pad((rows - mean) / spread, (0, 1), value=1.0)
        weights = _fitted(scaled[seen], classes[seen], count=int(classes.max()) + 1)
        right = (scaled[judged] @ weights).argmax(-1) == classes[judged]
        return right.to(features.dtype).mean()


STRENGTH = 0.1


def _fitted(rows: Tensor, classes: Tensor, *, count: int) -> Tensor:
    """Return the best weights; those of the constant are free, [d + 1, classes]."""
    weights = torch.zeros(rows.shape[1], count, dtype=rows.dtype).requires_grad_()
    method = torch.optim.LBFGS(
        [weights], max_iter=300, tolerance_grad=1e-6, line_search_fn="strong_wolfe"
    )

    def cost() -> Tensor:
        method.zero_grad()
        miss = torch.nn.functional.cross_entropy(rows @ weights, classes, reduction="sum")
        whole = STRENGTH * miss + weights[:-1].square().sum() / 2
        whole.backward()
        return whole

    with torch.enable_grad():
        method.step(cost)
    return weights.detach()
