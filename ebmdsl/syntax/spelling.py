"""The mistakes of spelling: what is no word of the language."""

from __future__ import annotations

from unicodedata import name as unicode_name
from unicodedata import normalize

from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.mistake import Mistake, mistake

_LOOKALIKES = {
    "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "−": "-", "–": "-", "—": "-",
    "→": "->", "≤": "<=", "≥": ">=", "≠": "!=", "“": '"', "”": '"', "‘": '"', "’": '"',
    "'": '"', "∼": "~", "…": "..", "∶": ":", "（": "(", "）": ")", "，": ",", "＝": "=",
}  # fmt: skip
_NEEDLESS = {
    ";": "statements need no separator: each one starts with a keyword",
    "|": "a pipe is written `|>`, an absolute value `abs(u)`, a norm `l1(u)` or `sq(u)`",
    "%": "a share is written `10%`, without a space",
    "!": "only `!=` uses `!`",
    "&": "there is no `&`: state one expectation per line",
    "?": "there is no `?`: use `abs`, `max` or `min` for cases",
    "\\": "a statement may go on in the next line without a sign",
    "$": "names start with a letter",
    "`": "names stand without quotes",
}


@mistake("unclosed-text")
class UnclosedText(Mistake):
    """A text in double quotes does not end on its line.

    ```ebm
    model m
    data d = letters("brown)
    observed y : real[4]
    cost pull = sq(y)
    ```

    ```ebm
    model m
    data d = letters("brown")
    observed y : real[4]
    cost pull = sq(y)
    ```
    """

    def message(self) -> str:
        """Say that the quote is missing."""
        return "this text is never closed"

    def help(self) -> str:
        """Ask for the quote."""
        return 'a text ends with `"` on the line where it starts'


@mistake("unknown-character")
class UnknownCharacter(Mistake):
    """A character has no meaning in the language.

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y) ÷ 2
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = sq(y) / 2
    ```
    """

    def message(self) -> str:
        """Name the character."""
        shown = self.span.text
        visible = (
            shown if shown.isprintable() else unicode_name(shown[0], f"U+{ord(shown[0]):04X}")
        )
        return f"`{visible}` means nothing here"

    def help(self) -> str:
        """Give the sign that means it."""
        meant = _LOOKALIKES.get(self.span.text)
        return f"write `{meant}`" if meant else _NEEDLESS.get(self.span.text, "remove it")

    def fix(self) -> Fix | None:
        """Replace a look-alike; remove a separator."""
        meant = "" if self.span.text == ";" else _LOOKALIKES.get(self.span.text)
        return None if meant is None else Fix(self.span, meant, safe=True)


@mistake("superscript")
class Superscript(Mistake):
    """A power is written with a raised character.

    A raised 2 would be part of the name, so that `x²` would be a variable of its own.

    ```ebm
    model m
    observed y : real
    cost pull = y²
    ```

    ```ebm
    model m
    observed y : real
    cost pull = y^2
    ```
    """

    def message(self) -> str:
        """Name the character."""
        before = self.span.source.text[max(0, self.span.start - 1) : self.span.start]
        is_in_name = before.isalnum() or before == "_"
        return f"`{self.span.text}` " + (
            "cannot be part of a name" if is_in_name else "means nothing here"
        )

    def help(self) -> str:
        """Give the operator."""
        return f"write `^{normalize('NFKC', self.span.text)}`"

    def fix(self) -> Fix | None:
        """Replace it by the operator."""
        return Fix(self.span, f"^{normalize('NFKC', self.span.text)}", safe=False)


@mistake("number-too-large")
class NumberTooLarge(Mistake):
    """A number is too large for a double-precision number.

    ```ebm
    model m
    observed y : real[4]
    cost pull = 1e999 * sq(y)
    ```

    ```ebm
    model m
    observed y : real[4]
    cost pull = 1e9 * sq(y)
    ```
    """

    def message(self) -> str:
        """State the limit."""
        return "this number is too large"

    def help(self) -> str:
        """Give the limit."""
        return "numbers reach up to 1.8e308"


@mistake("file-too-large")
class FileTooLarge(Mistake):
    """A file is larger than 4 MiB, far more than any model needs."""

    def message(self) -> str:
        """State the limit."""
        return "this file is larger than 4 MiB"

    def help(self) -> str:
        """Suggest the usual cause."""
        return "is it a model? data belongs into a `data` source"
