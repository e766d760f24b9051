"""References of the catalogue's words: found in their pages, written as BibTeX."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from ebmdsl.cli.pages import page_of
from ebmdsl.concepts.base import Concept

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECTION = re.compile(r"References?: (.*?)(?:\n\s*\n|\Z)", re.DOTALL)
ENTRY = re.compile(r"(?P<authors>.+?) (?P<year>\d{4})(?:, (?P<rest>.*))?")
LEFT_OUT = frozenset({"file", "origins"})  # the text of the program, not what it means


def concepts_of(*parts: object) -> tuple[type[Concept], ...]:
    """List the words of the catalogue that are anywhere in these records, in order."""
    found: dict[type[Concept], None] = {}
    seen: set[int] = set()
    pending = list(reversed(parts))
    while pending:
        each = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, Concept):
            found[type(each)] = None
        pending.extend(reversed(list(_inside(each))))
    return tuple(found)


def _inside(each: Any) -> Iterator[Any]:
    """Yield what a record or a collection holds."""
    if isinstance(each, dict):
        yield from each.values()
    elif isinstance(each, (tuple, list)):
        yield from each
    elif is_dataclass(each) and not isinstance(each, type):
        yield from (getattr(each, one.name) for one in fields(each) if one.name not in LEFT_OUT)


def bibtex(concepts: Iterable[type[Concept]]) -> tuple[str, ...]:
    """Return one entry for every published work, with the words that stand on it."""
    words: dict[str, list[str]] = {}
    for concept in concepts:
        for reference in references_of(concept):
            words.setdefault(reference, []).append(concept.word)
    keys: dict[str, int] = {}
    return tuple(_entry(text, names, keys=keys) for text, names in words.items())


def references_of(concept: type[Concept]) -> tuple[str, ...]:
    """Return the references at the end of a word's page, one text each."""
    found = SECTION.search(page_of(concept))
    if found is None:
        return ()
    return tuple(" ".join(each.split()) for each in found.group(1).split(";"))


def _entry(reference: str, words: list[str], *, keys: dict[str, int]) -> str:
    """Write a reference such as `Beck & Teboulle 2009, doi:10.1137/080716542`."""
    match = ENTRY.fullmatch(reference)
    note = ", ".join(dict.fromkeys(words))
    if match is None:
        key = _key("reference", "", keys=keys)
        return f"@misc{{{key},\n  title = {{{reference}}},\n  note = {{{note}}},\n}}"
    authors = re.split(r", | & ", match["authors"].replace(" et al.", " & others"))
    key = _key(authors[0], match["year"], keys=keys)
    lines = [f"  author = {{{' and '.join(authors)}}},", f"  year = {{{match['year']}}},"]
    lines += [f"  {_field(part)}," for part in (match["rest"] or "").split(", ") if part]
    return "\n".join([f"@misc{{{key},", *lines, f"  note = {{{note}}},", "}"])


def _field(part: str) -> str:
    """Write what comes after the year: an identifier, a place, or the title."""
    word, _, value = part.partition(":")
    match word:
        case "doi":
            return f"doi = {{{value}}}"
        case "arXiv":
            return f"eprint = {{{value}}}, archiveprefix = {{arXiv}}"
        case _:
            place = part.startswith(("section", "chapter", "Prop", "§"))
            return f"{'pages' if place else 'title'} = {{{part}}}"


def _key(author: str, year: str, *, keys: dict[str, int]) -> str:
    """Return a key that no other entry has: `beck2009`, `beck2009b`."""
    stem = "".join(one for one in author.lower() if one.isalnum()) + year
    count = keys[stem] = keys.get(stem, 0) + 1
    return stem if count == 1 else f"{stem}{chr(ord('a') + count - 1)}"
