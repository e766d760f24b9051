"""The catalogue: steps of a data pipeline."""
