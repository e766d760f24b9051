"""Factor graphs written by hand: the shapes of picture that the lectures show."""

from __future__ import annotations

from typing import get_args

from ebmdsl.concepts.domain import REAL, Domain
from ebmdsl.expr.build import const
from ebmdsl.expr.node import Plate
from ebmdsl.graph.factor_graph import (
    Block,
    BlockRole,
    Factor,
    FactorGraph,
    FactorId,
    TermKind,
    Variable,
    VariableRole,
    VarId,
)

Shape = tuple[int, ...]


def ids(names: str) -> tuple[VarId, ...]:
    return tuple(VarId(name) for name in names.split())


def variable(
    text: str,
    shape: Shape = (),
    *,
    domain: Domain = REAL,
    plates: tuple[Plate, ...] = (),
    constraints: str = "",
) -> Variable:
    """Write a variable as `role name`, and a latent with how it disappears."""
    role, name, *found = text.split()
    known: dict[str, VariableRole] = {each: each for each in ROLES}
    return Variable(
        VarId(name),
        known[role],
        domain,
        shape,
        plates,
        found=" ".join(found),
        constraints=tuple(constraints.split()),
    )


ROLES: tuple[VariableRole, ...] = get_args(VariableRole)
BLOCKS: tuple[BlockRole, ...] = get_args(BlockRole)
TERMS: tuple[TermKind, ...] = get_args(TermKind)


def block(
    text: str, inputs: str, shape: Shape = (), *, plates: tuple[Plate, ...] = ()
) -> Block:
    """Write a deterministic node as `role name = formula`, or `~` for a law."""
    role, name, sign, formula = text.split(maxsplit=3)
    known: dict[str, BlockRole] = {each: each for each in BLOCKS}
    return Block(
        VarId(name),
        known[role],
        ids(inputs),
        formula,
        shape,
        plates,
        random=sign == "~",
    )


def term(text: str, inputs: str, *, plates: tuple[Plate, ...] = ()) -> Factor:
    """Write a term as `kind name = formula`."""
    kind, name, _, formula = text.split(maxsplit=3)
    known: dict[str, TermKind] = {each: each for each in TERMS}
    return Factor(FactorId(name), known[kind], ids(inputs), const(0), formula, plates)


def sparse_coding() -> FactorGraph:
    return FactorGraph(
        "sparse_coding",
        (
            variable("observed y", (144,)),
            variable("latent z minimize", (256,)),
            variable("param W", (144, 256), constraints="unit_columns"),
        ),
        (block("decoder yhat = W @ z", "W z", (144,)),),
        (
            term("cost recon = sq(y - yhat) / 2", "y yhat"),
            term("regularizer sparse = lam * l1(z)", "z"),
        ),
    )


def kmeans() -> FactorGraph:
    return FactorGraph(
        "kmeans",
        (
            variable("observed y", (2,)),
            variable("latent z minimize", (20,), domain=Domain("onehot")),
            variable("param W", (2, 20)),
        ),
        (),
        (term("cost distortion = sq(y - W @ z)", "y W z"),),
    )


def psd() -> FactorGraph:
    base = sparse_coding()
    return FactorGraph(
        "psd",
        base.variables,
        (
            *base.blocks,
            block("net enc = linear(k) |> tanh |> gain", "", ()),
            block("encoder zhat = enc(y)", "enc y", (256,)),
        ),
        (*base.factors, term("cost agree = alpha * sq(z - zhat) / 2", "z zhat")),
    )


def rbm() -> FactorGraph:
    binary = Domain("binary")
    return FactorGraph(
        "rbm",
        (
            variable("observed v", (784,), domain=binary),
            variable("latent h marginalize", (256,), domain=binary),
            variable("param W", (784, 256)),
            variable("param b", (784,)),
            variable("param c", (256,)),
        ),
        (),
        (
            term("cost interaction = -(v @ W @ h)", "v W h"),
            term("cost bias = -dot(b, v) - dot(c, h)", "b v c h"),
        ),
    )


def hmm() -> FactorGraph:
    time, later = (Plate("t", 1, 64),), (Plate("t", 2, 63),)
    return FactorGraph(
        "hmm",
        (
            variable("observed y", domain=Domain("token", 27), plates=time),
            variable("latent s marginalize", (8,), domain=Domain("onehot"), plates=time),
            variable("param A", (8, 8), domain=Domain("simplex")),
            variable("param B", (8, 27), domain=Domain("simplex")),
        ),
        (),
        (
            term("cost trans = -log(s[t-1] @ A @ s[t])", "s A", plates=later),
            term("cost emit = -log((s[t] @ B)[y[t]])", "s B y", plates=time),
        ),
    )


def kalman() -> FactorGraph:
    """A chain with several weights on one term, and a term outside of the plate."""
    time, later = (Plate("t", 1, 50),), (Plate("t", 2, 49),)
    return FactorGraph(
        "kalman",
        (
            variable("observed y", (2,), plates=time),
            variable("latent s marginalize", (4,), plates=time),
            variable("param A", (4, 4)),
            variable("param C", (2, 4)),
            variable("param q", domain=Domain("positive")),
            variable("param r", domain=Domain("positive")),
        ),
        (),
        (
            term("cost first = sq(s[1]) / 2", "s"),
            term("cost move = sq(s[t] - A @ s[t-1]) / (2 * q^2)", "s A q", plates=later),
            term("cost see = sq(y[t] - C @ s[t]) / (2 * r^2)", "y C s r", plates=time),
        ),
    )


def vq() -> FactorGraph:
    """Three terms between an encoder and a dictionary."""
    return FactorGraph(
        "vq",
        (
            variable("observed y", (64,)),
            variable("latent z minimize(…)", (100,), domain=Domain("onehot")),
            variable("param code", (8, 100)),
        ),
        (
            block("net enc = linear |> relu |> linear", ""),
            block("net dec = linear |> relu |> linear", ""),
            block("encoder e = enc(y)", "enc y", (8,)),
            block("let q = code @ z", "code z", (8,)),
            block("decoder yhat = dec(e + stop(q - e))", "dec e q", (64,)),
        ),
        (
            term("cost recon = sq(y - yhat)", "y yhat"),
            term("cost book = sq(stop(e) - q)", "e q"),
            term("regularizer commit = sq(e - stop(q)) / 4", "e q"),
        ),
    )


def linearize() -> FactorGraph:
    """A prediction with a latent that says what cannot be foreseen."""
    frames = (Plate("t", 0, 3),)
    return FactorGraph(
        "linearize",
        (
            variable("observed x", (1, 32, 32), plates=frames),
            variable("latent delta minimize", (3,)),
            variable("param W1", (4096, 3)),
        ),
        (
            block("net enc = conv(16, 9) |> relu |> conv(32, 9) |> relu |> flatten", ""),
            block("net dec = linear(8192) |> relu |> reshape(32, 16, 16)", ""),
            block("encoder z = enc(x[t])", "enc x", (4096,), plates=frames),
            block(
                "predictor znext = z[1] + (W1 @ delta) * (2 * z[1] - z[0])",
                "z W1 delta",
                (4096,),
            ),
            block("decoder xnext = dec(znext)", "dec znext", (1, 32, 32)),
        ),
        (
            term("cost predict_next = sq(x[2] - xnext) / 2", "x xnext"),
            term("regularizer curvature = -lam * cos(z[1] - z[0], z[2] - z[1])", "z"),
        ),
    )


def vae() -> FactorGraph:
    return FactorGraph(
        "vae",
        (
            variable("observed y", (784,)),
            variable("latent z marginalize", (20,)),
        ),
        (
            block("encoder zq ~ normal(mu(body(y)), exp(lv(body(y)) / 2))", "y", (20,)),
            block("decoder logits = dec(z)", "z", (784,)),
        ),
        (
            term("cost recon = bce(logits, y)", "logits y"),
            term("regularizer prior = sq(z) / 2", "z"),
        ),
    )


def moco() -> FactorGraph:
    return FactorGraph(
        "moco",
        (
            variable("given x", (1, 28, 28)),
            variable("observed y", (1, 28, 28)),
            variable("state key"),
        ),
        (block("net f = conv(32, 3) |> relu |> flatten |> linear(64) |> unit", ""),),
        (term("cost similarity = -dot(f(x), key(y))", "f x key y"),),
    )


def conv_psd() -> FactorGraph:
    return FactorGraph(
        "conv_psd",
        (
            variable("observed y", (1, 32, 32)),
            variable("latent z minimize", (16, 40, 40)),
        ),
        (
            block("net dec = conv(1, s, bias = none)", ""),
            block("net enc = conv(K, s, pad = full) |> tanh |> gain", ""),
            block("decoder yhat = dec(z)", "dec z", (1, 32, 32)),
            block("encoder zhat = enc(y)", "enc y", (16, 40, 40)),
        ),
        (
            term("cost recon = sq(y - yhat) / 2", "y yhat"),
            term("regularizer sparse = lam * l1(z)", "z"),
            term("loss agree = sq(z - zhat) / 2", "z zhat"),
        ),
    )


def gan() -> FactorGraph:
    return FactorGraph(
        "ebgan",
        (variable("observed y", (784,)), variable("random u", (16,))),
        (
            block("generator fake = G(u)", "u", (784,)),
            block("encoder code = enc(y)", "y", (32,)),
            block("decoder back = dec(code)", "code", (784,)),
        ),
        (term("cost recon = sq(back - y)", "back y"),),
    )


def tower(height: int = 12) -> FactorGraph:
    """A deep stack of latents, 40 nodes at the default height."""
    variables = [variable("observed y", (64,))]
    blocks: list[Block] = []
    terms: list[Factor] = []
    below = "y"
    for level in range(1, height + 1):
        variables.append(variable(f"latent z{level} minimize", (64,)))
        blocks.append(block(f"decoder p{level} = W{level} @ z{level}", f"z{level}", (64,)))
        terms.append(term(f"cost c{level} = sq({below} - p{level})", f"{below} p{level}"))
        below = f"z{level}"
    terms.append(term("regularizer top = l1(z12)", below))
    return FactorGraph("tower", tuple(variables), tuple(blocks), tuple(terms))


SKETCHES = (
    sparse_coding, kmeans, psd, rbm, hmm, kalman, linearize, vq, vae, moco, conv_psd, gan,
    tower,
)  # fmt: skip
