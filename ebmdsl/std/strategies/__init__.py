"""Training strategies, one word a file."""
