"""The catalogue: one file is one word of the language."""
