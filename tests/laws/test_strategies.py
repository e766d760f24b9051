"""The laws of strategies: what they write is the row of the language's table, and parses."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ebmdsl.check.check import check
from ebmdsl.check.model import Model
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Strategy
from ebmdsl.concepts.shape import Misfit
from ebmdsl.expand.program import Expandable
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse

ENERGY = """
observed y : real[2]
param W : real[2, 2]
cost e = sq(y - W @ y)
"""
BITS = """
observed y : binary[8]
param J : real[8, 8] with symmetric, zero_diag
cost pairs = -(y @ J @ y) / 2
"""
SPINS = BITS.replace("binary", "spin")
SIGNS = """
observed y[t in 1..4] : token[3]
param A : real[3, 3]
cost pair[t] = -A[y[t-1], y[t]]
"""
VIEWS = """
given x : real[4]
observed y : real[4]
net f = linear(3) |> tanh
cost similarity = -dot(f(x), f(y))
"""
CODED = """
observed y : real[4]
net enc = linear(3) |> tanh
net dec = linear(4)
encoder z = enc(y)
decoder yhat = dec(z)
cost recon = sq(y - yhat) / 2
"""
PLAYERS = """
observed y : real[2]
random u : real[3] ~ normal
net G = linear(2)
net D = linear(1)
generator fake = G(u)
cost logit = -D(y)
"""
LOSSY = ENERGY + "loss agree = sq(W[0])\n"
# Model, word with options, and what is written out for it.
ROWS: list[tuple[str, str, dict[str, str], tuple[str, ...]]] = [
    (ENERGY, "energy", {}, ("train W by minimize(F)",)),
    (LOSSY, "energy", {}, ("train W by minimize(F + agree)",)),
    (ENERGY, "max_likelihood", {}, ("train W by minimize(F + logZ)",)),
    (
        ENERGY,
        "max_likelihood",
        {"negatives": "mala(steps = 10)", "particles": "n"},
        (
            "state P = particles(n, like = y)",
            "negative yn[j in 1..n] from mala(start = P, steps = 10)",
            "train W by minimize(F - mean[j](F(yn[j])))",
        ),
    ),
    (
        ENERGY,
        "max_likelihood",
        {"negatives": "importance(normal(0, 1))", "particles": "256"},
        (
            "negative yn[j in 1..256] from normal(0, 1)",
            "train W by minimize("
            "F + logsumexp[j](-F(yn[j]) + nll(normal(0, 1), yn[j])) - log(256))",
        ),
    ),
    (
        ENERGY,
        "contrastive",
        {"negatives": "batch", "loss": "difference"},
        ("negative yn[j] from others(y)", "train W by minimize(mean[j](F - F(yn[j])))"),
    ),
    (
        ENERGY,
        "contrastive",
        {"negatives": "normal(0, 1)", "loss": "hinge(2 * m)", "count": "4"},
        (
            "negative yn[j in 1..4] from normal(0, 1)",
            "train W by minimize(mean[j](relu((2 * m) + F - F(yn[j]))))",
        ),
    ),
    (
        VIEWS,
        "infonce",
        {"temperature": "tau", "negatives": "queue(f(y), 4096)"},
        (
            "let u = f(y)",
            "state Q = queue(u, 4096)",
            "negative yn[j in 1..4096] from others(Q)",
            "train f by minimize("
            "F / tau + logaddexp(-F / tau, logsumexp[j](-F(u = yn[j]) / tau)))",
        ),
    ),
    (
        VIEWS,
        "ntxent",
        {"temperature": "tau"},
        (
            "negative xn[i] from others(x)",
            "negative yn[j] from others(y)",
            "train f by minimize((F / tau + logaddexp(-F / tau, logaddexp("
            "logsumexp[i](-F(y = xn[i]) / tau), logsumexp[j](-F(y = yn[j]) / tau))) + "
            "F / tau + logaddexp(-F / tau, logaddexp("
            "logsumexp[i](-F(x = xn[i]) / tau), logsumexp[j](-F(x = yn[j]) / tau)))) / 2)",
        ),
    ),
    (
        BITS,
        "contrastive_divergence",
        {"steps": "3"},
        (
            "negative yn from gibbs(start = y, steps = 3)",
            "train J by minimize(F - F(yn))",
        ),
    ),
    (
        BITS,
        "persistent_contrastive_divergence",
        {"particles": "50"},
        (
            "state P = particles(50, like = y)",
            "negative yn[j in 1..50] from gibbs(start = P, steps = 1)",
            "train J by minimize(F - mean[j](F(yn[j])))",
        ),
    ),
    (
        ENERGY,
        "contrastive_divergence",
        {},
        (
            "negative yn from langevin(start = y, steps = 1)",
            "train W by minimize(F - F(yn))",
        ),
    ),
    (
        BITS,
        "ratio_matching",
        {},
        (
            "negative yf[i in 0..7] from flip(y, i)",
            "train J by minimize(sum[i](sigmoid(F - F(yf[i]))^2))",
        ),
    ),
    (
        SIGNS,
        "pseudo_likelihood",
        {},
        (
            "negative yf[i in 1..4, v in 1..2] from flip(y, i, v)",
            "train A by minimize(sum[i](log(1 + sum[v](exp(F - F(yf[i, v]))))))",
        ),
    ),
    (
        SPINS,
        "pseudo_likelihood",
        {},
        (
            "negative yf[i in 0..7] from flip(y, i, -1, 1)",
            "train J by minimize(sum[i](softplus(F - F(yf[i]))))",
        ),
    ),
    (
        BITS,
        "minimum_probability_flow",
        {},
        (
            "negative yf[i in 0..7] from flip(y, i)",
            "train J by minimize(sum[i](exp(clamp((F - F(yf[i])) / 2, high = 20))))",
        ),
    ),
    (
        ENERGY,
        "noise_contrastive",
        {"noise": "normal(0, 1)", "ratio": "nu"},
        (
            "random n[i in 1..nu] : real[2] ~ normal(0, 1)",
            "param c : real init logZ",
            "func G(v) = -F(v) - c + nll(normal(0, 1), v) - log(nu)",
            "train W, c by minimize(softplus(-G(y)) + sum[i](softplus(G(n[i]))))",
        ),
    ),
    (
        ENERGY,
        "score_matching",
        {},
        ("train W by minimize(sq(grad(F, y)) / 2 - laplacian(F, y))",),
    ),
    (
        ENERGY,
        "score_matching",
        {"form": "sliced"},
        (
            "random v : spin[2]",
            "let g = grad(F, y)",
            "train W by minimize(sq(g) / 2 - dot(v, jvp(g, y, v)))",
        ),
    ),
    (
        ENERGY,
        "score_matching",
        {"form": "denoising(0.1)"},
        (
            "random e2 : real[2] ~ normal(0, 0.1)",
            "let g = grad(F, y)",
            "train W by minimize(sq(g(y = y + e2) - e2 / 0.1^2) / 2)",
        ),
    ),
    (
        CODED,
        "denoising",
        {"noise": "normal(0, 0.3)"},
        (
            "random e : real[4] ~ normal(0, 0.3)",
            "encoder z = enc(y + e)",
            "train enc, dec by minimize(F)",
        ),
    ),
    (
        CODED,
        "masked",
        {"rate": "0.5"},
        (
            "random m : binary[4] ~ bernoulli(0.5)",
            "encoder z = enc(hide(y, where = m))",
            "cost recon = sum(m * (y - yhat)^2) / 2",
            "train enc, dec by minimize(F)",
        ),
    ),
    (
        PLAYERS,
        "adversarial",
        {"loss": "logistic"},
        (
            "train D by minimize(softplus(F) + softplus(-F(fake)))",
            "train G by minimize(softplus(F(fake)))",
        ),
    ),
    (
        PLAYERS,
        "adversarial",
        {"loss": "margin(m)"},
        (
            "train D by minimize(F + relu(m - F(fake)))",
            "train G by minimize(F(fake))",
        ),
    ),
]
LOSSES = {
    "log": "mean[j](softplus(F - F(yn[j])))",
    "margin(m)": "F + mean[j](relu(m - F(yn[j])))",
    "logistic": "softplus(F) + mean[j](softplus(-F(yn[j])))",
    "square_square(m)": "F^2 + mean[j](relu(m - F(yn[j]))^2)",
    "square_exp(g)": "F^2 + mean[j](g * exp(-F(yn[j])))",
    "nll(t)": "F / t + logaddexp(-F / t, logsumexp[j](-F(yn[j]) / t))",
}
REFUSED: list[tuple[str, str, dict[str, str]]] = [
    (VIEWS.replace("given", "observed"), "contrastive_divergence", {}),
    (VIEWS.replace("given", "observed"), "max_likelihood", {}),
    (VIEWS.replace("given", "observed"), "persistent_contrastive_divergence", {}),
    (VIEWS.replace("given", "observed"), "noise_contrastive", {}),
    (VIEWS.replace("given", "observed"), "infonce", {}),
    (VIEWS.replace("given", "observed"), "masked", {}),
    (ENERGY, "contrastive", {"negatives": "batch", "loss": "sharp"}),
    (ENERGY, "ntxent", {}),
    (ENERGY, "ratio_matching", {}),
    (ENERGY, "pseudo_likelihood", {}),
    (ENERGY, "minimum_probability_flow", {}),
    (ENERGY, "denoising", {}),
    (ENERGY, "adversarial", {}),
    (ENERGY, "score_matching", {"form": "rough"}),
    (BITS, "score_matching", {}),
    (CODED.replace("sq(y - yhat) / 2", "l1(y - yhat)"), "masked", {}),
]


def model(program: str) -> Model:
    """Check a program whose players are named later."""
    file, problems = parse(Source("law", f"model law\n{program}"))
    assert file is not None
    assert problems.ok
    found = Diagnostics()
    made = check(file, found)
    assert made is not None, [each.message for each in found.all]
    return made


def strategy(word: str, options: dict[str, str]) -> Strategy:
    """Return a strategy with these options."""
    kind = cast("Any", find(Strategy, word))
    made: Strategy = kind(**options)
    return made


def written(program: str, word: str, options: dict[str, str]) -> tuple[str, ...]:
    """Write a strategy out for every parameter of a program."""
    asked = Expandable(model(program))
    return strategy(word, options).expand(asked, asked.trained(()))


def test_every_strategy_has_its_row() -> None:
    assert {word for _, word, _, _ in ROWS} == set(words(Strategy))


def test_every_strategy_that_needs_something_refuses_what_lacks_it() -> None:
    assert {word for _, word, _ in REFUSED} == set(words(Strategy)) - {"energy"}


@pytest.mark.parametrize(
    ("program", "word", "options", "lines"), ROWS, ids=lambda v: str(v)[:30]
)
def test_the_row_of_the_table_is_written(
    program: str, word: str, options: dict[str, str], lines: tuple[str, ...]
) -> None:
    assert strategy(word, options).misfit(Expandable(model(program))) is None
    assert written(program, word, options) == lines


@pytest.mark.parametrize(
    ("program", "word", "options", "lines"), ROWS, ids=lambda v: str(v)[:30]
)
def test_what_is_written_parses(
    program: str, word: str, options: dict[str, str], lines: tuple[str, ...]
) -> None:
    del program, word, options
    file, problems = parse(Source("law", "model law\n" + "\n".join(lines)))
    assert problems.ok
    assert file is not None
    assert len(file.statements) == len(lines)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_compare_two_energies(loss: str) -> None:
    *_, last = written(ENERGY, "contrastive", {"negatives": "batch", "loss": loss})
    assert last == f"train W by minimize({LOSSES[loss]})"


@pytest.mark.parametrize(("program", "word", "options"), REFUSED, ids=lambda v: str(v)[:30])
def test_what_does_not_suit_is_refused_with_a_reason(
    program: str, word: str, options: dict[str, str]
) -> None:
    made = strategy(word, options)
    refused = made.misfit(Expandable(model(program)))
    fault = made.fault()
    if isinstance(refused, Misfit):
        assert refused.reason
    else:
        assert fault is not None
        assert fault.reason or fault.known


def test_neighbors_that_are_data_do_not_count() -> None:
    program = "data d = digits() |> binarize(0.5)\n" + BITS.replace(
        "[8]", "[64] from d"
    ).replace("8, 8", "64, 64")
    first, _ = written(program, "minimum_probability_flow", {})
    assert first == "negative yf[i in 0..63] from flip(y, i, unless = d)"


def test_an_indexed_cost_is_masked_at_its_index() -> None:
    program = """
observed y[t in 1..4] : real[3]
param W : real[3, 3]
predictor p[t] = W @ y[t]
cost miss[t] = sq(y[t] - p[t])
"""
    assert written(program, "masked", {}) == (
        "random m[t in 1..4] : binary ~ bernoulli(0.15)",
        "predictor p[t] = W @ (hide(y[t], where = m[t]))",
        "cost miss[t] = m[t] * sq(y[t] - p[t])",
        "train W by minimize(F)",
    )
