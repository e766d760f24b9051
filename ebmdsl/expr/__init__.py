"""Expressions: the immutable DAG, its normal form and the facts proved about it."""
