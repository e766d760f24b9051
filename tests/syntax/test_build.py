"""Tables made by lark."""

from __future__ import annotations

import subprocess
import sys

from ebmdsl.syntax.build import build_tables
from ebmdsl.syntax.grammar import grammar_file


def test_the_grammar_has_no_conflicts() -> None:
    script = (
        "import logging, pathlib, lark\n"
        "lark.logger.setLevel(logging.DEBUG)\n"
        f"text = pathlib.Path({str(grammar_file())!r}).read_text('utf-8')\n"
        "lark.Lark(text, parser='lalr', lexer='basic', start='file', debug=True)\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "onflict" not in done.stdout + done.stderr


def test_optional_parts_leave_a_gap() -> None:
    made = build_tables('file: "a" [NAME] "b" NAME*\nNAME: /x/\n')
    kept = {rule.length: rule.keep for rule in made.rules if rule.symbol == "file"}
    assert kept == {2: (None,), 3: kept[3], 4: (1, -4)}
    assert kept[3] in {(1,), (None, -3)}


def test_a_rule_of_one_part_makes_nothing() -> None:
    made = build_tables("file: one\n?one: NAME | two\ntwo: NAME NAME\nNAME: /x/\n")
    actions = {rule.symbol: rule.action for rule in made.rules}
    assert actions == {"file": "file", "one": "", "two": "two"}
