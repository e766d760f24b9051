"""Random programs that are well typed by construction, with the shape of every node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Shape = tuple[int, ...]
ENTRYWISE = ("abs", "exp", "relu", "sigmoid", "silu", "softplus", "tanh")
TOTALS = ("l1", "sq", "sum", "logsumexp", "mean", "max")
CONSTRAINTS = ("", "with unit_columns", "init normal(0.1)")


@final
@dataclass(frozen=True, slots=True)
class Written:
    """A program: its declarations in any order, what is done in this one, its shapes."""

    header: str
    declarations: tuple[str, ...]
    actions: tuple[str, ...]
    shapes: dict[str, Shape]

    @property
    def text(self) -> str:
        """The program as a file."""
        return "\n".join((self.header, *self.declarations, *self.actions, ""))


@final
@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a program, and what is declared with them."""

    d: int
    k: int

    def vectors(self, size: int) -> tuple[str, ...]:
        """Names of the vectors of this size; the sizes may be equal."""
        wide = ("y", "b") if size == self.d else ()
        return wide + (("z", "c") if size == self.k else ())

    def maps(self, size: int) -> tuple[tuple[str, int], ...]:
        """Products that end in this size, with the size that they take."""
        down = (("W @ {}", self.k),) if size == self.d else ()
        return down + ((("{} @ W", self.d),) if size == self.k else ())


def vector(sizes: Sizes, size: int, depth: int) -> SearchStrategy[str]:
    """An expression of this many entries."""
    leaves = st.sampled_from(sizes.vectors(size))
    if depth == 0:
        return leaves
    inner, number = vector(sizes, size, depth - 1), scalar(sizes, depth - 1)
    options = [
        leaves,
        st.builds("{}({})".format, st.sampled_from(ENTRYWISE), inner),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("({} * {})".format, number, inner),
        st.builds("(-{})".format, inner),
        st.builds("stop({})".format, inner),
    ]
    for product, taken in sizes.maps(size):
        other = vector(sizes, taken, depth - 1)
        options.append(other.map(lambda text, form=product: f"({form.format(text)})"))
    return st.one_of(options)


def scalar(sizes: Sizes, depth: int) -> SearchStrategy[str]:
    """An expression of one number."""
    leaves = st.sampled_from(("1", "0.5", "2", "lam", "s"))
    if depth == 0:
        return leaves
    inner = scalar(sizes, depth - 1)
    totals = [
        st.builds("{}({})".format, st.sampled_from(TOTALS), vector(sizes, size, depth - 1))
        for size in (sizes.d, sizes.k)
    ]
    some = vector(sizes, sizes.d, depth - 1)
    return st.one_of(
        leaves,
        *totals,
        st.builds("dot({}, {})".format, some, some),
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("{}[{}]".format, st.just("y"), st.integers(0, sizes.d - 1)),
        st.builds("{}^2".format, st.builds("({})".format, inner)),
    )


@st.composite
def written(draw: DrawFn) -> Written:
    """A program with a latent, nodes of every shape, and one to three terms."""
    sizes = Sizes(draw(st.integers(2, 5)), draw(st.integers(2, 5)))
    domain = draw(st.sampled_from(("real", "nonneg")))
    lines = [
        f"observed y : real[{sizes.d}]",
        f"latent z : {domain}[k]",
        f"param W : real[{sizes.d}, k] {draw(st.sampled_from(CONSTRAINTS))}",
        f"param b : real[{sizes.d}]",
        "param c : real[k]",
        "param s : positive",
    ]
    shapes: dict[str, Shape] = {}
    for number in range(draw(st.integers(0, 3))):
        size = draw(st.sampled_from((sizes.d, sizes.k)))
        shapes[f"v{number}"] = (size,)
        lines.append(f"let v{number} = {draw(vector(sizes, size, 2))}")
    for number in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("cost", "regularizer")))
        lines.append(f"{kind} e{number} = {draw(scalar(sizes, 3))}")
    lines.append("cost anchor = sq(y - W @ z - b) + sq(z - c) + s * sq(z)")
    header = f"model drawn(k = {sizes.k}, lam = 0.5)"
    actions = ("infer z by minimize", "train by minimize(F) with sgd(0.1)")
    return Written(header, tuple(lines), actions, shapes)
