"""Builds parser tables from the grammar; the only module that knows lark."""

from __future__ import annotations

from typing import Any, Protocol, cast

from lark import Lark
from lark.parsers.lalr_analysis import Shift

from ebmdsl.syntax.tables import Row, Rule, Tables


class _Symbol(Protocol):
    name: str
    is_term: bool
    filter_out: bool


class _Options(Protocol):
    keep_all_tokens: bool
    expand1: bool
    empty_indices: tuple[bool, ...]


class _Origin(Protocol):
    name: str


class _Rule(Protocol):
    origin: _Origin
    expansion: list[_Symbol]
    alias: str | None
    options: _Options


class _Table(Protocol):
    states: dict[int, dict[str, tuple[object, Any]]]
    start_states: dict[str, int]
    end_states: dict[str, int]


def build_tables(text: str) -> Tables:
    """Let lark analyze a grammar, and keep the result as plain data."""
    lark = Lark(text, parser="lalr", lexer="basic", start="file")
    frontend = cast("Any", lark).parser
    table = cast("_Table", frontend.parser._parse_table)
    rules = cast("list[_Rule]", lark.rules)
    numbers = {id(rule): number for number, rule in enumerate(rules)}
    return Tables(
        pattern=_pattern(lark),
        keywords={text: name for name, text in _literals(lark).items() if text.isidentifier()},
        literals=_literals(lark),
        ignored=tuple(lark.ignore_tokens),
        rules=tuple(_rule(rule) for rule in rules),
        rows=tuple(_row(table.states[state], numbers) for state in range(len(table.states))),
        start=table.start_states["file"],
        end=table.end_states["file"],
    )


def _row(actions: dict[str, tuple[object, Any]], numbers: dict[int, int]) -> Row:
    return {
        symbol: target if action is Shift else -1 - numbers[id(target)]
        for symbol, (action, target) in actions.items()
    }


def _rule(rule: _Rule) -> Rule:
    name, keep = rule.origin.name, _keep(rule)
    single = rule.options.expand1 and rule.alias is None and len(keep) == 1
    action = "" if single else "*" if name.startswith("__") else rule.alias or name
    return Rule(name, len(rule.expansion), action=action, keep=keep)


def _keep(rule: _Rule) -> tuple[int | None, ...]:
    absent = _absent(rule)
    keep: list[int | None] = [None] * absent[0]
    for number, symbol in enumerate(rule.expansion):
        if rule.options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):
            keep.append(-1 - number if symbol.name.startswith("__") else number)
        keep.extend([None] * absent[number + 1])
    return tuple(keep)


def _absent(rule: _Rule) -> list[int]:
    """Count the absent optional parts before each symbol and after the last one."""
    counts = [0]
    for empty in rule.options.empty_indices or [False] * len(rule.expansion):
        counts[-1] += empty
        counts += [] if empty else [0]
    return counts


def _pattern(lark: Lark) -> str:
    """One alternative per terminal, in lark's order, keywords left to `NAME`."""
    terminals = [each for each in lark.terminals if not _is_keyword(each.pattern.value)]
    terminals.sort(key=lambda each: (-each.priority, -each.pattern.max_width, each.name))
    return "|".join(f"(?P<{each.name}>{each.pattern.to_regexp()})" for each in terminals)


def _is_keyword(text: str) -> bool:
    return text.isidentifier()


def _literals(lark: Lark) -> dict[str, str]:
    return {
        each.name: each.pattern.value for each in lark.terminals if each.pattern.type == "str"
    }
