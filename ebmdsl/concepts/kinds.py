"""The kinds of concept; each is abstract and says what the author of a word writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NewType, Protocol, final

from ebmdsl._record import record
from ebmdsl.concepts.base import Concept
from ebmdsl.concepts.facts import Block, Curvature, Facts, Smoothness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator
    from numpy.typing import NDArray
    from torch import Tensor

    from ebmdsl.concepts.problem import Budget, Objective, Problem, Verdict
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
    given by name. Tensor methods see exactly one leading batch axis: [n, *event].
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

    def seen_by(self, index: int) -> Facts:
        """Return the facts for one argument; options may make them tighter than `facts`."""
        return self.facts[0 if self.variadic else index]

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
    """A parameter that a layer declares: its shape and how its entries start."""

    name: str
    shape: Shape
    init: str = "normal"
    scale: float = 1.0


@final
@record
class Context:
    """What a layer may know besides its input: whether this is training, and its noise."""

    training: str = "eval"
    noise: Any = None
    state: Any = None


class Layer(Concept, ABC):
    """A layer of a `net`: declares its weights and is a pure function of them."""

    __slots__ = ()
    folder: ClassVar[str] = "layers"
    facts: ClassVar[Facts] = Facts()

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
    scale, `normal(0, 0.1)` a mean and a scale.
    """

    __slots__ = ()
    folder: ClassVar[str] = "laws"
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
    """A Markov kernel or an exact draw."""

    __slots__ = ()
    folder: ClassVar[str] = "samplers"

    @abstractmethod
    def accepts(self, problem: Problem) -> Verdict:
        """Say at what cost, or why not, this sampler can take the problem."""

    @abstractmethod
    def step(self, objective: Objective, z: Tensor, *, noise: Tensor) -> Tensor:
        """Move every chain once; noise comes from outside."""


Text = NewType("Text", str)  # an option that is kept as it was written: `hinge(m)`


class Program(Protocol):
    """What a strategy may ask about the program that it writes out."""

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of the observed variables."""
        ...

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the variables that are conditioned on."""
        ...

    @property
    def losses(self) -> tuple[str, ...]:
        """Names of the terms that are added to what a strategy minimizes."""
        ...

    @property
    def generators(self) -> tuple[str, ...]:
        """Names of the generator nodes."""
        ...

    def domain(self, name: str) -> str:
        """Return the domain of a variable, such as `real` or `binary`."""
        ...

    def shape(self, name: str) -> Shape:
        """Return the shape of one sample of a variable."""
        ...

    def source(self, name: str) -> str:
        """Return where the values of a variable come from, as it was written, or nothing."""
        ...

    def plate(self, name: str) -> str:
        """Return the plate of a variable as it was written, `[t in 1..64]`, or nothing."""
        ...

    def learned(self, name: str) -> tuple[str, ...]:
        """Name the parameters that a node depends on."""
        ...

    def fresh(self, name: str) -> str:
        """Return a name like this one that the program does not use."""
        ...

    def fed(self, name: str, text: str) -> tuple[str, ...]:
        """Rewrite what encoders and predictors see: `text` in the place of a variable."""
        ...

    def costs(self) -> tuple[tuple[str, str, str], ...]:
        """List the costs: name, index (empty without a plate) and expression."""
        ...


class Strategy(Concept, ABC):
    """A named training strategy: a macro over the core form, written as program text.

    A declaration that has the name of one in the program takes its place.
    """

    __slots__ = ()
    folder: ClassVar[str] = "strategies"

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
    """A source of samples; its fields are declared without loading anything."""

    __slots__ = ()
    folder: ClassVar[str] = "datasets"

    @abstractmethod
    def fields(self) -> tuple[Field, ...]:
        """Declare the fields; exactly one is `main`."""

    @abstractmethod
    def load(self, split: str, seed: int) -> Arrays:
        """Return the arrays of `train` or `test`, one row per sample."""


class Transform(Concept, ABC):
    """A step of a data pipeline, fitted on the training split only."""

    __slots__ = ()
    folder: ClassVar[str] = "transforms"

    @abstractmethod
    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        """Declare the fields after this step, or why it does not apply."""

    @abstractmethod
    def fit(self, train: Arrays) -> Arrays:
        """Return what the step must remember of the training split (may be empty)."""

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


class Schedule(Concept, ABC):
    """A scalar that is an exact function of the training step."""

    __slots__ = ()
    folder: ClassVar[str] = "schedules"

    @abstractmethod
    def at(self, step: int, steps: int) -> float:
        """Return the value at a step, counted from 0, out of `steps`."""
