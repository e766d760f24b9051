"""Docstrings as pages: cleaned, and with a little color on a terminal."""

from __future__ import annotations

import inspect
import re

import click

FENCE = re.compile(r"^```(\w*)$")
CODE = re.compile(r"`([^`]+)`")


def page_of(thing: object) -> str:
    """Return the docstring of a thing as its page."""
    return inspect.getdoc(thing) or ""


def summary_of(thing: object) -> str:
    """Return the first sentence of a page, on one line."""
    return " ".join(page_of(thing).split("\n\n")[0].split())


def colored_page(page: str) -> str:
    """Indent the programs of a page and set off its code."""
    lines: list[str] = []
    inside = False
    for line in page.splitlines():
        if FENCE.match(line.strip()):
            inside = not inside
            continue
        lines.append(_program_line(line) if inside else CODE.sub(_code, line))
    return "\n".join(lines)


def _program_line(line: str) -> str:
    return click.style(f"    {line}", fg="cyan") if line else ""


def _code(match: re.Match[str]) -> str:
    return click.style(match.group(), bold=True)
