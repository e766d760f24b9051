"""Functions: what an expression may call."""
