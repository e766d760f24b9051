"""What is sound but cannot be run yet; its docstring is its page in `ebmc explain`."""

from __future__ import annotations

from typing import final

from ebmdsl.source.mistake import Mistake, mistake


@final
@mistake("not-supported-yet")
class NotSupportedYet(Mistake):
    """The program is sound, but this version of the compiler cannot train it.

    ```ebm
    model fails
    given x : real[2]
    observed y : real[2]
    param W : real[2, 2]
    cost e = sq(y - W @ x)
    train by persistent_contrastive_divergence(particles = 10)
    ```

    The README lists what runs today; the same model trained in another way works.

    ```ebm
    model works
    given x : real[2]
    observed y : real[2]
    param W : real[2, 2]
    cost e = sq(y - W @ x)
    train by contrastive_divergence(steps = 5)
    ```
    """

    what: str

    def message(self) -> str:
        """Say what is not there yet."""
        return f"{self.what} cannot be run yet"

    def help(self) -> str:
        """Point to the list of what works."""
        return "the README lists what this version runs"
