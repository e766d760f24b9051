"""Schedules: scalars that depend on the training step."""
