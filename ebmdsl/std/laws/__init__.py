"""Laws: how initial values and random nodes are drawn."""
