"""The catalogue: data sets."""
