"""The kinds of concept; each is abstract and says what the author of a word writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, NewType, final

from ebmdsl._record import record
from ebmdsl.concepts.base import Concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray
    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.problem import Budget, Objective, Problem, Verdict
    from ebmdsl.concepts.program import Fault, Program
    from ebmdsl.concepts.sampling import Chain, Draws, Noise
    from ebmdsl.concepts.shape import Misfit, Shape
    from ebmdsl.concepts.symbol import Symbol

    Arrays = Mapping[str, NDArray[Any]]


class Function(Concept, ABC):
    """A function without weights, of one or several arguments.

    `facts` holds one entry per argument: the function as seen by that argument alone;
    they hold while every argument lies in its interval of `within` (empty: the real line).
    `joint` says what is proved when all arguments move at once. A `bilinear` function is
    linear in each of two arguments, so a product of facts applies when both move. A
    `variadic` function takes any number of arguments, all alike. The dataclass fields are
    the options: filled by name, or by position after the `len(facts)` tensor arguments; a
    field of type `tuple[int, ...]` takes all that remain. `names` lets tensor arguments be
    given by name. `takes` says what each argument may be: a "number" (and no token) where it
    says nothing, "entries" of any domain, "signs" that can be turned over, "bits", "shares"
    from 0 to 1, "labels" (tokens or shares). A function `over_split` gives one number for
    all samples of a split and stands in reports only; its arguments are [samples, *event].
    Otherwise tensor methods see exactly one leading batch axis: [n, *event].
    """

    __slots__ = ()
    folder: ClassVar[str] = "functions"
    facts: ClassVar[tuple[Facts, ...]]
    symbol: ClassVar[Symbol]
    joint: ClassVar[Facts | None] = None
    within: ClassVar[tuple[tuple[float, float], ...]] = ()
    names: ClassVar[tuple[str, ...]] = ()
    bilinear: ClassVar[bool] = False
    variadic: ClassVar[bool] = False
    takes: ClassVar[tuple[str, ...]] = ()
    over_split: ClassVar[bool] = False

    def seen_by(self, index: int) -> Facts:
        """Return the facts for one argument; options may make them tighter than `facts`."""
        return self.facts[0 if self.variadic else index]

    def on(self, index: int, span: tuple[float, float], *, count: int) -> Facts:
        """Return the facts for one argument whose `count` entries lie between two numbers."""
        del span, count
        return self.seen_by(index)

    @abstractmethod
    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the per-sample shape of the value, or why the arguments do not fit."""

    @abstractmethod
    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate on a batch: every argument is [n, *event]."""


ELEMENTWISE = Facts(block=Block.ELEMENTWISE)
SEPARABLE = Facts(block=Block.SEPARABLE)
LINEAR = Facts(degree=1, curvature=Curvature.AFFINE, smoothness=Smoothness.ANALYTIC)


@final
@record
class Weight:
    """A parameter that a layer declares: its shape, how its entries start, what it keeps.

    `keeps` names a constraint that holds after every update, such as `nonneg`. What is not
    `learned` is a running statistic of the layer's input. `source` is the layer, where the
    weight starts from more than its shape.
    """

    name: str
    shape: Shape
    init: str = "normal"
    scale: float = 1.0
    keeps: str = ""
    learned: bool = True
    source: Any = None

    def under(self, label: str) -> Weight:
        """Return the same parameter, under the name of the layer that it belongs to."""
        return replace(self, name=f"{label}.{self.name}")


class Layer(Concept, ABC):
    """A layer of a `net`: declares its weights and is a pure function of them.

    A layer may name several `outputs`; it returns them laid end to end. `parts` are layers
    that it is made of.
    """

    __slots__ = ()
    folder: ClassVar[str] = "layers"
    facts: ClassVar[Facts] = Facts()

    @property
    def label(self) -> str:
        """Return the name that its weights go by."""
        return self.word

    def text(self) -> str:
        """Write the layer as short as can be: its word, with the layers inside."""
        return self.word

    def seen(self) -> Facts:
        """Return the facts as a function of the input; options may make them tighter."""
        return self.facts

    def joined(self, shapes: tuple[Shape, ...]) -> Shape | Misfit:
        """Return the shape of several inputs laid end to end, or why they do not fit."""
        return (sum(map(prod, shapes)),)

    def outputs(self, x: Shape) -> tuple[tuple[str, Shape], ...]:
        """Name the outputs with their shapes, where there are several."""
        del x
        return ()

    def parts(self, x: Shape) -> tuple[tuple[Layer, Shape], ...]:
        """List the layers inside with the shapes they are given, up to one that misfits."""
        del x
        return ()

    def raised(self, x: Shape) -> int:
        """Return by how much an affine layer raises the degree in weights and input."""
        return 1 if self.weights(x) else 0

    @abstractmethod
    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare the parameters for an input of this shape."""

    @abstractmethod
    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the output, or why the input does not fit."""

    @abstractmethod
    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate on a batch [n, *event]."""


class Constraint(Concept, ABC):
    """What a parameter obeys as a whole; restored after every update."""

    __slots__ = ()
    folder: ClassVar[str] = "constraints"
    bounds_gain: ClassVar[bool] = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value of an entry that obeys."""
        return float("-inf"), float("inf")

    @abstractmethod
    def misfit(self, shape: Shape) -> Misfit | None:
        """Return why a parameter of this shape cannot obey, or None when it can."""

    @abstractmethod
    def project(self, w: Tensor) -> Tensor:
        """Return the nearest allowed value of a parameter; NaN stays visible."""

    @abstractmethod
    def holds(self, w: Tensor) -> bool:
        """Tell whether a loaded value obeys the constraint to rounding."""


class Law(Concept, ABC):
    """A probability law, for initial values and random nodes.

    The dataclass fields are its options. Where a call has fewer arguments than fields, the
    entry of `forms` with that many names says which ones it gives: `normal(0.1)` is a
    scale, `normal(0, 0.1)` a mean and a scale. `domain` is what a draw is.
    """

    __slots__ = ()
    folder: ClassVar[str] = "laws"
    domain: ClassVar[str] = "real"
    forms: ClassVar[tuple[tuple[str, ...], ...]] = ()

    @abstractmethod
    def misfit(self, shape: Shape) -> Misfit | None:
        """Return why no value of this shape can be drawn, or None when it can."""

    @abstractmethod
    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw a tensor of this shape from a torch generator."""


class Solver(Concept, ABC):
    """A way to minimize an objective over a batch of samples at once.

    One loop runs every solver: `init`, then `step` until the objective's certificate is met
    for each sample. A state is a named tuple of tensors that all have the batch as their
    first axis; what is common to all samples belongs into `objective.quadratic.hessian.once`.
    Every operation treats a sample by itself, so the loop may swap samples at any time.
    """

    __slots__ = ()
    folder: ClassVar[str] = "solvers"

    @property
    @abstractmethod
    def budget(self) -> Budget:
        """Say when the solver is done."""

    @abstractmethod
    def accepts(self, problem: Problem) -> Verdict:
        """Say at what cost, or why not, this solver can take the problem."""

    @abstractmethod
    def init(self, objective: Objective, start: Tensor) -> Any:
        """Return the first state from a start of shape [n, d]."""

    @abstractmethod
    def step(self, objective: Objective, state: Any) -> Any:
        """Return the next state."""

    @abstractmethod
    def solution(self, state: Any) -> Tensor:
        """Read the current answer, [n, d]."""


class Sampler(Concept, ABC):
    r"""A Markov kernel that leaves the law $\exp(-E / T)$ as it is, T the `temperature`.

    One loop runs every sampler: `start`, then `step`, `steps` times, with as many random
    numbers as `draws` says. A `discrete` one moves among few values, others in a continuum.
    """

    __slots__ = ()
    folder: ClassVar[str] = "samplers"
    discrete: ClassVar[bool] = False
    steps: int

    @abstractmethod
    def accepts(self, problem: Problem) -> Verdict:
        """Say at what cost, or why not, this sampler can take the problem."""

    @abstractmethod
    def draws(self, objective: Objective, size: int) -> Draws:
        """Return how many random numbers a step takes for each chain of `size` entries."""

    @abstractmethod
    def start(self, objective: Objective, z: Tensor) -> Chain:
        """Return the chains that start at z, [n, d]."""

    @abstractmethod
    def step(self, objective: Objective, chain: Chain, *, noise: Noise) -> Chain:
        """Move every chain once."""


Text = NewType("Text", str)  # an option that is kept as it was written: `hinge(m)`
Value = NewType("Value", object)  # an expression: its node when checked, a tensor in a run


class Strategy(Concept, ABC):
    """A named training strategy: a macro over the core form, written as program text.

    A declaration that has the name of one in the program takes its place.
    """

    __slots__ = ()
    folder: ClassVar[str] = "strategies"

    def family(self) -> str:
        """Return the class of the lecture that it belongs to.

        C: contrastive, A: architectural. C1 pushes up everywhere, C2 at chosen points; C3
        maps corrupted points back; A1 to A3 bound the volume of low energy; A4 flattens the
        energy at the data.
        """
        return "C2"

    def fault(self) -> Fault | None:
        """Return what is wrong with the options by themselves, or None when nothing is."""
        return None

    @abstractmethod
    def misfit(self, program: Program) -> Misfit | None:
        """Return why this program cannot be trained so, or None when it can."""

    @abstractmethod
    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements of the core form, as text, for training these names."""


@final
@record
class Field:
    """One field of a data set: name, shape of one sample, domain and bounds."""

    name: str
    shape: Shape
    domain: str = "real"
    low: float = float("-inf")
    high: float = float("inf")
    main: bool = False


class Dataset(Concept, ABC):
    """A source of samples; its fields are declared without loading anything.

    `fetch` is the command that brings its files, where no installed package has them.
    """

    __slots__ = ()
    folder: ClassVar[str] = "datasets"
    fetch: ClassVar[str] = ""

    @abstractmethod
    def fields(self) -> tuple[Field, ...]:
        """Declare the fields; exactly one is `main`."""

    @abstractmethod
    def load(self, split: str, seed: int) -> Arrays:
        """Return the arrays of `train` or `test`, one row per sample."""


class Transform(Concept, ABC):
    """A step of a data pipeline, fitted on the training split only.

    A step is handed the main field; a `whole` one gets every field, the main one first. A
    `redrawn` step is random anew in each epoch of training, for other splits it is not.
    """

    __slots__ = ()
    folder: ClassVar[str] = "transforms"
    whole: ClassVar[bool] = False
    redrawn: ClassVar[bool] = False

    @abstractmethod
    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        """Declare the fields after this step, or why it does not apply."""

    def fit(self, train: Arrays) -> Arrays:
        """Return what the step must remember of the training split: nothing, by default."""
        del train
        return {}

    @abstractmethod
    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        """Transform a split."""


class Optimizer(Concept, ABC):
    """A rule that moves parameters along a gradient; `rate` may be a schedule."""

    __slots__ = ()
    folder: ClassVar[str] = "optimizers"
    rate: float | Schedule

    @abstractmethod
    def build(self, parameters: Any) -> Any:
        """Return the torch optimizer over these parameters."""

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate at a step out of `steps`."""
        return self.rate.at(step, steps) if isinstance(self.rate, Schedule) else self.rate

    def options_at(self, step: int, steps: int) -> dict[str, float]:
        """Return the options of torch's optimizer that follow a schedule, at a step."""
        return {"lr": self.rate_at(step, steps)}


class Schedule(Concept, ABC):
    """A scalar that is an exact function of the training step."""

    __slots__ = ()
    folder: ClassVar[str] = "schedules"

    @abstractmethod
    def at(self, step: int, steps: int) -> float:
        """Return the value at a step, counted from 0, out of `steps`."""
