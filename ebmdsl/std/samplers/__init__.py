"""Samplers, one word a file."""
