"""What a program asks of used models: found wherever it stands, and answered for data."""

from __future__ import annotations

from ebmdsl.check.model import Model
from ebmdsl.compilation import Compilation
from ebmdsl.expr.node import Op, walk
from ebmdsl.lower.outside import answerable, asked_by, asked_in, is_outside
from ebmdsl.source.text import Source

INNER = """
model inner
observed y : real[3]
latent z : real[2]
param W : real[3, 2]
cost c = sq(y - W @ z)
infer z by minimize
train by energy
"""
OUTER = """
model outer
use "inner.ebm" as dict
given x : real[3]
observed y : real[3]
param A : real[2, 3]
net f = linear(3)
let there = dict(x).z
cost c = sq(A @ y - dict(x + 1).z) + dict(y).F
loss l = sq(A @ y - dict(f(y)).z)
train by energy with adam(1e-3)
report r = mean(sq(dict(y).z - A @ y))
"""


def model() -> Model:
    def read(path: str, source: Source) -> Source:
        del source
        return Source(path, INNER)

    made = Compilation(Source("m.ebm", OUTER), read=read).model
    assert made is not None
    return made


def test_every_question_is_found_once() -> None:
    asked = asked_in(model())
    parts = sorted(each.args[0].data.name for each in asked)
    assert parts == ["dict.F", "dict.z", "dict.z", "dict.z", "dict.z"]
    assert all(is_outside(each) for each in asked)


def test_only_questions_about_data_are_answerable() -> None:
    asked = asked_in(model())
    odd = [each for each in asked if not answerable(each)]
    assert len(odd) == 1
    assert any(piece.op is Op.APPLY for piece in walk(odd[0]))


def test_values_at_other_points_of_the_program_itself_are_no_questions() -> None:
    text = INNER.replace(
        "train by energy", "train by energy with adam(1e-3)\nloss l = F(y = 2 * y)"
    )
    made = Compilation(Source("inner.ebm", text)).model
    assert made is not None
    (loss,) = (term for term in made.terms if not term.in_energy)
    assert any(piece.op is Op.POINT for piece in walk(loss.node))
    assert asked_by((loss.node,)) == ()
