"""Stages: the program as it reads while each of them runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.mistakes import DuplicateName
from ebmdsl.check.overlay import overlaid
from ebmdsl.check.training_mistakes import MisplacedStatement, StageWithoutTrain, TooManyStages
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.source.diagnostic import Diagnostics

MAX_STAGES = 64
ELSEWHERE = (ast.Train, ast.Report, ast.Expect, ast.Plot)  # what is not for every stage


def stages_of(file: ast.File) -> tuple[ast.Stage, ...]:
    """List the stages of a program in their order."""
    return tuple(each for each in file.statements if isinstance(each, ast.Stage))


def outside(file: ast.File) -> ast.File:
    """Return the program without its stages: what they share, and what stands there wrongly."""
    kept = (each for each in file.statements if not isinstance(each, ast.Stage))
    return replace(file, statements=tuple(kept))


def staged(file: ast.File, stage: ast.Stage) -> ast.File:
    """Return the program as it reads in a stage; what the file measures is not of a stage."""
    outer = [each for each in outside(file).statements if not isinstance(each, ELSEWHERE)]
    own = [each for each in stage.statements if not isinstance(each, ast.Stage)]
    return replace(file, statements=overlaid(outer, own))


def check_stages(file: ast.File, found: Diagnostics) -> None:
    """Report stages that say nothing, stand in each other, or leave a `train` outside."""
    stages = stages_of(file)
    for stage in stages[MAX_STAGES:][:1]:
        found.report(TooManyStages(stage.name.span, MAX_STAGES))
    first: dict[str, ast.Name] = {}
    for stage in stages:
        known = first.setdefault(stage.name.text, stage.name)
        if known is not stage.name:
            found.report(DuplicateName(stage.name.span, known.text, known.span))
        _check_stage(stage, found, lost=file.lost is not None)
    for train in file.statements if stages else ():
        if isinstance(train, ast.Train):
            reason = "a `train` outside of the stages belongs to none of them"
            remedy = "move it into a stage, or into one of its own: `stage first { train … }`"
            at, stage = ast.keyword(train), ast.keyword(stages[0])
            found.report(MisplacedStatement(at, reason, stage, remedy))


def _check_stage(stage: ast.Stage, found: Diagnostics, *, lost: bool) -> None:
    inner = [each for each in stage.statements if isinstance(each, ast.Stage)]
    for each in inner:
        at, around = ast.keyword(each), ast.keyword(stage)
        reason = "a stage stands in no other stage"
        remedy = "write one after the other"
        found.report(MisplacedStatement(at, reason, around, remedy))
    trained = any(isinstance(each, ast.Train) for each in stage.statements)
    if not (trained or inner or lost):
        found.report(StageWithoutTrain(stage.name.span, stage.name.text))
