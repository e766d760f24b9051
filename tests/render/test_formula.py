"""Formulas read as on a slide."""

from __future__ import annotations

import pytest

from ebmdsl.render.formula import formula, shortened, subscripts, symbol

WRITTEN = {
    "sq(y - yhat) / 2": "½‖y − ŷ‖²",
    "lam * l1(z)": "λ‖z‖₁",
    "alpha * sq(z - zhat) / 2": "½α‖z − ẑ‖²",
    "W @ z": "W z",
    "(A + B) @ z": "(A + B) z",
    "A @ (B @ z)": "A (B z)",
    "-(v @ W @ h)": "−v W h",
    "-dot(b, v) - dot(c, h)": "−⟨b, v⟩ − ⟨c, h⟩",
    "a - (b - c)": "a − (b − c)",
    "(a - b) - c": "a − b − c",
    "a / (b * c)": "a / (b · c)",
    "-log(s[t-1] @ A @ s[t])": "−log(sₜ₋₁ A sₜ)",
    "-lam * cos(a, b)": "−λ cos(a, b)",
    "2 * z[1] - z[0]": "2z₁ − z₀",
    "sq(s[t] - A @ s[t-1]) / (2 * q^2)": "‖sₜ − A sₜ₋₁‖² / (2q²)",
    "(a + b)^2": "(a + b)²",
    "a^b": "a^b",
    "a^0.5": "a^0.5",
    "W.T @ y": "Wᵀ y",
    "u -> u^2": "u ↦ u²",
    "conv(16, 9) |> reshape(2, 3)": "conv(16, 9) ▷ reshape(2, 3)",
    "relu(conv(y, pad = full))": "[conv(y, pad = full)]₊",
    "y == 0": "y = 0",
    "crop(0.6, 10%)": "crop(0.6, 10%)",
    'letters("brown")': "letters(“brown”)",
    "f([1, 2])": "f([1, 2])",
    "x[0..2]": "x[0…2]",
    "z[t].what": "zₜ.what",
    "exp(lv(y) / 2)": "exp(½lv(y))",
    "reshape(W @ y, n, n)": "reshape(W y, n, n)",
    "sum(sqrt(u))": "Σ √(u)",
    "y / 7": "y / 7",
    "3 / 4": "3 / 4",
}


@pytest.mark.parametrize(("text", "written"), WRITTEN.items())
def test_a_formula_reads_as_on_a_slide(text: str, written: str) -> None:
    assert formula(text) == written


@pytest.mark.parametrize("text", ["", "a +", ") (", "cost x = 1", "1\ncost b = 2"])
def test_what_does_not_parse_stays(text: str) -> None:
    assert formula(text) == text


def test_names_become_letters_only_where_a_letter_stands() -> None:
    names = ["lam", "yhat", "xhat", "W1", "mu_2", "recon", "that", "m2m", "ẑ", "delta"]
    written = ["λ", "ŷ", "x̂", "W₁", "μ₂", "recon", "t̂", "m2m", "ẑ", "δ"]
    assert [symbol(name) for name in names] == written
    assert symbol("loghat") == "loghat"


def test_indices_of_a_name_are_listed_once() -> None:
    assert subscripts("z[1] + W @ z[0] + z[1] * x[2]", "z") == ("1", "0")
    assert subscripts("z + x[2]", "z") == ()
    assert subscripts("z[", "z") == ()


def test_a_long_text_ends_in_an_ellipsis() -> None:
    assert shortened("abcdefgh", 8) == "abcdefgh"
    assert shortened("abcdefghi", 8) == "abcdefg…"
    assert shortened("abcdef hi", 8) == "abcdef…"
