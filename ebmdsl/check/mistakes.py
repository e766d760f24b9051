"""Every mistake that checking finds; each docstring is its page in `ebmc explain`."""

from __future__ import annotations

from dataclasses import field
from typing import final

from ebmdsl.source.diagnostic import Fix, Label
from ebmdsl.source.fixes import respelled
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.suggest import did_you_mean
from ebmdsl.source.text import Span

_DECLARABLE = ("name", "variable", "latent", "parameter", "observed variable")
_FEW = 6


@final
@mistake("unknown-name")
class UnknownName(Mistake):
    """A name is used that the program does not declare and the catalogue does not know.

    ```ebm
    model fails
    observed y : real[2]
    cost e = sq(y - w)
    ```

    Declare it, or correct the spelling.

    ```ebm
    model works
    observed y : real[2]
    param w : real[2]
    cost e = sq(y - w)
    train by energy
    ```
    """

    name: str
    known: tuple[str, ...] = ()
    what: str = "name"

    def message(self) -> str:
        """Say which name, and of what."""
        what, of, whole = self.what.partition(" of `")
        return f"unknown {what} `{self.name}`{of}{whole}"

    def text(self) -> str:
        """Say that nothing declares it."""
        return "not declared here and not in the catalogue"

    def help(self) -> str:
        """Suggest the nearest name, list the few there are, or say what else to do."""
        near = did_you_mean(self.name, self.known)
        if near or self.what in _DECLARABLE:
            return near or f"declare `{self.name}`, or correct the spelling"
        few = [f"`{each}`" for each in self.known]
        if 0 < len(few) <= _FEW:
            return f"write {', '.join(few[:-1])} or {few[-1]}" if few[1:] else f"write {few[0]}"
        return "correct it; `ebmc words` lists the words of the language"

    def fix(self) -> Fix | None:
        """Replace the name by the nearest one."""
        return respelled(self.span, self.name, known=self.known)


@final
@mistake("duplicate-name")
class DuplicateName(Mistake):
    """Two statements declare the same name.

    ```ebm
    model fails
    observed y : real[2]
    param y : real[2]
    cost e = sq(y)
    ```

    A name means one thing in a file.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train by energy
    ```
    """

    name: str
    first: Span

    def message(self) -> str:
        """Say which name."""
        return f"`{self.name}` is declared twice"

    def labels(self) -> tuple[Label, ...]:
        """Show the first declaration."""
        return (Label(self.first, "first declared here"),)

    def help(self) -> str:
        """Ask for another name."""
        return "give one of them another name"


@final
@mistake("uses-itself")
class UsesItself(Mistake):
    """A function or a net is used in its own definition.

    ```ebm
    model fails
    observed y : real[2]
    func twice(u) = twice(u) + u
    cost e = sq(twice(y))
    ```

    Definitions are written out where they are used, so they end somewhere.

    ```ebm
    model works
    observed y : real[2]
    func twice(u) = u + u
    cost e = sq(twice(y))
    ```
    """

    name: str
    definition: Span

    def message(self) -> str:
        """Say which definition."""
        return f"`{self.name}` is used in its own definition"

    def labels(self) -> tuple[Label, ...]:
        """Show the definition."""
        return (Label(self.definition, "defined here"),)

    def help(self) -> str:
        """Name what repeats."""
        return "write it without itself; `repeat(n, f)` and `stack(n, f)` repeat a layer"


@final
@mistake("reserved-name")
class ReservedName(Mistake):
    """`E`, `F` and `logZ` mean the energy, the free energy and log Z in every program.

    ```ebm
    model fails
    observed y : real[2]
    param F : real[2]
    cost e = sq(y - F)
    ```

    Use another name.

    ```ebm
    model works
    observed y : real[2]
    param f : real[2]
    cost e = sq(y - f)
    train by energy
    ```
    """

    name: str

    def message(self) -> str:
        """Say which name."""
        return f"`{self.name}` is reserved"

    def help(self) -> str:
        """Say what it means."""
        return "`E` is the energy, `F` the free energy, `logZ` the log partition function"


@final
@mistake("shape-mismatch")
class ShapeMismatch(Mistake):
    """Two values meet whose sizes cannot agree.

    ```ebm
    model fails(k = 3)
    observed y : real[4]
    latent z : real[k]
    cost e = sq(y - z)
    infer z by minimize
    ```

    Shapes are per sample; only scalars broadcast. Bring one to the shape of the other.

    ```ebm
    model works(k = 3)
    observed y : real[4]
    latent z : real[k]
    param W : real[4, k]
    cost e = sq(y - W @ z)
    infer z by minimize
    train by energy
    ```
    """

    reason: str
    remedy: str = ""
    seen: tuple[Label, ...] = field(default=(), compare=False)
    chain: str = ""

    def message(self) -> str:
        """Say which shapes."""
        return self.reason

    def labels(self) -> tuple[Label, ...]:
        """Show where the sizes were declared."""
        return self.seen

    def notes(self) -> tuple[str, ...]:
        """Show the shapes up to the layer of a net that does not fit."""
        return (f"the shapes up to there: {self.chain}",) if self.chain else ()

    def help(self) -> str:
        """Give the remedy, if one is known."""
        return self.remedy or "make the sizes agree; shapes are per sample"


@final
@mistake("term-not-scalar")
class TermNotScalar(Mistake):
    """A term of the energy must be one number per sample; nothing is summed silently.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = (y - m)^2
    ```

    Say how the entries become one number.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sum((y - m)^2)
    train by energy
    ```
    """

    name: str
    shape: str

    def message(self) -> str:
        """Say what the term is."""
        return f"`{self.name}` is {self.shape} per sample, but a term is one number"

    def help(self) -> str:
        """Name the usual reductions."""
        return "sum it: `sum(…)`, `sq(…)` for squares or `l1(…)` for absolute values"


@final
@mistake("unknown-domain")
class UnknownDomain(Mistake):
    """The word after the colon is no domain.

    ```ebm
    model fails
    observed y : float[2]
    cost e = sq(y)
    ```

    The domains are real, nonneg, positive, binary, spin, onehot, token, simplex and sphere.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train by energy
    ```
    """

    name: str
    known: tuple[str, ...]

    def message(self) -> str:
        """Say which word."""
        return f"`{self.name}` is no domain"

    def help(self) -> str:
        """Suggest the nearest domain."""
        near = did_you_mean(self.name, self.known)
        return near or "write `real`, `nonneg`, `binary`, `spin`, `onehot` or `token`"

    def fix(self) -> Fix | None:
        """Replace the name by the nearest one."""
        return respelled(self.span, self.name, known=self.known)


@final
@mistake("wrong-arguments")
class WrongArguments(Mistake):
    """A word is called with arguments that it does not take.

    ```ebm
    model fails
    observed y : real[2]
    latent z : real[2]
    cost e = sq(y - z)
    infer z by minimize with fista(stepz = 10)
    ```

    `ebmc words fista` lists what it takes.

    ```ebm
    model works
    observed y : real[2]
    latent z : real[2]
    param a : real
    cost e = sq(y - a * z) + sq(z)
    infer z by minimize with fista(steps = 10)
    train by energy
    ```
    """

    reason: str
    remedy: str = ""

    def message(self) -> str:
        """Say what does not fit."""
        return self.reason

    def help(self) -> str:
        """Say what is taken."""
        return self.remedy


@final
@mistake("not-a-constant")
class NotAConstant(Mistake):
    """A size, an exponent or an option must be known before anything runs.

    ```ebm
    model fails
    observed y : real[2]
    param p : real
    cost e = sum(y^p)
    ```

    Use numbers and hyper-parameters there.

    ```ebm
    model works(p = 2)
    observed y : real[2]
    param m : real[2]
    cost e = sum((y - m)^p)
    train by energy
    ```
    """

    what: str

    def message(self) -> str:
        """Say what must be constant."""
        return f"{self.what} must be a number known before the run"

    def help(self) -> str:
        """Point to hyper-parameters."""
        return "use a number, or a hyper-parameter declared in the header"
