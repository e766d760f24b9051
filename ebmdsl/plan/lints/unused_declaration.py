"""`unused-declaration`: what is declared and never used."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.plan.written import statements
from ebmdsl.source.diagnostic import Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("unused-declaration")
class UnusedDeclaration(Mistake):
    """Something is declared, and nothing in the program uses it.

    A latent that no term mentions is inferred for nothing; a parameter that no term mentions
    keeps its initial value.

    ```ebm
    model fails
    observed y : real[4]
    param m : real[4]
    param scale : positive
    cost e = sq(y - m)
    train m by energy
    ```

    Use it, or take it out.

    ```ebm
    model works
    observed y : real[4]
    param m : real[4]
    param scale : positive
    cost e = sq(y - m) / scale + scale
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    what: str

    def message(self) -> str:
        """Say what is not used."""
        return f"{self.what} `{self.name}` is never used"

    def text(self) -> str:
        """Say what is missing."""
        return "nothing mentions it"

    def help(self) -> str:
        """Give the one-line remedy."""
        return "use it, or take it out"


WATCHED = (
    ast.Variable,
    ast.Net,
    ast.Data,
    ast.Func,
    ast.Node,
    ast.State,
    ast.Negative,
    ast.Use,
)
ROLES = frozenset({"latent", "param", "random"})


def unused_declaration(subject: Subject) -> Iterator[Mistake]:
    """Report what this file declares and no other statement mentions."""
    if subject.model is not subject.whole:
        return
    whole = subject.written.file
    source = whole.header.name.span.source
    used = _mentioned(subject)
    for each in whole.statements:
        if not isinstance(each, WATCHED) or each.name.span.source is not source:
            continue
        if isinstance(each, ast.Variable) and each.declare not in ROLES:
            continue
        if each.name.text not in used:
            yield UnusedDeclaration(each.name.span, each.name.text, _what(each))


def _mentioned(subject: Subject) -> frozenset[str]:
    """Name what the program mentions, as it was written or with its strategies expanded."""
    files = (subject.written.file, subject.model.file)
    return frozenset(
        name for file in files for each in statements(file) for name in _names(each)
    )


def _names(statement: ast.Statement) -> Iterator[str]:
    """Name what a statement mentions, except for what it declares, removes or may move.

    A strategy names all parameters, whether the energy depends on them or not.
    """
    own = getattr(statement, "name", None)
    removed = statement.names if isinstance(statement, ast.Infer) else ()
    moved = statement.names if isinstance(statement, ast.Train) else ()
    apart = [own, *removed, *(name for name in moved if name.span.text != name.text)]
    for piece in ast.walk(statement):
        if isinstance(piece, ast.Name) and all(piece is not each for each in apart):
            yield piece.text


def _what(statement: ast.Statement) -> str:
    match statement:
        case ast.Variable() as variable:
            return _ROLES.get(variable.declare, variable.declare)
        case ast.Node() as node:
            return node.role
        case _:
            return _KINDS[type(statement)]


_ROLES = {"param": "parameter", "random": "random variable"}
_KINDS: dict[type[ast.Statement], str] = {
    ast.Net: "net",
    ast.Data: "data",
    ast.Func: "function",
    ast.State: "state",
    ast.Negative: "negative",
    ast.Use: "model",
}
