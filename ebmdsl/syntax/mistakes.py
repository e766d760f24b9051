"""The mistakes of structure: what stands where it cannot stand."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Fix, Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@mistake("unexpected")
class Unexpected(Mistake):
    """A word stands where the language has no place for it.

    The message says what could stand there. The statement is left out and reading goes on at
    the next keyword, so that the other mistakes of the file are found in the same run.

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y) /
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y) / 2
    ```
    """

    what: str
    hint: str = ""
    mended: Fix | None = None

    def message(self) -> str:
        """Say what could stand here, and what was found."""
        return self.what

    def help(self) -> str:
        """Say what is usually meant, or how to go on."""
        return self.hint or "complete or remove it; the rest of the statement is not read"

    def fix(self) -> Fix | None:
        """Write what is usually meant."""
        return self.mended


@mistake("unknown-keyword")
class UnknownKeyword(Mistake):
    """A statement starts with a word that is no keyword.

    Every statement starts with a keyword, and no statement starts with an expression. This is
    what lets the compiler find several mistakes in one run.

    ```ebm
    model m
    observd y : real[4]
    cost pull = sq(y)
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y)
    ```
    """

    meant: str
    hint: str
    is_value: bool = False

    def message(self) -> str:
        """Name the word."""
        return f"no statement starts with `{self.span.text}`"

    def text(self) -> str:
        """Give the likely keyword."""
        return f"did you mean `{self.meant}`?" if self.meant else ""

    def help(self) -> str:
        """Say what to write instead."""
        return self.hint or f"write `{self.meant}`"

    def fix(self) -> Fix | None:
        """Replace the word by the likely keyword, or put a missing one before it."""
        if self.meant:
            return Fix(self.span, self.meant, safe=False)
        before = self.span.source.span(self.span.start, self.span.start)
        return Fix(before, "let ", safe=False) if self.is_value else None


@mistake("reserved-word")
class ReservedWord(Mistake):
    """A keyword of the language is used as a name.

    Keywords are reserved everywhere except as names of arguments and fields, so that a
    statement can always be told by its first word.

    ```ebm
    model m
    observed data : real[4]
    cost pull = sq(data)
    ```

    ```ebm
    model m
    observed samples : real[4]
    cost pull = sq(samples)
    ```
    """

    def message(self) -> str:
        """Name the keyword."""
        return f"`{self.span.text}` is a keyword and cannot be a name"

    def help(self) -> str:
        """Ask for another name."""
        return f"choose another name, for example `{self.span.text}_`"

    def fix(self) -> Fix | None:
        """Append an underscore."""
        return Fix(self.span, f"{self.span.text}_", safe=False)


@mistake("unclosed-bracket")
class UnclosedBracket(Mistake):
    """A bracket is opened and never closed, or closed by one of another kind.

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y / 2
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y) / 2
    ```
    """

    closing: str
    met: Span
    met_text: str
    end: int = -1

    def message(self) -> str:
        """Name the bracket."""
        return f"`{self.span.text}` is never closed"

    def text(self) -> str:
        """Say what is missing."""
        return f"no `{self.closing}` for this"

    def labels(self) -> tuple[Label, ...]:
        """Show what came instead."""
        return (Label(self.met, self.met_text),) if self.met.text else ()

    def help(self) -> str:
        """Ask for the other bracket."""
        return f"close it with `{self.closing}`"

    def fix(self) -> Fix | None:
        """Close it where the statement ends."""
        if self.end < 0:
            return None
        return Fix(self.span.source.span(self.end, self.end), self.closing, safe=False)


@mistake("unopened-bracket")
class UnopenedBracket(Mistake):
    """A bracket closes nothing.

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y)) / 2
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y) / 2
    ```
    """

    def message(self) -> str:
        """Name the bracket."""
        return f"`{self.span.text}` closes nothing"

    def help(self) -> str:
        """Ask to remove it."""
        return "remove it, or open a bracket before"

    def fix(self) -> Fix | None:
        """Remove it."""
        return Fix(self.span, "", safe=False)


@mistake("missing-model")
class MissingModel(Mistake):
    """A file does not start with its header.

    The header names the model and its hyper-parameters; one file is one model.

    ```ebm
    observed y : real[4]
    cost pull = sq(y)
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y)
    ```
    """

    suggestion: str
    is_misspelt: bool = False

    def message(self) -> str:
        """Say what a file starts with."""
        return "a file starts with `model NAME`"

    def help(self) -> str:
        """Give a first line."""
        return f"begin the file with `model {self.suggestion}`"

    def fix(self) -> Fix | None:
        """Write that line."""
        if self.is_misspelt:
            return Fix(self.span, "model", safe=False)
        start = self.span.source.span(0, 0)
        return Fix(start, f"model {self.suggestion}\n", safe=False)


@mistake("chained-comparison")
class ChainedComparison(Mistake):
    """Two comparisons stand in one expression.

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y)
    expect 0 < mean(pull) < 1
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y)
    expect 0 < mean(pull)
    expect mean(pull) < 1
    ```
    """

    def message(self) -> str:
        """State the rule."""
        return "one comparison at a time"

    def help(self) -> str:
        """Give the way out."""
        return "state each comparison in a line of its own, or put one in parentheses"


@mistake("repeated-clause")
class RepeatedClause(Mistake):
    """A statement has two clauses of the same kind.

    ```ebm
    model m
    observed y : real[4]
    param W : real[4, 4] with symmetric with zero_diag
    cost pull = sq(y - W @ y)
    ```

    ```ebm
    model m
    observed y : real[4]
    param W : real[4, 4] with symmetric, zero_diag
    cost pull = sq(y - W @ y)
    ```
    """

    first: Span
    before: int = -1

    def message(self) -> str:
        """Name the clause."""
        return f"a second `{self.span.text}`"

    def labels(self) -> tuple[Label, ...]:
        """Show the first one."""
        return (Label(self.first, "the first one"),)

    def help(self) -> str:
        """Give the way out."""
        both = "join them with a comma" if self.span.text == "with" else "keep one of them"
        return f"a statement has each clause once: {both}"

    def fix(self) -> Fix | None:
        """Join two neighbors."""
        if self.before < 0 or self.span.text != "with":
            return None
        return Fix(self.span.source.span(self.before, self.span.end), ",", safe=True)


@mistake("misplaced-clause")
class MisplacedClause(Mistake):
    """A clause stands on a statement that has no such clause.

    ```ebm
    model m
    observed y : real[4]
    param m : real[4]
    cost pull = sq(y - m)
    train by energy init 0
    ```

    ```ebm
    model m
    observed y : real[4]
    param m : real[4]
    cost pull = sq(y - m)
    train by energy
    ```
    """

    statement: str
    allowed: str
    whole: Span | None = None

    def message(self) -> str:
        """Name the clause and the statement."""
        return f"`{self.statement}` has no `{self.span.text}`"

    def help(self) -> str:
        """Say which clauses the statement has."""
        return f"its clauses are {self.allowed}" if self.allowed else "it has no clauses"

    def fix(self) -> Fix | None:
        """Take the clause out."""
        return Fix(self.whole, "", safe=False) if self.whole is not None else None


@mistake("argument-order")
class ArgumentOrder(Mistake):
    """An argument without a name stands after one with a name.

    ```ebm
    model m
    observed y : real[4]
    net f = linear(bias = none, 4)
    cost pull = sq(y - f(y))
    ```

    ```ebm
    model m
    observed y : real[4]
    net f = linear(4, bias = none)
    cost pull = sq(y - f(y))
    ```
    """

    def message(self) -> str:
        """State the rule."""
        return "an argument without a name stands after one with a name"

    def help(self) -> str:
        """Give the way out."""
        return "write the arguments without names first"


@mistake("too-deep")
class TooDeep(Mistake):
    """An expression is nested too deeply, or chains too many operations.

    ```ebm
    model m
    observed y : real
    cost pull = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((y^2
    ))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
    ```

    ```ebm
    model m
    observed y : real
    cost pull = y^2
    ```
    """

    what: str

    def message(self) -> str:
        """State the limit."""
        return self.what

    def help(self) -> str:
        """Give the way out."""
        return "name parts of it with `let`"
