"""Running `ebmc` inside the test process."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from ebmdsl.cli import main

Ebmc = Callable[..., Result]


@pytest.fixture
def ebmc() -> Ebmc:
    """Call the command line with words, and standard input if there is any."""

    def call(*words: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words], input=stdin)

    return call
