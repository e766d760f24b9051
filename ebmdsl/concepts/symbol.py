"""How a concept is written in diagrams and in the text of a plan."""

from __future__ import annotations

from typing import final

from ebmdsl._record import record


@final
@record
class Symbol:
    """A template in Unicode with `{}` where each argument goes, e.g. `‖{}‖₁`.

    The last place takes all arguments that remain.
    """

    template: str

    def show(self, *arguments: str) -> str:
        """Write the symbol around its arguments."""
        last = self.template.count("{}") - 1
        return self.template.format(*arguments[:last], ", ".join(arguments[last:]))
