"""Ending a run politely: the first signal asks, the second insists."""

from __future__ import annotations

import signal
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, final

from ebmdsl.cli.failures import Exit

CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}


@final
@dataclass(slots=True)
class Interruption:
    """Whether someone asked the run to end, and the exit code that says so."""

    code: Exit = Exit.FINE

    def __call__(self) -> bool:
        """Tell whether the run should end after this step."""
        return self.code is not Exit.FINE


@contextmanager
def polite_signals() -> Generator[Interruption]:
    """Note the first SIGINT or SIGTERM; let the second one act as it always does."""
    asked = Interruption()
    before = {number: signal.getsignal(number) for number in CODES}

    def ask(number: int, frame: object) -> None:
        del frame
        asked.code = CODES[signal.Signals(number)]
        _restore(before)

    for number in CODES:
        signal.signal(number, ask)
    try:
        yield asked
    finally:
        _restore(before)


def _restore(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
