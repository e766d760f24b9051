"""The words for solvers: one file each."""
