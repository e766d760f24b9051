"""Which messages are asked for, by their ids: `--select`, `--ignore`, `--deny`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.cli.explain import every_mistake, similar
from ebmdsl.cli.failures import Exit, StopError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ebmdsl.source.diagnostic import Diagnostic

ALL = "warnings"


@final
@record
class Choice:
    """The warnings that are shown, those that are not, and those that count as errors."""

    selected: frozenset[str]
    ignored: frozenset[str]
    denied: frozenset[str]

    def of(self, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Keep every error and the chosen warnings; one that is denied becomes an error."""
        return tuple(self._judged(each) for each in found if self._is_kept(each))

    def _is_kept(self, found: Diagnostic) -> bool:
        if found.severity == "error":
            return True
        is_selected = not self.selected or found.id in self.selected
        return is_selected and found.id not in self.ignored

    def _judged(self, found: Diagnostic) -> Diagnostic:
        is_denied = found.id in self.denied or ALL in self.denied
        return replace(found, severity="error") if is_denied else found


def choice(
    select: Sequence[str], ignore: Sequence[str], *, deny: Sequence[str], pedantic: bool
) -> Choice:
    """Read the flags, or say which of their ids is none."""
    denied = (*deny, ALL) if pedantic else deny
    return Choice(
        _ids(select, flag="--select"),
        _ids(ignore, flag="--ignore"),
        _ids(denied, flag="--deny", also=ALL),
    )


def _ids(words: Sequence[str], *, flag: str, also: str = "") -> frozenset[str]:
    """The ids behind a flag, separated by commas or given one by one."""
    ids = frozenset(id.strip() for word in words for id in word.split(",")) - {""}
    for id in sorted(ids - {also}):
        _check_id(id, flag)
    return ids


def _check_id(id: str, flag: str) -> None:
    known = every_mistake()
    if id not in known:
        names = [name for name, each in known.items() if each.severity == "warning"]
        raise StopError(
            f"`{flag} {id}`: no warning has this id{similar(id, names)}", Exit.USAGE
        )
    if known[id].severity == "error":
        raise StopError(f"`{flag} {id}`: it is an error, with or without the flag", Exit.USAGE)
