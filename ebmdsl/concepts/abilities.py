"""Abilities: what a concept can do beyond its kind; each is an interface with a law."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from ebmdsl.concepts.facts import Facts, Smoothness

if TYPE_CHECKING:
    from torch import Tensor


class Proximable(ABC):
    r"""A function $g$ whose proximal operator is known.

    The prox of a function with several values is that of their sum. One of `magnitudes`
    depends on absolute values only and rises with each of them.

    Law: $\mathrm{prox}_{tg}(x)$ is at least as good as any other point on
    $g(u) + \lVert u - x \rVert^2 / 2t$.
    """

    __slots__ = ()
    magnitudes: ClassVar[bool] = True

    @abstractmethod
    def prox(self, x: Tensor, step: Tensor) -> Tensor:
        """Return the proximal point of `x`, for steps of shape [n, 1] or [].

        `x` is [n, d]; functions of a matrix need it in the argument's shape, [n, *event].
        """


class Projectable(ABC):
    r"""A set whose nearest point is known for many values at once, each by itself.

    An `entrywise` set bounds every entry by itself. In an `orthant` one the nearest point
    that is nowhere negative is that of the positive part. Where it `follows`, projecting
    the proximal point of an even function of each entry gives that of both together.

    Law: one value is projected as `project` does; no allowed value is nearer.
    """

    __slots__ = ()
    convex: ClassVar[bool] = True
    entrywise: ClassVar[bool] = False
    orthant: ClassVar[bool] = False
    follows: ClassVar[bool] = False

    @property
    def most(self) -> int | None:
        """Return how many entries may differ from zero, where that is limited."""
        return None

    @abstractmethod
    def nearest(self, w: Tensor) -> Tensor:
        """Return the nearest allowed values, [n, *event], without looking at any value."""


class Conjugate(ABC):
    r"""A function $g$ whose convex conjugate $g^*$ is the indicator of a known set.

    Law: Fenchel–Young, $g(u) \ge \langle u, v \rangle$ for every $v$ with `polar(v) <= 1`.
    Gauges (norms and the like) have this ability; `polar` is the dual gauge.
    """

    __slots__ = ()

    @abstractmethod
    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the dual gauge of `v`: [n, d] -> [n]; over the orthant where `nonneg`."""


class Homogeneous(ABC):
    r"""A function with $g(au) = |a|^p g(u)$ for every $a \ne 0$; a scalar factor moves outside.

    Law: the equation itself on random points and factors.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def order(self) -> int:
        """Return the power $p$ with which a scalar factor leaves the function."""


class Density(ABC):
    r"""A law $q$ with a density, so that values can be drawn from it and judged by it.

    `facts` hold of $-\log q(v)$ as a function of v and then of each option, while each of
    them lies `within` its interval; `moved` holds of a draw as a function of the options.

    Law: $q$ integrates, or adds up, to one.
    """

    __slots__ = ()
    domain: ClassVar[str]
    facts: ClassVar[tuple[Facts, ...]]
    within: ClassVar[tuple[tuple[float, float], ...]] = ()
    moved: ClassVar[Facts] = Facts(smoothness=Smoothness.STEP)

    @staticmethod
    @abstractmethod
    def surprise(value: Tensor, *options: Tensor) -> Tensor:
        """Return minus the log density of every entry; the options broadcast."""
