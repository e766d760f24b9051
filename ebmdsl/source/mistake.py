"""Mistakes as types: the sentence lives with the type, the span is the user's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeVar, dataclass_transform

from ebmdsl._record import record
from ebmdsl.source.diagnostic import Diagnostic, Fix, Label, Severity
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable


@record
class Mistake(ABC):
    """Something a user got wrong; the docstring of each kind is its page in `ebmc explain`."""

    span: Span

    id: ClassVar[str] = ""
    severity: ClassVar[Severity] = "error"

    @abstractmethod
    def message(self) -> str:
        """Say in one line what is wrong."""

    def text(self) -> str:
        """Say what stands under the primary span."""
        return ""

    def labels(self) -> tuple[Label, ...]:
        """Name the other places that matter."""
        return ()

    def notes(self) -> tuple[str, ...]:
        """Say what a reader must know to understand it."""
        return ()

    def help(self) -> str:
        """Say what to do."""
        return ""

    def fix(self) -> Fix | None:
        """Give the replacement that mends it, if there is one."""
        return None

    def diagnostic(self) -> Diagnostic:
        """Collect what there is to show."""
        return Diagnostic(
            self.id,
            self.severity,
            message=self.message(),
            span=self.span,
            text=self.text(),
            labels=self.labels(),
            notes=self.notes(),
            help=self.help(),
            fix=self.fix(),
        )


_registry: dict[str, type[Mistake]] = {}
_Kind = TypeVar("_Kind", bound=type[Mistake])


@dataclass_transform(frozen_default=True)
def mistake(id: str) -> Callable[[_Kind], _Kind]:
    """Make a class a kind of mistake, known under this id."""

    def register(cls: _Kind) -> _Kind:
        made = record(cls)
        taken = _registry.setdefault(id, made)
        if taken is not made:
            raise TypeError(f"two mistakes are called {id!r}: {taken.__name__}, {cls.__name__}")
        made.id = id
        return made

    return register


def mistakes() -> dict[str, type[Mistake]]:
    """Every kind of mistake imported so far, by id."""
    return dict(sorted(_registry.items()))
