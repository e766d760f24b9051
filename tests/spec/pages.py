"""The pages of the manual: programs in the text, and what is said about each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from ebmdsl.compilation import Compilation
from ebmdsl.source.diagnostic import Diagnostic
from ebmdsl.source.text import Source

HERE = Path(__file__).parent
PAGES = sorted(HERE.glob("*.md"))
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_SAID = re.compile(r"# (error|warning): \[([a-z0-9-]+)\] *(.*)$")


@final
@dataclass(frozen=True, slots=True)
class Said:
    """What a comment in a program expects: severity, id, line, and words of the message."""

    severity: str
    id: str
    line: int
    words: str

    def matches(self, found: Diagnostic) -> bool:
        """Tell whether a diagnostic is the one that is meant."""
        place = (found.severity, found.id, found.span.line)
        return place == (self.severity, self.id, self.line) and self.words in found.message


@final
@dataclass(frozen=True, slots=True)
class Example:
    """A program of a page, its name, the output shown after it, and the files beside it."""

    page: str
    line: int
    name: str
    text: str
    shown: tuple[str, str] | None
    beside: dict[str, str] = field(repr=False)

    @property
    def said(self) -> tuple[Said, ...]:
        """Read the expectations off the comments, in the order of the text."""
        lines = enumerate(self.text.splitlines(), 1)
        found = ((number, _SAID.search(line)) for number, line in lines)
        return tuple(
            Said(match[1], match[2], number, match[3].strip())
            for number, match in found
            if match
        )

    def compiled(self) -> Compilation:
        """Compile it as far as the plan."""
        compilation = Compilation(Source(self.name, self.text), read=self._read)
        _ = compilation.plan
        return compilation

    def _read(self, path: str, source: Source) -> Source:
        del source
        if path not in self.beside:
            raise FileNotFoundError(path)
        return Source(path, self.beside[path])


def examples(path: Path) -> Iterator[Example]:
    """Yield the programs of a page; a named one can be extended or used by later ones."""
    text = path.read_text("utf-8")
    blocks = list(_FENCE.finditer(text))
    beside: dict[str, str] = {}
    for number, block in enumerate(blocks):
        if block[1] != "ebm":
            continue
        after = blocks[number + 1] if number + 1 < len(blocks) else None
        near = after is not None and not text[block.end() : after.start()].strip()
        shown = (
            (after[1], after[3]) if after is not None and near and after[1] != "ebm" else None
        )
        line = text.count("\n", 0, block.start()) + 1
        name = block[2] or "program.ebm"
        yield Example(path.stem, line, name, block[3], shown, dict(beside))
        if block[2]:
            beside[name] = block[3]
