"""Optimizers: how parameters move along a gradient."""
