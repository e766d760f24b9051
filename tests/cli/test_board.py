"""What the screen shows of a run."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from ebmdsl.cli.board import Board, sparkline
from ebmdsl.cli.screen import Screen


def step(number: int, total: float) -> dict[str, Any]:
    energy = {"total": total, "recon": total / 2, "sparse": total / 2}
    solver = {"solver_steps": 14.24, "solver_sd": 3.06, "converged": 0.9961, "gap": 1e-4}
    return {"step": number, "energy": energy, **solver}


def falling() -> Board:
    board = Board(facts={"steps": 8})
    for epoch, totals in enumerate([(8.0, 6.0), (4.0, 2.0)], start=1):
        for number, total in enumerate(totals):
            board.add_step(step(2 * epoch + number, total))
        board.add_epoch({"epoch": epoch})
    return board


def test_a_row_tells_now_best_change_and_trend() -> None:
    total, recon, sparse = falling().rows()
    assert (total.name, total.now, total.best, total.change) == ("total", "3", "3", "-57.1 %")
    assert total.trend == "█▁"
    assert [recon.name, sparse.name] == ["├ recon", "└ sparse"]


def test_within_an_epoch_the_steps_are_shown() -> None:
    board = Board()
    board.add_step(step(1, 5.0))
    board.add_step(step(2, 4.0))
    assert board.rows()[0].now == "4"
    assert board.rows()[0].trend == "█▁"


def test_other_numbers_stand_beside() -> None:
    solver = [("solver steps", "14.2 ± 3.1"), ("converged", "99.6%"), ("gap", "0.0001")]
    assert falling().remarks() == solver
    assert falling().share_done() == 5 / 8


def test_a_long_series_is_ten_bars_and_a_flat_one_flat() -> None:
    assert sparkline([float(value) for value in range(1000)]) == "▁▂▃▃▄▅▆▆▇█"
    assert sparkline([2.0, 2.0]) == "▁▁"
    assert sparkline([float("nan"), 1.0]) == "▁"


def test_the_screen_fits_eighty_columns() -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=True)
    screen = Screen(console)
    screen.started({"run": "psd-1", "steps": 8, "epochs": 4, "seed": 0})
    screen.step(step(1, 5.0))
    screen.epoch({"epoch": 1})
    screen.finished({})
    screen.close()
    plain = Console(width=80, record=True, file=io.StringIO())
    plain.print(screen.picture())
    text = plain.export_text()
    assert max(len(line) for line in text.splitlines()) <= 80
    for words in ("psd-1", "step 1/8", "├ recon", "solver steps", "Ctrl-C saves & stops"):
        assert words in text
