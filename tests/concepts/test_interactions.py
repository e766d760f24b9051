"""What is said of an elimination: its cost, or why its tables cannot be held."""

from __future__ import annotations

from ebmdsl.concepts.interactions import Interactions, bytes_of, power_of_two


def test_counts_and_memory_are_written_shortly() -> None:
    assert power_of_two(2**60) == "2^60"
    assert power_of_two(1000) == "1000"
    assert bytes_of(1) == "4 B"
    assert bytes_of(2**28) == "1 GiB"
    assert bytes_of(2**90).endswith("EiB")


def test_a_graph_is_possible_while_its_tables_can_be_held() -> None:
    held = Interactions((2, 2), ((0, 1),), (0, 1), (4, 2))
    assert held.possible
    assert (held.largest, held.work) == (4, 6)
    assert not Interactions((2, 2), ((0, 1),), (0,), (2**30,)).possible
