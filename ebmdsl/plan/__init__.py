"""From the factor graph to a plan: how each latent disappears and each parameter moves."""
