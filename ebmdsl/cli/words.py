"""`ebmc words`: the reference of the language, printed from the words themselves."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, Field, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.pages import colored_page, page_of, summary_of
from ebmdsl.cli.shell import Shell, current_shell

if TYPE_CHECKING:
    from ebmdsl.concepts.base import Concept

Catalogue = dict[str, dict[str, "type[Concept]"]]


@declare("words")
@click.argument("word", required=False)
@click.option("--list", "listed", is_flag=True, help="Only the words.")
@click.option("--markdown", is_flag=True, help="The whole reference as Markdown.")
def command(word: str | None, *, listed: bool, markdown: bool) -> None:
    """Show the words of the standard library, or one word's page."""
    shell = current_shell()
    catalogue = read_catalogue()
    if word is None:
        _show_all(catalogue, shell, listed=listed, markdown=markdown)
        return
    found = {kind: words[word] for kind, words in catalogue.items() if word in words}
    if not found:
        raise StopError(f"no word is `{word}`{_similar(word, catalogue)}", Exit.USAGE)
    for kind, concept in found.items():
        _show_one(kind, concept, shell=shell, markdown=markdown)


def read_catalogue() -> Catalogue:
    """Import every word of the standard library, by kind."""
    from ebmdsl.concepts import kinds, marginals
    from ebmdsl.concepts.base import Concept, find, words

    declared = {**vars(kinds), **vars(marginals)}
    abstract = (one for one in declared.values() if inspect.isclass(one))
    named = [one for one in abstract if issubclass(one, Concept) and hasattr(one, "folder")]
    found: Catalogue = {}
    for kind in named:
        pairs = ((word, find(kind, word)) for word in words(kind))
        found[kind.folder] = {word: concept for word, concept in pairs if concept}
    return {kind: words for kind, words in found.items() if words}


def _show_all(catalogue: Catalogue, shell: Shell, *, listed: bool, markdown: bool) -> None:
    if shell.wants_json:
        shell.record(words={kind: sorted(words) for kind, words in catalogue.items()})
    elif markdown:
        _show_reference(catalogue, shell)
    elif listed:
        shell.product("\n".join(sorted({one for words in catalogue.values() for one in words})))
    else:
        _show_summaries(catalogue, shell)


def _show_reference(catalogue: Catalogue, shell: Shell) -> None:
    for kind, words in catalogue.items():
        shell.product(f"# {kind.capitalize()}\n")
        for concept in words.values():
            _show_one(kind, concept, shell=shell, markdown=True)


def _show_summaries(catalogue: Catalogue, shell: Shell) -> None:
    for kind, words in catalogue.items():
        shell.product(click.style(kind, bold=True))
        width = max(len(word) for word in words)
        for word, concept in words.items():
            name = click.style(word.ljust(width), fg="cyan")
            shell.product(f"  {name}  {summary_of(concept)}")
        shell.product("")


def _show_one(kind: str, concept: type[Concept], *, shell: Shell, markdown: bool) -> None:
    call = signature(concept)
    if shell.wants_json:
        shell.record(word=concept.word, kind=kind, call=call, page=page_of(concept))
    elif markdown:
        shell.product(f"## `{call}`\n\n{page_of(concept)}\n")
    else:
        head = f"{click.style(call, fg='cyan', bold=True)}  ({kind})"
        shell.product(f"{head}\n\n{colored_page(page_of(concept))}\n")


def signature(concept: type[Concept]) -> str:
    """Write a word as it is called, with its options and what they are by default."""
    options = [_option(one) for one in fields(concept)]  # pyright: ignore[reportArgumentType]
    return f"{concept.word}({', '.join(options)})" if options else concept.word


def _option(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"{field.name} = {field.default}"
    return f"{field.name} = ..." if field.default_factory is not MISSING else field.name


def _similar(word: str, catalogue: Catalogue) -> str:
    known = {one for words in catalogue.values() for one in words}
    found = get_close_matches(word, known, n=1)
    return f"; did you mean `{found[0]}`?" if found else " (`ebmc words` shows all)"
