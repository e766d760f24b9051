"""Constraints: what a parameter obeys as a whole."""
