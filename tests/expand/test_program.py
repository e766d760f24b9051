"""What strategies read off a program, and how what they write takes its place."""

from __future__ import annotations

from ebmdsl.check.check import check
from ebmdsl.check.model import Model
from ebmdsl.expand.expand import expand, expanded_file
from ebmdsl.expand.program import Expandable
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

PROGRAM = """model coded(sigma = 0.3)
data digs = digits()
observed y : real[64] from digs.image
given x : real[2]
random e : real[2] ~ normal
net enc = linear(3)
net dec = linear(64)
encoder z = enc(y) + 0 * enc(y)
decoder yhat = dec(z)
generator fake = dec(z)
cost recon = sq(y - yhat) / 2
loss small = sq(z)
train enc by denoising(normal(0, sigma)) with sgd(0.1)
train dec by minimize(F)
"""


def checked(text: str) -> tuple[Model, Diagnostics]:
    """Check a program."""
    file, _ = parse(Source("coded.ebm", text))
    assert file is not None
    found = Diagnostics()
    model = check(file, found)
    assert model is not None, [each.message for each in found.all]
    return model, found


def program() -> Expandable:
    """Return the example as strategies see it."""
    return Expandable(checked(PROGRAM)[0])


def test_variables_are_known_by_name() -> None:
    seen = program()
    assert (seen.observed, seen.given, seen.losses) == (("y",), ("x",), ("small",))
    assert (seen.domain("y"), seen.shape("y"), seen.source("y")) == (
        "real",
        (64,),
        "digs.image",
    )
    assert (seen.source("x"), seen.plate("y")) == ("", "")


def test_players_are_known_by_what_they_move() -> None:
    seen = program()
    assert seen.generators == ("fake",)
    assert set(seen.learned("fake")) == {"enc", "dec"}
    assert seen.trained(()) == ()
    assert seen.trained(("enc",)) == ("enc",)


def test_new_names_are_new() -> None:
    seen = program()
    assert [seen.fresh(name) for name in ("n", "e", "F", "sigma")] == [
        "n",
        "e2",
        "F2",
        "sigma2",
    ]


def test_only_what_encoders_see_is_replaced() -> None:
    assert program().fed("y", "y + n") == ("encoder z = enc(y + n) + 0 * enc(y + n)",)
    assert program().fed("x", "0") == ()


def test_costs_are_read_as_written() -> None:
    assert program().costs() == (("recon", "", "sq(y - yhat) / 2"),)


def test_what_is_written_takes_the_place_of_its_name() -> None:
    model, _ = checked(PROGRAM)
    statements = expanded_file(model).statements
    encoders = [each for each in statements if isinstance(each, ast.Node)]
    assert [each.name.text for each in encoders] == ["z", "yhat", "fake"]
    assert statements.index(encoders[0]) == model.file.statements.index(
        next(each for each in model.file.statements if isinstance(each, ast.Node))
    )
    trains = [each for each in statements if isinstance(each, ast.Train)]
    assert [[name.text for name in each.names] for each in trains] == [["enc"], ["dec"]]
    assert trains[0].with_


def test_the_core_form_checks_again() -> None:
    model, found = checked(PROGRAM)
    core = expand(model, found)
    assert core is not None, [each.message for each in found.all]
    assert all(train.objective is not None for train in core.trains)
    assert core.find("e2") is not None


def test_a_strategy_that_does_not_suit_is_reported_at_its_statement() -> None:
    model, found = checked(PROGRAM.replace("denoising(normal(0, sigma))", "ratio_matching"))
    assert expand(model, found) is None
    only = found.all[0]
    assert (only.id, only.span.line) == ("unsuitable-strategy", 13)
    assert "`ratio_matching` does not suit this model" in only.message
