"""Players: each moves exactly its own parameters, at its turn, on its own loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ebmdsl.runtime.players import Players, weights_of
from ebmdsl.runtime.start import Start
from tests.runtime.programs import NOISY, SPARSE, started


def _play(players: Players, start: Start, *, step: int) -> list[float]:
    losses: list[float] = []
    values = start.samples.rows(slice(16))
    result = players.module.solve(values, tol=1e-4)
    players.move(
        values, result=result, step=step, watch=lambda x: losses.append(float(x.detach()))
    )
    return losses


def test_a_player_moves_its_own_parameters_at_its_turn(tmp_path: Path) -> None:
    start = started(NOISY, tmp_path)
    players = Players(start.module, steps=10)
    for step, moving in ((0, {"enc", "dec"}), (1, {"enc"}), (2, {"enc", "dec"})):
        before = {name: x.detach().clone() for name, x in start.module.named_parameters()}
        _play(players, start, step=step)
        moved = {
            name.partition(".")[0]
            for name, x in start.module.named_parameters()
            if not torch.equal(x, before[name])
        }
        assert moved == moving


def test_the_second_player_sees_what_the_first_has_done(tmp_path: Path) -> None:
    start = started(NOISY, tmp_path)
    first, second = _play(Players(start.module, steps=10), start, step=0)
    assert second < first


def test_constraints_hold_after_every_step(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path)
    _play(Players(start.module, steps=10), start, step=0)
    lengths = start.module.get_parameter("W").detach().norm(dim=0)
    assert torch.allclose(lengths, torch.ones(12), atol=1e-6)


def test_one_step_is_torch_by_hand(tmp_path: Path) -> None:
    start = started(SPARSE.replace("adam(0.01)", "sgd(0.1)"), tmp_path)
    values = start.samples.rows(slice(16))
    z = start.module.solve(values, tol=1e-3).assignment["z"]
    w = start.module.get_parameter("W").detach().clone().requires_grad_()
    loss = ((values["y"] - z @ w.T) ** 2).sum(-1).mean() / 2
    loss.backward()
    assert w.grad is not None
    expected = w.detach() - 0.1 * w.grad
    expected = expected / expected.norm(dim=0, keepdim=True)
    players = Players(start.module, steps=10)
    result = start.module.solve(values, tol=1e-3)
    players.move(values, result=result, step=0, watch=lambda _: None)
    assert torch.allclose(start.module.get_parameter("W"), expected, atol=1e-6)


def test_rates_follow_their_schedule(tmp_path: Path) -> None:
    text = SPARSE.replace("adam(0.01)", "sgd(decay(0.5, over = 2))")
    start = started(text, tmp_path)
    players = Players(start.module, steps=10)
    for step, rate in ((0, 0.5), (2, 0.25), (6, 0.125)):
        _play(players, start, step=step)
        assert players.players[0].optimizer.param_groups[0]["lr"] == rate


def test_names_stand_for_parameters_and_nets(tmp_path: Path) -> None:
    module = started(NOISY, tmp_path).module
    assert len(weights_of(module, ("enc",))) == 2
    assert len(weights_of(module, ("enc", "dec"))) == 4
    assert len(weights_of(module, ("dec.linear.weight",))) == 1


def test_what_a_step_keeps_does_not_grow_with_the_search(tmp_path: Path) -> None:
    few, many = (_kept_bytes(steps, tmp_path) for steps in (10, 1000))
    assert few == many
    assert 0 < many < 1e6


def _kept_bytes(steps: int, out: Path) -> int:
    """Count what autograd keeps of a loss whose codes took exactly so many steps to find."""
    method = f"infer z by minimize with gradient_descent(steps = {steps}, rate = 0.1)"
    smooth = SPARSE.replace("l1(z)", "sq(z)").replace("infer z by minimize", method)
    start = started(smooth, out)
    values = start.samples.rows(slice(16))
    result = start.module.solve(values, tol=1e-3)
    (update,) = start.plan.updates
    loss = start.module.objective(update, values, result=result)
    assert int(result.steps.max()) == steps
    return sum(_saved(loss).values())


def _saved(loss: torch.Tensor) -> dict[int, int]:
    """Map the storage of every tensor in a graph to its size."""
    found: dict[int, int] = {}
    pending: list[Any] = [loss.grad_fn]
    while pending:
        node = pending.pop()
        pending += [after for after, _ in node.next_functions if after is not None]
        held = [getattr(node, name) for name in dir(node) if name.startswith("_saved_")]
        storages = [x.untyped_storage() for x in held if isinstance(x, torch.Tensor)]
        found |= {each.data_ptr(): each.nbytes() for each in storages}
    return found


def test_what_is_kept_of_a_matrix_is_made_anew_after_a_step(tmp_path: Path) -> None:
    text = SPARSE.replace(" with unit_columns", "").replace("lam * l1(z)", "lam * sq(z)")
    start = started(text, tmp_path)
    _play(Players(start.module, steps=10), start, step=0)
    values = start.samples.rows(slice(16))
    found = start.module.solve(values, tol=1e-4).assignment["z"]
    w = start.module.get_parameter("W").detach()
    system = w.T @ w + 0.2 * torch.eye(w.shape[1])
    by_hand = torch.linalg.solve(system, w.T @ values["y"].T).T
    torch.testing.assert_close(found, by_hand, rtol=1e-3, atol=1e-3)
