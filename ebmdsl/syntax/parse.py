"""Text to tree: runs the parser tables, and resumes at keywords after a mistake."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast, final

from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.syntax import ast
from ebmdsl.syntax.depth import too_deep
from ebmdsl.syntax.grammar import tables
from ebmdsl.syntax.hints import Stuck, begins_comment, explain
from ebmdsl.syntax.lex import BAD, END, Token, first_on_line, lex
from ebmdsl.syntax.lost import Losses, Stretch
from ebmdsl.syntax.make import Parts, Place, Report, make
from ebmdsl.syntax.mistakes import ReservedWord, TooDeep
from ebmdsl.syntax.spelling import FileTooLarge, NumberTooLarge
from ebmdsl.syntax.tables import Row, Rule, Tables

if TYPE_CHECKING:
    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Source

MAX_BYTES = 4 * 2**20
MAX_NESTING = 64

_TOO_NESTED = f"brackets are nested more than {MAX_NESTING} deep"
_ERROR = -(10**9)
_OPENING = {"LPAR", "LSQB", "LBRACE"}
_CLOSING = {"RPAR", "RSQB", "RBRACE"}
_COMPLETE = {"NAME", "NUMBER", "PERCENT", "STRING", "RPAR", "RSQB", "RBRACE", BAD}
_STARTER, _SEPARATOR = "DATA", ";"
_REFUSED = (TooDeep, NumberTooLarge)
_NESTING = {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}


def parse(source: Source) -> tuple[ast.File | None, Diagnostics]:
    """The tree of a program without its broken statements, and what is wrong with those.

    The tree knows which names it may have lost; there is none of a text that is too large.
    """
    found = Diagnostics()
    if len(source.text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        found.report(FileTooLarge(source.span(0, 0)))
        return None, found
    file, report = _Parser(source, tables()).run()
    for each in report:
        found.report(each)
    return file, found


@final
@dataclass(slots=True)
class _Parser:
    """One run: the stack of states, the values on it and where each of them stands."""

    source: Source
    tables: Tables
    tokens: list[Token] = field(init=False)
    states: list[int] = field(init=False)
    starters: Row = field(init=False)
    values: list[object] = field(default_factory=list[object])
    starts: list[int] = field(default_factory=list[int])
    ends: list[int] = field(default_factory=list[int])
    report: Report = field(default_factory=Report)
    index: int = 0
    begin: int = 0  # the token at which the statement begins
    noted: int = 0  # how many mistakes were noted before it
    nesting: int = 0  # how many brackets are open in it
    forgiven: int = 0  # closing braces whose opening ones were left out
    lost: list[Stretch] = field(default_factory=list[Stretch])
    reserved: set[str] = field(default_factory=set[str])  # keywords taken for names so far

    def __post_init__(self) -> None:
        self.tokens = [each for each in lex(self.source) if each.kind != "COMMENT"]
        self.states = [self.tables.start]
        row = self.tables.rows[self.tables.rows[self.tables.start]["header"]]
        self.starters = {kind: state for kind, state in row.items() if kind.isupper()}

    def run(self) -> tuple[ast.File, Report]:
        """Read all tokens."""
        rows, end = self.tables.rows, self.tables.end
        while self.states[-1] != end:
            action = rows[self.states[-1]].get(self.tokens[self.index].kind)
            if action is None:
                self._recover()
            elif action < 0:
                self._reduce(self.tables.rules[-1 - action])
            else:
                self._shift(action)
        file = cast("ast.File", self.values[0])
        self.report += too_deep(file)
        refused = [each.span for each in self.report if isinstance(each, _REFUSED)]
        return Losses(self.source, self.tokens, self.lost).without(file, refused), self.report

    def _shift(self, state: int) -> None:
        token = self.tokens[self.index]
        if "statement" in self.tables.rows[self.states[-1]]:
            self.begin, self.noted, self.nesting = self.index, len(self.report), 0
        self.nesting += _NESTING.get(token.kind, 0)
        if self.nesting > MAX_NESTING:
            self._resume_after(TooDeep(token.span(self.source), _TOO_NESTED))
            return
        self.states.append(state)
        self.values.append(token)
        self.starts.append(token.start)
        self.ends.append(token.end)
        self.index += 1

    def _reduce(self, rule: Rule) -> None:
        length, states = rule.length, self.states
        if length > 1 or rule.action:
            self._combine(rule, len(self.values) - length)
        del states[-length:]
        states.append(self.tables.rows[states[-1]][rule.symbol])

    def _combine(self, rule: Rule, first: int) -> None:
        """Replace the values from the first one on by what is made of them."""
        place = Place(self.source, self.starts[first], self.ends[-1], self.report)
        parts = _keep(rule, self.values[first:])
        match rule.action:
            case "":
                value = parts[0]
            case "*":
                value = parts
            case action:
                value = make(action, parts, place=place)
        del self.values[first:], self.starts[first + 1 :], self.ends[first:]
        self.values.append(value)
        self.ends.append(place.end)

    def _recover(self) -> None:
        """Note one mistake, forget the statement and go on at the next one."""
        token = self.tokens[self.index]
        if token.kind == "RBRACE" and self.forgiven:
            self.forgiven -= 1
            self.index += 1
            return
        self.index -= self._has_run_over()
        self._complete()
        self._resume_after(
            explain(Stuck(self.source, self.tokens, self.begin, self.index, self._expected()))
        )

    def _complete(self) -> None:
        """Finish the statement before a separator or a line that starts with no keyword."""
        token = self.tokens[self.index]
        is_line = token.kind == "NAME" and first_on_line(self.source, token)
        ends = is_line or token.text == _SEPARATOR or begins_comment(self.source, token)
        if not ends or not self._accepts(_STARTER):
            return
        while (action := self._row()[_STARTER]) < 0:
            self._reduce(self.tables.rules[-1 - action])
        self.begin, self.noted = self.index, len(self.report)

    def _expected(self) -> frozenset[str]:
        return frozenset(kind for kind in self._row() if kind.isupper() and self._accepts(kind))

    def _accepts(self, kind: str) -> bool:
        """Whether a token could be shifted, after the reductions before it."""
        states, rows = list(self.states), self.tables.rows
        while (action := rows[states[-1]].get(kind, _ERROR)) < 0 and action != _ERROR:
            rule = self.tables.rules[-1 - action]
            del states[-rule.length :]
            states.append(rows[states[-1]][rule.symbol])
            if states[-1] == self.tables.end:
                return True
        return action != _ERROR

    def _has_run_over(self) -> bool:
        """Whether the last token was taken for a name but begins the next statement."""
        last = self.index - 1
        is_new = last > self.begin and first_on_line(self.source, self.tokens[last])
        return is_new and self._begins_statement(last)

    def _resume_after(self, mistake: Mistake) -> None:
        """Note the mistake instead of what was noted on its statement, and go on behind it.

        Who declares a keyword uses it, too: that is one mistake.
        """
        is_known = isinstance(mistake, ReservedWord) and mistake.span.text in self.reserved
        self.report[self.noted :] = [] if is_known else [mistake]
        if isinstance(mistake, ReservedWord):
            self.reserved.add(mistake.span.text)
        start = self.tokens[self.begin].start
        self._drop_statement()
        start = min(start, self._skip())
        self.forgiven += self._lacks_brace()
        self.lost.append((start, self.tokens[self.index].start))
        self.begin, self.noted = self.index, len(self.report)

    def _lacks_brace(self) -> bool:
        """Whether the statement is a stage that never opens, though it may close."""
        kinds = [token.kind for token in self.tokens[self.begin : self.index]]
        return kinds[:1] == ["STAGE"] and "LBRACE" not in kinds

    def _drop_statement(self) -> None:
        """Take from the stack what the broken statement left there."""
        while len(self.states) > 1 and "statement" not in self._row():
            self._pop()
        if len(self.states) == 1:
            self._push_header()

    def _push_header(self) -> None:
        self.states.append(self._row()["header"])
        nowhere = self.source.span(0, 0)
        self.values.append(ast.Header(ast.Name("", span=nowhere), span=nowhere))
        self.starts.append(0)
        self.ends.append(0)

    def _pop(self) -> int:
        """Take the last value off, and tell where it started."""
        for stack in (self.states, self.values, self.ends):
            stack.pop()
        return self.starts.pop()

    def _row(self) -> Row:
        return self.tables.rows[self.states[-1]]

    def _skip(self) -> int:
        """Go on to the next statement, or to the brace that ends a stage, or to the end.

        Tell where what was given up for it starts: a stage that never ends is given up.
        """
        opened = self._opened()
        while self.tokens[self.index].kind != END and not self._resumes(opened):
            opened = _track(opened, self.tokens[self.index].kind)
            self.index += 1
            if not opened and self._is_new_line(self.index):
                break
        self.forgiven += opened.count("LBRACE")
        start = self.tokens[self.index].start
        while self.tokens[self.index].kind == END and END not in self._row():
            start = self._pop()
        return start

    def _opened(self) -> list[str]:
        opened: list[str] = []
        for token in self.tokens[self.begin : self.index]:
            opened = _track(opened, token.kind)
        return opened

    def _resumes(self, opened: list[str]) -> bool:
        kind = self.tokens[self.index].kind
        if kind == "RBRACE":
            return "LBRACE" not in opened and kind in self._row()
        is_argument = opened and self.tokens[self.index + 1].kind == "EQUAL"
        return not is_argument and self._begins_statement(self.index)

    def _begins_statement(self, index: int) -> bool:
        """Whether a token is a keyword on a new line, or with what can follow it behind it."""
        token, follower = self.tokens[index : index + 2]
        state = self.starters.get(token.kind, -1)
        follows = state >= 0 and follower.kind in self.tables.rows[state]
        return follows or (state >= 0 and first_on_line(self.source, token))

    def _is_new_line(self, index: int) -> bool:
        """Whether a line starts with a name where no expression can go on, or with `model`."""
        last, token = self.tokens[index - 1 : index + 1]
        is_name = token.kind == "NAME" and last.kind in _COMPLETE
        return (is_name or token.kind == "MODEL") and first_on_line(self.source, token)


def _track(opened: list[str], kind: str) -> list[str]:
    """The kinds of the open brackets after one more token."""
    if kind in _OPENING:
        return [*opened, kind]
    return opened[:-1] if kind in _CLOSING else opened


def _keep(rule: Rule, values: Parts) -> Parts:
    """The parts a rule keeps; a list that grows at its end is not copied."""
    first, *rest = rule.keep
    parts = values[-1 - first] if first is not None and first < 0 else [_one(first, values)]
    for number in rest:
        parts += (
            values[-1 - number] if number is not None and number < 0 else [_one(number, values)]
        )
    return parts


def _one(number: int | None, values: Parts) -> object:
    return None if number is None else values[number]
