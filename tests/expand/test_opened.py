"""A program in which a node is given: the energy as it is where the node is replaced."""

from __future__ import annotations

from ebmdsl.check.model import Model
from ebmdsl.compilation import compile
from ebmdsl.expand.opened import opened

TEXT = """model m(k = 3)
observed y : real[4]
latent z : real[k]
net enc = linear(k) |> tanh
encoder zhat = enc(y)
observed x[t in 1..2] : real[4]
encoder steps[t] = enc(x[t])
cost recon = sq(sum(y) - sum(z))
cost agree = sq(z - zhat) + sq(steps)
loss far = F(zhat = 0)
infer z by minimize
train by energy with adam(1e-3)
report near = mean(F)
"""


def model() -> Model:
    found = compile(TEXT).expanded
    assert found is not None
    return found


def test_a_node_is_given_and_what_made_it_stays() -> None:
    found = opened(model(), frozenset({"zhat"}))
    assert found is not None
    declared = found.find("zhat")
    assert declared is not None
    assert (declared.role, declared.shape) == ("given", (3,))
    assert "zhat here" in {block.name for block in found.blocks}
    assert [term.name for term in found.terms] == ["recon", "agree"]
    assert "zhat" in found.terms[1].node.names
    assert not found.trains
    assert not found.reports


def test_an_indexed_node_is_given_at_every_index() -> None:
    found = opened(model(), frozenset({"steps"}))
    assert found is not None
    declared = found.find("steps")
    assert declared is not None
    assert [(plate.index, plate.low, plate.size) for plate in declared.plates] == [("t", 1, 2)]
    (agree,) = (term for term in found.terms if term.name == "agree")
    assert {"steps", "enc"} <= agree.node.names
