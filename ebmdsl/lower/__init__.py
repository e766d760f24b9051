"""Plan to torch: the first layer that may import it."""
