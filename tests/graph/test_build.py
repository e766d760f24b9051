"""A model as a factor graph: every variable, node and term once, in the order of the file."""

from __future__ import annotations

from ebmdsl.compilation import Compilation, compile
from ebmdsl.graph.factor_graph import FactorGraph

PSD = """model psd(alpha = 1.0, off = 0)
observed y : real[4]
latent   z : real[6]
param    W : real[4, 6] with unit_columns
net      enc  = linear(6) |> tanh
decoder  yhat = W @ z
encoder  zhat = enc(y)
cost        recon  = sq(y - yhat) / 2
cost        agree  = alpha * sq(z - zhat) / 2
regularizer sparse = l1(z)
regularizer gone   = off * l1(z)
loss        extra  = sq(stop(z) - zhat)
infer z by minimize from zhat
train by energy
"""


def graph_of(text: str, **overrides: object) -> FactorGraph:
    compilation: Compilation = compile(text, **overrides)
    assert compilation.graph is not None, compilation.diagnostics.all
    return compilation.graph


def test_everything_stands_in_the_order_of_the_file() -> None:
    graph = graph_of(PSD)
    assert [each.id for each in graph.variables] == ["y", "z", "W"]
    assert [each.id for each in graph.blocks] == ["enc", "yhat", "zhat"]
    assert [each.id for each in graph.factors] == ["recon", "agree", "sparse", "extra"]


def test_a_term_set_to_zero_is_gone_and_comes_back() -> None:
    assert "gone" not in {each.id for each in graph_of(PSD).factors}
    assert "gone" in {each.id for each in graph_of(PSD, off="1").factors}


def test_losses_are_no_part_of_the_energy() -> None:
    assert [each.id for each in graph_of(PSD).energy] == ["recon", "agree", "sparse"]


def test_a_scope_names_variables_behind_the_blocks() -> None:
    graph = graph_of(PSD)
    (recon,) = [each for each in graph.factors if each.id == "recon"]
    assert recon.scope == {"y", "W", "z"}
    assert set(recon.inputs) == {"y", "yhat"}


def test_a_latent_says_how_it_disappears() -> None:
    z = graph_of(PSD).variable("z")
    assert z is not None
    assert (z.found, z.shape) == ("minimize", (6,))
    W = graph_of(PSD).variable("W")
    assert W is not None
    assert W.constraints == ("unit_columns",)
