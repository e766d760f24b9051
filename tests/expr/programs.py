"""The energies whose structure must be found, those that run and those that do not yet."""

from __future__ import annotations

MODELS: dict[str, str] = {
    "sparse_coding": """
        observed y : real[12]
        latent   z : real[20]
        param    W : real[12, 20] with unit_columns
        decoder  yhat = W @ z
        cost        recon  = sq(y - yhat) / 2
        regularizer sparse = 0.5 * l1(z)
        infer z by minimize
    """,
    "kmeans": """
        observed y : real[2]
        latent   z : onehot[20]
        param    W : real[2, 20]
        cost distortion = sq(y - W @ z)
        infer z by minimize
    """,
    "pca": """
        observed y : real[16]
        latent   z : real[3]
        param    W : real[16, 3] with orthonormal
        param   mu : real[16]
        decoder yhat = mu + W @ z
        cost    recon = sq(y - yhat)
        infer z by minimize
    """,
    "psd": """
        observed y : real[12]
        latent   z : real[20]
        param    W : real[12, 20] with unit_columns
        net    enc = linear(20) |> tanh |> gain
        decoder yhat = W @ z
        encoder zhat = enc(y)
        cost        recon  = sq(y - yhat) / 2
        regularizer sparse = 0.5 * l1(z)
        cost        agree  = 2 * sq(z - zhat) / 2
        infer z by minimize from zhat
    """,
    "rbm": """
        observed v : binary[7]
        latent   h : binary[5]
        param W : real[7, 5]
        param b : real[7]
        param c : real[5]
        cost interaction = -(v @ W @ h)
        cost bias        = -dot(b, v) - dot(c, h)
        infer h by marginalize
    """,
    "hmm": """
        observed y[t in 1..64] : token[27]
        latent   s[t in 1..64] : onehot[8]
        param A : simplex[8, 8]
        param B : simplex[8, 27]
        cost trans[t] = -log(s[t-1] @ A @ s[t])
        cost emit[t]  = -log((s[t] @ B)[y[t]])
        infer s by minimize
    """,
    "kalman": """
        observed y[t in 1..50] : real[2]
        latent   s[t in 1..50] : real[4]
        param A : real[4, 4]
        param C : real[2, 4]
        param q : positive
        param r : positive
        cost first   = sq(s[1]) / 2
        cost move[t] = sq(s[t] - A @ s[t-1]) / (2 * q^2)
        cost see[t]  = sq(y[t] - C @ s[t]) / (2 * r^2)
        infer s by minimize
    """,
    "vae": """
        observed y : real[16]
        latent   z : real[4]
        net dec = linear(8) |> relu |> linear(16)
        decoder logits = dec(z)
        cost        recon = bce(logits, y)
        regularizer prior = sq(z) / 2
        infer z by minimize
    """,
    "moco": """
        given    x : real[1, 28, 28]
        observed y : real[1, 28, 28]
        net   f   = conv(4, 3, stride = 2) |> relu |> flatten |> linear(8) |> unit
        state key = ema(f, 0.99)
        cost similarity = -dot(f(x), key(y))
    """,
    "conv_psd": """
        observed y : real[1, 16, 16]
        latent   z : real[3, 20, 20]
        net dec = conv(1, 5, bias = none) with unit_kernels
        net enc = conv(3, 5, pad = full) |> tanh |> gain
        decoder yhat = dec(z)
        encoder zhat = enc(y)
        cost        recon  = sq(y - yhat) / 2
        regularizer sparse = 0.6 * l1(z)
        loss        agree  = sq(z - zhat) / 2
        infer z by minimize from zhat
    """,
    "group_l2": """
        observed y : real[12]
        latent   z[g in 1..4] : real[5]
        param    W[g in 1..4] : real[12, 5]
        cost        part[g]   = sq(y - W[g] @ z[g]) / 2
        regularizer group[g]  = 0.5 * l2(z[g])
        infer z by minimize
    """,
    "group_l2_as_root": """
        observed y : real[12]
        latent   z : real[5]
        param    W : real[12, 5]
        cost        recon = sq(y - W @ z) / 2
        regularizer group = 0.5 * sqrt(sum(z^2))
        infer z by minimize
    """,
    "mixture": """
        observed y : real[6]
        latent   c : onehot[4]
        latent   z : real[2]
        param    M : real[6, 4]
        param    W : real[6, 2]
        cost        recon = sq(y - M @ c - W @ z) / 2
        regularizer prior = sq(z) / 2
        infer c, z by minimize
    """,
    "gated_mixture": """
        observed y : real[6]
        latent   c : onehot[4]
        latent   z : real[2]
        param    s : real[4]
        param    W : real[6, 2]
        cost        recon = sq(y - s[c] * (W @ z)) / 2
        regularizer prior = sq(z) / 2
        infer c, z by minimize
    """,
    "score_matching": """
        observed y : real[6]
        param    A : real[6, 6] with symmetric
        param    b : real[6]
        cost form = dot(y, A @ y) / 2 - dot(b, y)
        loss score = sq(grad(E, y)) / 2 - laplacian(E, y)
    """,
    "lateral_inhibition": """
        observed y : real[12]
        latent   z : real[20]
        param    W : real[12, 20]
        param    S : nonneg[20, 20]
        cost        recon   = sq(y - W @ z) / 2
        regularizer compete = abs(z) @ S @ abs(z)
        infer z by minimize
    """,
    "nuclear_norm": """
        observed y : real[6, 5]
        latent   z : real[6, 5]
        cost        fit = sq(y - z) / 2
        regularizer low = 0.3 * nuclear(z)
        infer z by minimize
    """,
    "tica": """
        observed y : real[16]
        param W : real[16, 16] with orthonormal
        encoder sheet = reshape(W @ y, 4, 4)
        cost energy = sum(sqrt(window_sum(sheet^2, 3, edges = wrap) + 5e-3))
    """,
    "mean_field": """
        observed y[t in 0..9] : real[2]
        latent z[t in 0..9] : real[2]
        cost see[t] = sq(y[t] - z[t]) / 2
        cost tied   = sq(mean[t](z[t]))
        infer z by minimize
    """,
    "smooth_track": """
        observed y[t in 0..9] : real[2]
        latent   z[t in 0..9] : real[2]
        cost see[t]   = sq(y[t] - z[t]) / 2
        cost bend[t]  = sq(z[t] - 2 * z[t-1] + z[t-2])
        infer z by minimize
    """,
}


def program(name: str) -> str:
    """One of the energies as a whole program."""
    lines = (line.removeprefix("        ") for line in MODELS[name].strip("\n").splitlines())
    return f"model {name}\n" + "\n".join(lines).rstrip() + "\n"
