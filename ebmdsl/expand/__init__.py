"""Strategies as macros: from a model to the same model in the core form."""
