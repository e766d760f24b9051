"""Lints: what a program says that it surely does not mean, one lint a file."""
