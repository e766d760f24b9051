"""What cannot be run yet: its page fails where it says, and the mended program runs."""

from __future__ import annotations

import re
from inspect import getdoc

from ebmdsl.compilation import Compilation
from ebmdsl.lower.mistakes import NotSupportedYet
from ebmdsl.source.text import Source

FENCE = re.compile(r"```ebm\n(.*?)```", re.DOTALL)


def test_the_first_program_is_sound_and_the_second_runs() -> None:
    failing, mended = (
        Compilation(Source("page", text))
        for text in FENCE.findall(getdoc(NotSupportedYet) or "")
    )
    assert failing.plan is not None
    assert failing.runnable is None
    assert {each.id for each in failing.diagnostics.errors} == {NotSupportedYet.id}
    assert mended.runnable is not None
